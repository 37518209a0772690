import {
  chosenOption,
  containsAnswer,
  optionLetter,
  paragraphOf,
  plainAnswer,
  type TrainingExample,
  wordsOf,
} from "@rag-instruct/core";

/** An answer that a program can check, and how. */
export interface GroundTruth {
  /** The answer; of a choice its letter, of a verdict its word in lower case. */
  answer: string;
  /** `text` is to be stated, `figure` as well, to its precision and in any unit that agrees; `choice` and `verdict` are one of the options. */
  kind: "text" | "figure" | "choice" | "verdict";
  /** The choices without their letters, or the verdicts that may be given; none of other kinds. */
  options: readonly string[];
}

/**
 * Why an example has no answer that can be checked: it is longer than a short one, none of its sources states it, it names none of its
 * options, or its sources were left out, so that only guessing would be rewarded.
 */
export type Uncheckable = "long-answer" | "not-stated" | "no-key" | "no-sources";

/** Words of a short answer, at most: the limit of NQ-open (Lee et al. 2019). */
const maxWords = 5;

/** The answer of an example that a program can check, or why there is none. */
export function groundTruthOf(example: TrainingExample): GroundTruth | Uncheckable {
  const { options, documents } = example;
  const answer = plainAnswer(example);
  const sources = documents.filter(({ role }) => role !== "noise");
  if (sources.length === 0) return "no-sources";
  if (options) {
    const chosen = chosenOption(answer, options);
    return chosen === undefined ? "no-key" : { answer: optionLetter(chosen), kind: "choice", options };
  }
  const verdict = verdictOf(answer);
  if (verdict) return verdict;
  const words = wordsOf(answer).length;
  if (words > maxWords) return "long-answer";
  // The parts of an answer may stand in several documents.
  const shown = sources.map((source) => paragraphOf(source, { titles: true })).join("\n\n");
  if (words === 0 || !containsAnswer(shown, answer)) return "not-stated";
  return { answer, kind: figure.test(answer) && !wholeNumber.test(answer) ? "figure" : "text", options: [] };
}

const verdicts = [
  ["yes", "no", "maybe"],
  ["true", "false"],
];
// "No." ends a verdict, "No. 5" and "No one" begin something else.
const verdictHead = /^[\s"'“*(]*(yes|no|maybe|true|false)(?=[\s"'”*)]*$|["'”*)]*\s*[,;:!—–]|["'”*)]*\.(?!\s*\d))/i;

function verdictOf(answer: string): GroundTruth | undefined {
  const word = verdictHead.exec(answer)?.[1]?.toLowerCase();
  const options = word === undefined ? undefined : verdicts.find((words) => words.includes(word));
  return word !== undefined && options ? { answer: word, kind: "verdict", options } : undefined;
}

// A whole number is found as it stands, in digits and in words; what has a unit, a scale or a fraction is compared by value.
const figure =
  /^[-–−(]?\s?[$€£¥]?\s?\d[\d,]*(?:\.\d+)?\s?(?:hundred|thousand|million|billion|trillion)?\s?(?:%|percent|per cent)?\)?\.?$/i;
const wholeNumber = /^\d[\d,]*\.?$/;
