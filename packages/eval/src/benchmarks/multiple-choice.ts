import { defineBenchmark } from "../benchmark.ts";
import type { Fields, Layout } from "../item.ts";
import { choiceItem, multipleChoiceLayout } from "../layouts/common.ts";
import { asText, textOf, textsOf } from "../layouts/fields.ts";

/** ARC-Challenge (Clark et al. 2018): grade-school science of 3 to 5 options, some labelled 1 to 4. Test: 1,172. */
export const arcChallenge = defineBenchmark({
  id: "arc-challenge",
  name: "ARC-Challenge",
  testSize: 1172,
  column: "ARC",
  task: "multiple-choice",
  reference: "choice",
  sources: ["arc_challenge_processed"],
});

/** LLM-Adapters' copy (Hu et al. 2023) writes question and options into one text and the answer as `answer2`. */
const adaptersLayout: Layout = (fields) => {
  const answer = textOf(fields, "answer")?.match(/^answer(\d)$/)?.[1];
  const instruction = textOf(fields, "instruction");
  if (answer === undefined || instruction === undefined) return undefined;
  const [head = "", rest = ""] = instruction.split(/\n\n(?=Answer1:)/);
  const [listed = ""] = rest.split(/\n\nAnswer format:/);
  const choices = Array.from(listed.matchAll(/Answer(\d): (.*?)(?= ?Answer\d: |$)/gs), ([, label = "", text = ""]) => ({
    label,
    text: text.trim(),
  }));
  const question = head.replace(/^Please choose the correct answer to the question: /, "");
  return choiceItem(fields, { question, choices, answers: [answer] });
};

/** OpenBookQA (Mihaylov et al. 2018): elementary science facts put to use. Test: 500. */
export const openbookqa = defineBenchmark({
  id: "openbookqa",
  name: "OpenBookQA",
  testSize: 500,
  column: "OBQA",
  task: "multiple-choice",
  reference: "choice",
  sources: ["openbookqa_processed_retrieved"],
  layouts: [adaptersLayout, multipleChoiceLayout],
});

/** MedQA (Jin et al. 2021): US medical licensing questions. Test: 1,273. The published table leaves it out. */
export const medqa = defineBenchmark({
  id: "medqa",
  name: "MedQA",
  testSize: 1273,
  task: "multiple-choice",
  reference: "choice",
  sources: ["medqa_test_en_retrieved"],
});

/** CaseHOLD's csv has numbers for column names: row, text, five holdings, five figures, label; Hugging Face names them. */
const caseholdLayout: Layout = (fields) => {
  const named = "citing_prompt" in fields || "holding_0" in fields;
  // pandas writes the row number without a name, or as the first of the numbers.
  const first = "" in fields ? 0 : 1;
  const question = textOf(fields, named ? "citing_prompt" : String(first));
  if (question === undefined) return undefined;
  const choices = [0, 1, 2, 3, 4].map((i) => ({
    label: String(i),
    text: textOf(fields, named ? `holding_${i}` : String(first + 1 + i)) ?? "",
  }));
  const answers = [textOf(fields, named ? "label" : String(first + 11))].filter((answer) => answer !== undefined);
  return choiceItem(idOf(fields), { question, choices, answers });
};

function idOf(fields: Fields): Fields {
  const id = textOf(fields, "example_id", "" in fields ? "" : "0");
  return id === undefined ? {} : { id };
}

/** LexGLUE's copy (Chalkidis et al. 2022): `context`, five `endings`, and the place of the right one. */
const lexglueLayout: Layout = (fields) => {
  const { endings } = fields;
  const question = textOf(fields, "context");
  if (!Array.isArray(endings) || question === undefined) return undefined;
  const choices = endings.map((ending, i) => ({ label: String(i), text: asText(ending) ?? "" }));
  return choiceItem(fields, { question, choices, answers: textsOf(fields.label) });
};

/** CaseHOLD (Zheng et al. 2021): which holding a court opinion cites. The published scorer does not know it. */
export const casehold = defineBenchmark({
  id: "casehold",
  name: "CaseHOLD",
  task: "multiple-choice",
  layouts: [lexglueLayout, caseholdLayout, multipleChoiceLayout],
  instruction: ({ question }) =>
    `Which of the holdings below belongs where the excerpt of a court opinion says <HOLDING>? Answer with its letter.\n\n### Input:\n${question}`,
});
