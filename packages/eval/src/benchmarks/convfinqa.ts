import { defineBenchmark } from "../benchmark.ts";
import type { DraftItem, EvalItem, Fields, Layout, Reading } from "../item.ts";
import { goldsOf, groupsOf, missing, withExtras } from "../layouts/common.ts";
import { asText, isFields, textOf, textsOf } from "../layouts/fields.ts";

/**
 * ConvFinQA's own layout: one record is a conversation about a report page, or, in its turn files, one turn of it. Each turn gives an
 * item whose earlier turns are shown with their answers; the test set's answers are withheld.
 */
const conversationLayout: Layout = (fields) => {
  const annotation = isFields(fields.annotation) ? fields.annotation : undefined;
  if (!annotation || !("dialogue_break" in annotation || "cur_dial" in annotation)) return undefined;
  const questions = listOf(annotation.dialogue_break ?? annotation.cur_dial);
  if (questions.length === 0) return missing("question", ["annotation.dialogue_break"]);
  const answers = listOf(annotation.exe_ans_list);
  const only = turnOf(annotation);
  if (only !== undefined) answers[only] = asText(annotation.exe_ans) ?? answers[only] ?? "";
  if (answers.length === 0 || (only !== undefined && answers[only] === ""))
    return missing("gold", ["annotation.exe_ans_list"]);
  const context = pageOf(fields);
  const turns = questions.map((question, i) => `${question} ${answers[i] ?? ""}`.trim());
  return questions.flatMap((question, i): DraftItem[] => {
    const answer = answers[i];
    if (answer === undefined || (only !== undefined && only !== i)) return [];
    const id = textOf(fields, "id");
    const groups = { turn: String(i + 1), document: (id ?? "").startsWith("Double") ? "double" : "single" };
    return [
      { id: id ? `${id}#${i + 1}` : undefined, question, golds: [answer], context, turns: turns.slice(0, i), groups },
    ];
  });
};

/** The turn that a record of a turn file is about, counted from 0; undefined for a whole conversation. */
function turnOf(annotation: Fields): number | undefined {
  const stated = textOf(annotation, "turn_ind");
  if (stated !== undefined) return Number(stated);
  const asked = listOf(annotation.cur_dial).length;
  return asked > 0 ? asked - 1 : undefined;
}

/** Re-hosts that write page, conversation and question into one text (`query` of FLARE, `input` of FinGPT), the last question last. */
const textLayout: Layout = (fields) => {
  const text = textOf(fields, "query", "input");
  if (text === undefined) return undefined;
  const golds = goldsOf(fields, ["answer", "output"]);
  if (golds.length === 0) return missing("gold", ["answer", "output"]);
  const cue = [...text.matchAll(/\bquestion:/gi)].at(-1);
  const context = text.slice(0, cue?.index ?? 0);
  const question =
    cue === undefined
      ? text
      : text
          .slice(cue.index + cue[0].length)
          .trimEnd()
          .replace(/\banswer:$/i, "");
  const turn = textOf(fields, "turn");
  const groups = groupsOf({ turn: turn === undefined ? undefined : String(Number(turn) + 1) });
  return { ...withExtras(fields, { question: question.trim(), golds, context: context.trim() }), groups };
};

/** The method's own file: `question`, `context`, `previous_question`, `golds`. */
const processedLayout: Layout = (fields): Reading => {
  const question = textOf(fields, "question");
  const context = textOf(fields, "context");
  if (question === undefined || context === undefined) return undefined;
  const golds = goldsOf(fields, ["golds", "golden_answers", "answers", "answer"]);
  if (golds.length === 0) return missing("gold", ["golds", "answers", "answer"]);
  return withExtras(fields, { question, golds, context, turns: textsOf(fields.previous_question) });
};

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map((entry) => asText(entry) ?? "") : [];
}

function pageOf(fields: Fields): string {
  const rows = Array.isArray(fields.table) ? fields.table : [];
  const table = rows.map((row) => (Array.isArray(row) ? row.map(String).join(" | ") : String(row)));
  return [...listOf(fields.pre_text), ...table, ...listOf(fields.post_text)].filter((line) => line !== "").join("\n");
}

// The headings and their order are the published evaluation's; the request is in our words.
function askInConversation({ question, context = "", turns = [] }: EvalItem): string {
  const request = "Work out the answer to the last question from the context and the earlier turns.";
  const earlier = turns.length > 0 ? `\n${turns.join("\n")}` : "";
  return `${request}\n\n### Context:\n${context}\n\n### Previous Questions and Answers:${earlier}\n\n### Question:\n${question}`;
}

/** ConvFinQA (Chen et al. 2022): a conversation about a page of a financial report; answers are figures, yes or no. */
export const convfinqa = defineBenchmark({
  id: "convfinqa",
  name: "ConvFinQA",
  column: "CFQA",
  numeric: true,
  reference: "number",
  sources: ["ConvFinQA_test_retrieved"],
  layouts: [conversationLayout, processedLayout, textLayout],
  instruction: askInConversation,
});
