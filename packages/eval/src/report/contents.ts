import { amount } from "@rag-instruct/core";
import type { Interval, PairedComparison } from "../statistics.ts";
import { conditionsOf, type EvalReport, figuresOfReport, knownBenchmark } from "./eval-report.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

/** A table as plain texts. */
export interface TableContent {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** Column names and rows of the table of every figure. */
export function figureTableOf(report: EvalReport): TableContent {
  const rows = figuresOfReport(report).map(({ model, benchmark, measure, part, interval }) => [
    model,
    benchmark,
    measure,
    part,
    percentWithInterval(interval),
    String(interval.count),
  ]);
  return { head: ["model", "benchmark", "measure", "part", "per cent [95% interval]", "count"], rows };
}

/** Column names and rows of the table of items on which the two scorers differ. */
export function differenceTableOf({ differences }: BenchmarkSummary): TableContent {
  const verdict = (isRight: boolean) => (isRight ? "right" : "wrong");
  const rows = differences.map(({ id, golds, output, ours, reference }) => [
    id,
    golds.slice(0, 3).join("; "),
    output,
    verdict(ours),
    verdict(reference),
  ]);
  return { head: ["item", "gold", "answer", "ours", "published"], rows };
}

/** Column names and rows of the paired comparisons. */
export function comparisonTableOf({ comparisons }: EvalReport): TableContent {
  const rows = comparisons.map(({ benchmark, first, second, comparison }) => [
    benchmark,
    first,
    second,
    ...comparisonCells(comparison),
    String(comparison.onlyInFirst.length + comparison.onlyInSecond.length),
  ]);
  return { head: ["benchmark", "first", "second", ...comparisonColumns, "items of one alone"], rows };
}

/** Column names and rows of accuracy under other conditions. */
export function robustnessTableOf({ robustness }: EvalReport): TableContent {
  const rows = robustness.flatMap(({ benchmark, model, conditions }) =>
    conditions.map(({ condition, accuracy, failed, comparison }) => [
      benchmark,
      model,
      condition,
      percentWithInterval(accuracy),
      String(failed),
      ...(comparison ? comparisonCells(comparison) : comparisonColumns.map(() => "")),
    ]),
  );
  return { head: ["benchmark", "model", "paragraphs", "accuracy", "failed", ...comparisonColumns], rows };
}

/** Column names and rows: each benchmark's conditions, and the published ones where they differ. */
export function conditionTableOf({ models, asked }: EvalReport): TableContent {
  const summaries = new Map(
    models.flatMap(({ benchmarks }) => benchmarks.map((each) => [each.benchmark, each] as const)),
  );
  const all = [...summaries.values()]
    .filter((summary) => knownBenchmark(summary)?.column !== undefined)
    .map((summary) => ({ summary, conditions: conditionsOf(summary, asked) }));
  const head = ["benchmark", ...(all[0]?.conditions.map(({ name }) => name) ?? []), "as published"];
  const rows = all.map(({ summary, conditions }) => [
    summary.name,
    ...conditions.map(({ here, published, isPublished }) => (isPublished ? here : `${here} (published: ${published})`)),
    conditions.every(({ isPublished }) => isPublished) ? "yes" : "no",
  ]);
  return { head, rows };
}

const comparisonColumns = ["difference, points", "better", "worse", "pairs", "p"];

function comparisonCells({ difference, low, high, better, worse, pairs, pValue }: PairedComparison): string[] {
  return [
    `${percent(difference)} [${percent(low)}, ${percent(high)}]`,
    String(better),
    String(worse),
    String(pairs),
    pValue.toFixed(4),
  ];
}

/** A share in per cent with its interval: `62.1 [59.8, 64.3]`; an en dash where there is nothing to measure. */
export function percentWithInterval({ mean, low, high, count }: Interval): string {
  return count === 0 ? "–" : `${percent(mean)} [${percent(low)}, ${percent(high)}]`;
}

function percent(share: number): string {
  return (share * 100).toFixed(1);
}

/** What went wrong or is odd in a benchmark's run, in one line each; empty when nothing is. */
export function remarksOf(summary: BenchmarkSummary): string[] {
  const { failed, rejected, leftOut, notes, abstained, differences, closedBook } = summary;
  const named = (count: number, what: string, ids: readonly string[]) =>
    count === 0 ? [] : [`${count} ${what} (${ids.slice(0, 3).join(", ")}${count > 3 ? ", …" : ""})`];
  return [
    ...named(
      failed.length,
      "without an answer, not counted",
      failed.map(({ id, reason }) => `${id}: ${reason}`),
    ),
    ...named(
      rejected.length,
      "records not read",
      rejected.map(({ file, line, reason }) => `${file}:${line} ${reason}`),
    ),
    ...(closedBook === 0 ? [] : [`${amount(closedBook, "question")} asked without any paragraph`]),
    ...(leftOut === 0 ? [] : [`${amount(leftOut, "question")} left out, which the published figures are not about`]),
    ...named(notes.empty.length, "empty answers, counted as wrong", notes.empty),
    ...named(notes["cut-off"].length, "answers cut off at the token limit", notes["cut-off"]),
    ...named(notes["very-long"].length, "very long answers", notes["very-long"]),
    ...Object.entries(abstained).map(([reason, count]) => `${count} answers without a readable choice: ${reason}`),
    ...named(
      differences.length,
      "items on which the two scorers differ",
      differences.map(({ id }) => id),
    ),
  ];
}
