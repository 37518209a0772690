import type { ReportedComparison } from "./eval-report.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

/** A benchmark in a line: accuracy in per cent with its 95% interval, and counts that add up. */
export function describeBenchmark({
  name,
  asked,
  answered,
  failed,
  rejected,
  accuracy,
  reference,
}: BenchmarkSummary): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const published = reference ? `; published scorer ${percent(reference.mean)}` : "";
  const interval = `${percent(accuracy.mean)} [${percent(accuracy.low)}, ${percent(accuracy.high)}]`;
  const counts = `${answered} answered + ${failed.length} failed = ${asked} asked`;
  const unread = rejected.length > 0 ? `, ${rejected.length} records gave no question` : "";
  return `${name}: accuracy ${interval}${published} (${counts}${unread})`;
}

/** A comparison in a line: the difference in points with its 95% interval, and how many questions each model won. */
export function describeComparison({ benchmark, first, comparison }: ReportedComparison): string {
  const { difference, low, high, better, worse, pValue } = comparison;
  const points = (share: number) => (100 * share).toFixed(1);
  const sign = difference > 0 ? "+" : "";
  return `${benchmark} against ${first}: ${sign}${points(difference)} points [${points(low)}, ${points(high)}], ${better} questions better, ${worse} worse, p = ${pValue.toFixed(4)}`;
}
