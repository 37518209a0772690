import type { PairedComparison } from "../statistics/compare-paired.ts";
import { type EvalReport, figuresOfReport, percentWithInterval } from "./report.ts";
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

const comparisonColumns = ["difference, points", "better", "worse", "pairs", "p"];

function comparisonCells({ difference, low, high, better, worse, pairs, pValue }: PairedComparison): string[] {
  const points = (share: number) => (share * 100).toFixed(1);
  return [
    `${points(difference)} [${points(low)}, ${points(high)}]`,
    String(better),
    String(worse),
    String(pairs),
    pValue.toFixed(4),
  ];
}
