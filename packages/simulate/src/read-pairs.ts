import { hashOf, isObject, type Pair, type Passage, RagInstructError } from "@rag-instruct/core";
import { readRecords } from "@rag-instruct/core/node";
import { optionList, type Row, textField } from "./exemplars/formats/format.ts";
import { scenarioParadigm } from "./exemplars/formats/questions.ts";

/** Options of {@link readPairs}. */
export interface ReadPairsOptions {
  /** Paradigm of records that name none. @default such a record throws */
  paradigm?: string;
  signal?: AbortSignal;
}

/**
 * Reads pairs that exist already from one or several files of JSONL, JSON, CSV or Parquet: records with `question`, `answer` and
 * `documents`, as in `pairs.jsonl` and `train.jsonl`, whose noise documents are left out; and what the method's published generator writes,
 * with `q*`, `a*`, `context` and the scenario as `task`. Documents are objects or plain texts; one that stands twice counts once. Ids that are
 * missing are hashes of the content. Throws `bad-record` with file and line.
 */
export async function* readPairs(
  paths: string | readonly string[],
  { paradigm, signal }: ReadPairsOptions = {},
): AsyncGenerator<Pair> {
  for (const path of [paths].flat()) {
    for await (const { value, file, line } of readRecords(path, { signal })) {
      const wrong = (what: string) => new RagInstructError("bad-record", `${file}:${line}: ${what}`);
      if (!isObject(value)) throw wrong("a pair must be an object with question, answer and documents");
      yield pairOf(value, { paradigm, wrong });
    }
  }
}

type Wrong = (what: string) => RagInstructError;

function pairOf(record: Row, { paradigm, wrong }: { paradigm: string | undefined; wrong: Wrong }): Pair {
  const isGenerated = "q*" in record || "a*" in record;
  const question = textOf(record, isGenerated ? "q*" : "question", wrong);
  const answer = textOf(record, isGenerated ? "a*" : "answer", wrong);
  const documents = documentsOf(record, wrong);
  const named = record.paradigm ?? scenarioParadigm(textField(record, "task")) ?? paradigm;
  if (typeof named !== "string")
    throw wrong("a pair must name its `paradigm`; give one for all that do not with --paradigm");
  const { id, exemplarId, model, evidence } = record;
  return {
    id: typeof id === "string" ? id : hashOf([question, answer, documents.map(({ text }) => text)]),
    paradigm: named,
    exemplarId: typeof exemplarId === "string" ? exemplarId : "",
    question,
    answer,
    // Those beside an example's question are its own, not those of the question that was written after it.
    options: "example_question" in record ? undefined : optionsOf(record.options ?? record.Options, wrong),
    documents,
    model: typeof model === "string" ? model : "unknown",
    evidence: isObject(evidence) ? (evidence as Record<string, unknown>) : undefined,
  };
}

function textOf(record: Row, key: string, wrong: Wrong): string {
  const text = record[key];
  // As a model writes an answer that is a year or a verdict.
  if (typeof text === "number" || typeof text === "boolean") return String(text);
  if (typeof text === "string" && text.trim() !== "") return text;
  throw wrong(`a pair needs a \`${key}\` with text`);
}

function optionsOf(value: unknown, wrong: Wrong): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const isTexts = Array.isArray(value) && value.every((option) => typeof option === "string");
  const options = isTexts ? value : optionList(value);
  if (options === undefined) throw wrong("`options` must be a list of texts");
  return options.length > 0 ? options : undefined;
}

function documentsOf(record: Row, wrong: Wrong): Passage[] {
  const { documents = record.context } = record;
  const given = isTitled(record, documents)
    ? [{ title: documents[0], text: documents[1] }]
    : Array.isArray(documents)
      ? documents
      : [];
  const sources = given.filter((document) => !isObject(document) || document.role !== "noise");
  if (sources.length === 0) throw wrong("a pair needs `documents`: the list of those it was written from");
  const read = sources.map((document) => documentOf(document, wrong));
  return [...new Map(read.map((document) => [document.id, document])).values()];
}

/** Whether a generator's context is one document: its title and its text. */
function isTitled(record: Row, documents: unknown): documents is [string, string] {
  const isPair = Array.isArray(documents) && documents.length === 2;
  return isPair && "q*" in record && documents.every((part) => typeof part === "string");
}

function documentOf(given: unknown, wrong: Wrong): Passage {
  const { role: _, socre: __, ...document } = isObject(given) ? given : { text: given };
  const { id, title, text } = document as Partial<Record<string, unknown>>;
  if (typeof text !== "string" || (title !== undefined && title !== null && typeof title !== "string"))
    throw wrong("a document needs a `text`");
  const isNamed = (typeof id === "string" && id !== "") || typeof id === "number";
  return { ...document, id: isNamed ? String(id) : hashOf([title ?? "", text]), title: title ?? "", text };
}
