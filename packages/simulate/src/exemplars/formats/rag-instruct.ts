import type { BuiltinParadigmId } from "@rag-instruct/core";
import { readDocuments } from "./documents.ts";
import { asQuestion, optionList, textField } from "./fields.ts";
import { type ExemplarFormat, otherShape } from "./format.ts";

// The names of the five scenarios in the method's own file.
const scenarios: Readonly<Record<string, BuiltinParadigmId>> = {
  "single-doc-useless": "useless-doc",
  "single-doc-support": "single-doc-support",
  "multi-doc-support": "multi-doc-support",
  "single-doc-answer": "single-doc-answer",
  "multi-doc-answer": "multi-doc-answer",
};

// The file spells these datasets in ways of its own.
const sources: Readonly<Record<string, string>> = { slimOcar: "SlimOrca", camelai: "CamelAI" };

/** The method's own data.json: an example question with the source documents retrieved for it in `context`. */
export const ragInstructFormat: ExemplarFormat = {
  name: "rag-instruct",
  matches: (row) => "example_question" in row,
  read(row) {
    if (!("example_question" in row)) return otherShape(row, "example_question");
    const result = asQuestion(row.example_question, "its example_question");
    if ("unread" in result) return result;
    const documents = readDocuments(row.context);
    if (!documents) {
      return { unread: "bad-documents", detail: "its context is not a list of documents with id and text" };
    }
    const scenario = textField(row, "task")?.toLowerCase().replace(/\W+/g, "-");
    const source = textField(row, "source");
    const options = optionList(row.Options ?? row.options);
    return {
      ...result,
      ...(source ? { source: sources[source] ?? source } : {}),
      ...(documents.length > 0 ? { documents } : {}),
      ...(scenario ? { paradigm: scenarios[scenario] ?? scenario } : {}),
      ...(options ? { options } : {}),
    };
  },
};
