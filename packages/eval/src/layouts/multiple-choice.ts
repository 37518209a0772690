import { optionLetter } from "@rag-instruct/core";
import type { Fields, Layout, Reading } from "../item.ts";
import { missing, withExtras } from "./common.ts";
import { asText, isFields, textOf, textsOf } from "./fields.ts";

const answerKeys = ["answerKey", "answer_idx", "golds", "golden_answers", "answer", "label", "correct_answer", "cop"];

/**
 * Multiple choice in its usual layouts: AI2's `question.stem` with `choices` as a list of `{ label, text }`; Hugging Face's
 * columns `choices: { text: [], label: [] }`; `options` by letter or as a list. Labels become letters from A in the order
 * of the options, so that questions labelled 1 to 4 ask and score like the others.
 */
export const multipleChoiceLayout: Layout = (fields) => {
  const inner = isFields(fields.question) ? fields.question : {};
  const question = textOf(inner, "stem") ?? textOf(fields, "question_stem", "question", "query", "stem", "instruction");
  const choices = choicesOf(inner.choices) ?? choicesOf(fields.choices) ?? choicesOf(fields.options);
  if (question === undefined)
    return choices ? missing("question", ["question", "question.stem", "question_stem"]) : undefined;
  if (!choices) return missing("option", ["choices", "options"]);
  return choiceItem(fields, { question, choices, answers: answersOf(fields) });
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
  if (answers.length === 0) return missing("gold", answerKeys);
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
  return /^\d$/.test(answer) && Number(answer) < choices.length ? Number(answer) : -1;
}

function answersOf(fields: Fields): string[] {
  for (const key of answerKeys) {
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
