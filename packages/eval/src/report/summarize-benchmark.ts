import type { Outcome, Source } from "@rag-instruct/core";
import { accuracyOf, type Breakdown, breakDown, type Faithfulness, measureFaithfulness, shareOf } from "../accuracy.ts";
import type { Benchmark } from "../benchmark.ts";
import { findBenchmark } from "../benchmarks.ts";
import type { EvalItem, RejectedRecord } from "../item.ts";
import type { AnswerNote, Scored } from "../score-answers.ts";
import { bootstrap, type Interval } from "../statistics.ts";

/** An item on which the two scorers differ. */
export interface Difference {
  id: string;
  golds: string[];
  /** The beginning of the answer. */
  output: string;
  ours: boolean;
  reference: boolean;
}

/** Everything that a report says of one benchmark. Shares are 0 to 1. */
export interface BenchmarkSummary {
  benchmark: string;
  name: string;
  /** answered + failed = asked. */
  asked: number;
  answered: number;
  /** Ids of the items without an answer, with the reason: the call failed, or the item could not be scored. They do not count in any mean. */
  failed: { id: string; reason: string }[];
  /** Records of the benchmark's files that gave no item. */
  rejected: RejectedRecord[];
  /** Whether only the part that published figures are about was asked, where the benchmark states one. */
  subset: boolean;
  /** Questions of the files outside that part. */
  leftOut: number;
  /** Our scorer, with Wilson intervals for shares and a bootstrap interval for F1. */
  accuracy: Interval;
  exactMatch: Interval;
  f1: Interval;
  /** The published scorer; undefined where it does not know the benchmark. */
  reference?: Interval;
  /** Every item on which the two scorers differ. */
  differences: Difference[];
  /** Odd answers, by what is odd. They are scored all the same. */
  notes: Record<AnswerNote, string[]>;
  /** Answers from which no choice, verdict or word could be read, by the reason; they count as wrong. */
  abstained: Record<string, number>;
  /** Answers to questions asked without any paragraph or text of their own. */
  closedBook: number;
  breakdowns: Breakdown[];
  faithfulness?: Faithfulness;
}

/** Characters of an answer that a report shows. */
const excerptLength = 300;

/** Adds up the outcomes of one benchmark. The bootstrap takes the seed. */
export async function summarizeBenchmark({
  benchmark,
  outcomes,
  rejected = [],
  subset = true,
  leftOut = 0,
  seed = 1,
}: {
  benchmark: string | Benchmark;
  outcomes: Source<Outcome<Scored, EvalItem>>;
  rejected?: readonly RejectedRecord[];
  /** As `readBenchmark` took it. @default true */
  subset?: boolean;
  /** How often `readBenchmark` called `onLeftOut`. @default 0 */
  leftOut?: number;
  seed?: number | string;
}): Promise<BenchmarkSummary> {
  const { id, name } = findBenchmark(benchmark);
  const answers: Scored[] = [];
  const failed: BenchmarkSummary["failed"] = [];
  for await (const outcome of outcomes) {
    if (outcome.status === "accepted") answers.push(outcome.value);
    else failed.push({ id: outcome.id, reason: outcome.status === "failed" ? outcome.error.message : outcome.reason });
  }
  const judged = answers.filter(({ reference }) => reference !== undefined);
  const faithfulness = measureFaithfulness(answers);
  return {
    benchmark: id,
    name,
    asked: answers.length + failed.length,
    answered: answers.length,
    failed,
    rejected: [...rejected],
    subset,
    leftOut,
    accuracy: accuracyOf(answers),
    exactMatch: shareOf(answers.filter(({ score }) => score.exactMatch).length, answers.length),
    f1:
      answers.length === 0
        ? shareOf(0, 0)
        : bootstrap(
            answers.map(({ score }) => score.f1),
            { seed },
          ),
    reference:
      judged.length > 0
        ? shareOf(judged.filter(({ reference }) => reference!.correct).length, judged.length)
        : undefined,
    differences: judged.filter(({ score, reference }) => score.correct !== reference!.correct).map(toDifference),
    notes: notesOf(answers),
    abstained: abstentionsOf(answers),
    closedBook: answers.filter(({ closedBook }) => closedBook).length,
    breakdowns: breakDown(answers),
    faithfulness,
  };
}

function toDifference({ id, golds, output, score, reference }: Scored): Difference {
  return { id, golds, output: excerpt(output), ours: score.correct, reference: reference!.correct };
}

function excerpt(text: string): string {
  return text.length <= excerptLength ? text : `${text.slice(0, excerptLength)}…`;
}

function notesOf(answers: readonly Scored[]): Record<AnswerNote, string[]> {
  const withNote = (note: AnswerNote) => answers.filter(({ notes }) => notes.includes(note)).map(({ id }) => id);
  return { empty: withNote("empty"), "cut-off": withNote("cut-off"), "very-long": withNote("very-long") };
}

function abstentionsOf(answers: readonly Scored[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { score } of answers) {
    if (score.abstained) counts[score.abstained] = (counts[score.abstained] ?? 0) + 1;
  }
  return counts;
}
