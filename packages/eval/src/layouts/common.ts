import { optionLetter, type Passage } from "@rag-instruct/core";
import type { DraftItem, Fields, Layout, Reading } from "../item.ts";
import { asText, documentsOf, isFields, textOf, textsOf } from "./fields.ts";

const questionKeys = ["question", "query", "instruction", "qText", "utterance", "input", "claim", "question_text"];
const answerKeys = [
  "golds",
  "golden_answers",
  "possible_answers",
  "answers",
  "answer",
  "gold",
  "output",
  "short_answers",
  "label",
  "targetValue",
];
const documentKeys = ["retrieval_ctxs", "ctxs", "paragraphs", "retrieved", "documents", "passages"];
/** Keys of what a question is asked about, which other benchmarks take for a text of their own. */
const contextKeys = ["context", "contexts", "retrieved_contexts"];
const idKeys = ["id", "_id", "qid", "qId", "q_id", "query_id", "question_id", "example_id", "QuestionId"];

/**
 * The layouts that most re-hosts share, by their keys: the method's own file (`golds`, `retrieval_ctxs`), DPR (`question`,
 * `answer` or `answers`, `ctxs`), FlashRAG (`golden_answers`), KILT (`input`, `output[].answer`) and Self-RAG's processed
 * files (`question`, `answers`, `ctxs`).
 */
export const commonLayout: Layout = (fields) => {
  const question = questionOf(fields);
  if (question === undefined) {
    const looksLikeOne = idKeys.some((key) => key in fields) || answerKeys.some((key) => key in fields);
    return looksLikeOne ? missing("question", questionKeys) : undefined;
  }
  return openQuestion(fields, question, goldsOf(fields));
};

// Of Alpaca's `instruction` and `input` the one says what to do with the other.
function questionOf(fields: Fields): string | undefined {
  const [instruction, input] = [textOf(fields, "instruction"), textOf(fields, "input")];
  const both = instruction !== undefined && input !== undefined ? `${instruction}\n\n${input}` : undefined;
  return textOf(fields, "question", "query") ?? both ?? textOf(fields, ...questionKeys);
}

/** An item with its id and documents, those of its context too, or the reason why there is none. */
export function openQuestion(fields: Fields, question: string, golds: string[]): Reading {
  if (golds.length === 0) return missing("gold", answerKeys);
  const item = withExtras(fields, { question, golds });
  return item.documents ? item : { ...item, documents: contextOf(fields) };
}

function contextOf(fields: Fields): Passage[] | undefined {
  const plain = textOf(fields, ...contextKeys);
  const title = textOf(fields, "title");
  if (plain !== undefined) return documentsOf([{ title, text: plain }]);
  return contextKeys.map((key) => documentsOf(fields[key])).find((list) => list.length > 0);
}

/** Adds id, documents and paradigm, where the record has them. */
export function withExtras(fields: Fields, item: DraftItem): DraftItem {
  const id = idOf(fields);
  const documents = documentKeys.map((key) => documentsOf(fields[key])).find((list) => list.length > 0);
  return {
    id,
    documents,
    groups: groupsOf({ paradigm: textOf(fields, "paradigm") }),
    ...item,
  };
}

/** Groups of an item, without those that its record does not state; undefined when it states none. */
export function groupsOf(groups: Readonly<Record<string, string | undefined>>): Record<string, string> | undefined {
  const stated = Object.entries(groups).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return stated.length > 0 ? Object.fromEntries(stated) : undefined;
}

// JSON numbers beyond 2^53 come rounded, so that two ids may have become one: better none than a wrong one.
function idOf(fields: Fields): string | undefined {
  const isExact = (value: unknown) => typeof value !== "number" || Number.isSafeInteger(value);
  return textOf(fields, ...idKeys.filter((key) => isExact(fields[key])));
}

/** The accepted answers of a record, under the first of the keys that has any. */
export function goldsOf(fields: Fields, keys: readonly string[] = answerKeys): string[] {
  for (const key of keys) {
    const value = fields[key];
    const golds = key === "targetValue" ? sempreList(value) : acceptedIn(value);
    if (golds.length > 0) return golds;
  }
  return [];
}

/** The rejection of a record without a question, a gold or options; it names the keys that were looked for. */
export function missing(what: "question" | "gold" | "option", keys: readonly string[]): Reading {
  return { reason: `missing-${what}`, detail: `no ${what} under ${keys.join(", ")}` };
}

function acceptedIn(value: unknown): string[] {
  if (isAnswerList(value)) return kiltAnswers(value);
  // SQuAD's columns: { text: [], answer_start: [] }.
  return textsOf(isFields(value) ? value.text : value);
}

// KILT: a list of { answer?, provenance? }; entries with provenance alone accept nothing.
function isAnswerList(value: unknown): value is Fields[] {
  return Array.isArray(value) && value.length > 0 && value.every(isFields);
}

function kiltAnswers(list: readonly Fields[]): string[] {
  return [...new Set(list.map((entry) => textOf(entry, "answer")).filter((text) => text !== undefined))];
}

// WebQuestions writes its answers as an S-expression: (list (description "Lightning rod") (description Bifocals)).
function sempreList(value: unknown): string[] {
  if (typeof value !== "string") return [];
  const entries = value.matchAll(/\(description (?:"((?:[^"\\]|\\.)*)"|([^)]*))\)/g);
  return [
    ...new Set(Array.from(entries, ([, quoted, bare]) => (quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "").trim())),
  ].filter((text) => text !== "");
}

const rightOptionKeys = [
  "answerKey",
  "answer_idx",
  "golds",
  "golden_answers",
  "answer",
  "label",
  "correct_answer",
  "cop",
  "gold",
  "target",
];

/**
 * Multiple choice in its usual layouts: AI2's `question.stem` with `choices` as a list of `{ label, text }`; Hugging Face's
 * columns `choices: { text: [], label: [] }`; `options` by letter or as a list, with their letters or without; columns `A`, `B` … or `ending0`, `ending1` …. Labels become letters from A in the order
 * of the options, so that questions labelled 1 to 4 ask and score like the others.
 */
export const multipleChoiceLayout: Layout = (fields) => {
  const inner = isFields(fields.question) ? fields.question : {};
  const question =
    textOf(inner, "stem") ?? textOf(fields, "question_stem", "question", "query", "stem", "instruction", "sent1");
  const listed = choicesOf(inner.choices) ?? choicesOf(fields.choices) ?? choicesOf(fields.options);
  const choices = listed ? withoutLetters(listed) : choicesInColumns(fields);
  if (question === undefined)
    return choices ? missing("question", ["question", "question.stem", "question_stem"]) : undefined;
  if (!choices) return missing("option", ["choices", "options"]);
  const item = choiceItem(fields, { question, choices, answers: answersOf(fields) });
  const labels = choices.filter(({ text }) => text !== "").map(({ label }) => label);
  const isLettered = labels.every((label, i) => label.toUpperCase() === optionLetter(i));
  return isLettered || item === undefined || "reason" in item ? item : { ...item, optionLabels: labels };
};

interface Choice {
  label: string;
  text: string;
}

/** An item from labelled choices; a right answer may be a label, a text, or a number counted from 0 where no label is a number. */
export function choiceItem(
  fields: Fields,
  { question, choices, answers }: { question: string; choices: readonly Choice[]; answers: readonly string[] },
): Reading {
  // A choice without text only fills up a fixed number of columns.
  const filled = choices.filter(({ text }) => text !== "");
  if (filled.length < 2) return missing("option", ["choices", "options"]);
  if (answers.length === 0) return missing("gold", rightOptionKeys);
  const golds = answers.map((answer) => positionOf(answer, filled));
  const unknown = golds.indexOf(-1);
  if (unknown >= 0) {
    return {
      reason: "missing-gold",
      detail: `answer "${answers[unknown]}" is not one of ${filled.map((c) => c.label).join(", ")}`,
    };
  }
  return withExtras(fields, {
    question,
    golds: [...new Set(golds.map(optionLetter))],
    options: filled.map((c) => c.text),
  });
}

function positionOf(answer: string, choices: readonly Choice[]): number {
  const byLabel = choices.findIndex(({ label }) => label.toUpperCase() === answer.toUpperCase());
  if (byLabel >= 0) return byLabel;
  const byText = choices.findIndex(({ text }) => text === answer);
  if (byText >= 0) return byText;
  const [, label = "", text = ""] = lettered.exec(answer) ?? [];
  const byBoth = choices.findIndex((choice) => choice.label.toUpperCase() === label.toUpperCase());
  if (byBoth >= 0 && (text === "" || text === choices[byBoth]!.text)) return byBoth;
  return /^\d$/.test(answer) && Number(answer) < choices.length ? Number(answer) : -1;
}

/** "B. text", "(B) text", "(B)". */
const lettered = /^\(?([A-Za-z])[).:]{1,3}\s{0,9}(.*)$/s;

/** Choices whose texts begin with their letters, without these. */
function withoutLetters(choices: Choice[]): Choice[] {
  const texts = choices.map(({ text }) => lettered.exec(text));
  const isLettered = texts.every((found, i) => found?.[1] === optionLetter(i) && found[2] !== "");
  return isLettered ? choices.map((choice, i) => ({ ...choice, text: texts[i]![2]! })) : choices;
}

/** Choices that have a column each: `A`, `B` … (MMLU), `ending0`, `ending1` … (SWAG and what is laid out like it). */
function choicesInColumns(fields: Fields): Choice[] | undefined {
  for (const columnOf of [optionLetter, (i: number) => `ending${i}`]) {
    const texts: string[] = [];
    for (let text = textOf(fields, columnOf(0)); text !== undefined; text = textOf(fields, columnOf(texts.length)))
      texts.push(text);
    if (texts.length > 1) return texts.map((text, i) => ({ label: optionLetter(i), text }));
  }
  return undefined;
}

function answersOf(fields: Fields): string[] {
  for (const key of rightOptionKeys) {
    const answers = textsOf(fields[key]);
    if (answers.length > 0) return answers;
  }
  return [];
}

function choicesOf(value: unknown): Choice[] | undefined {
  if (Array.isArray(value)) {
    return value.map((entry, i) =>
      isFields(entry)
        ? { label: textOf(entry, "label", "key") ?? optionLetter(i), text: textOf(entry, "text", "value") ?? "" }
        : { label: optionLetter(i), text: asText(entry) ?? "" },
    );
  }
  if (!isFields(value)) return undefined;
  if (Array.isArray(value.text)) {
    const labels = Array.isArray(value.label) ? value.label : [];
    return value.text.map((text, i) => ({ label: asText(labels[i]) ?? optionLetter(i), text: asText(text) ?? "" }));
  }
  return Object.entries(value).map(([label, text]) => ({ label, text: asText(text) ?? "" }));
}
