import { containsAnswer, optionLetter, type Passage } from "@rag-instruct/core";
import type { Benchmark } from "./benchmark.ts";
import type { EvalItem } from "./item.ts";
import { type ReferenceScore, scoreReference } from "./score/reference.ts";
import { type ItemScore, scoreItem } from "./score/score-item.ts";

/** What is odd about an answer; it is scored all the same, and counted by name in the report. */
export type AnswerNote = "empty" | "cut-off" | "very-long";

/** An answer that was given and scored, both ways. */
export interface Scored {
  /** Id of the item. */
  id: string;
  benchmark: string;
  output: string;
  golds: string[];
  score: ItemScore;
  /** The published scorer's verdict; undefined where that scorer does not know the benchmark. */
  reference?: ReferenceScore;
  notes: AnswerNote[];
  /** Paragraphs shown. */
  documents: number;
  /** Whether a gold answer stands in the paragraphs shown; undefined without paragraphs and for choices and verdicts. */
  answerInDocuments?: boolean;
  groups?: Record<string, string>;
}

/** Characters from which an answer counts as very long: some fifty times what was asked for. */
const veryLong = 20_000;

/** Scores one answer both ways. */
export function scoreAnswer(
  benchmark: Benchmark,
  item: EvalItem,
  { output, documents = [], finishReason }: { output: string; documents?: readonly Passage[]; finishReason?: string },
): Scored {
  const reference = scoreReference(benchmark, item, output);
  const notes: AnswerNote[] = [];
  if (output.trim() === "") notes.push("empty");
  if (finishReason === "length") notes.push("cut-off");
  if (output.length >= veryLong) notes.push("very-long");
  return {
    id: item.id,
    benchmark: benchmark.id,
    output,
    golds: item.golds,
    score: scoreItem(benchmark, item, output),
    reference,
    notes,
    documents: documents.length,
    ...answerIn(benchmark, item, documents),
    groups: item.groups,
  };
}

function answerIn(
  benchmark: Benchmark,
  item: EvalItem,
  documents: readonly Passage[],
): { answerInDocuments?: boolean } {
  if (documents.length === 0 || benchmark.verdicts) return {};
  // Of a choice it is the text of the right option that documents may hold, not its letter.
  const answers = item.options ? item.options.filter((_, i) => item.golds.includes(optionLetter(i))) : item.golds;
  const isFound = documents.some(({ title, text }) =>
    answers.some((answer) => containsAnswer(text, answer) || containsAnswer(title, answer)),
  );
  return { answerInDocuments: isFound };
}
