import { amount } from "@rag-instruct/core";
import type { ReportedComparison } from "./eval-report.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

/** A benchmark in a line: accuracy in per cent with its 95% interval, and counts that add up; where nothing was measured, why not. */
export function describeBenchmark(summary: BenchmarkSummary): string {
  const { name, asked, answered, failed, rejected, accuracy, reference, closedBook } = summary;
  if (answered === 0) return `${name}: nothing measured: ${whyNothing(summary)}`;
  const published = reference ? `; published scorer ${percentOf(reference.mean)}` : "";
  const interval = `${percentOf(accuracy.mean)} [${percentOf(accuracy.low)}, ${percentOf(accuracy.high)}]`;
  const counts = `${answered} answered + ${failed.length} failed = ${asked} asked`;
  const unread = rejected.length > 0 ? `, ${amount(rejected.length, "record")} gave no question` : "";
  const without = closedBook === answered ? "; asked closed-book: no question had a paragraph" : "";
  return `${name}: accuracy ${interval}${published} (${counts}${unread})${without}`;
}

function whyNothing({ asked, failed, rejected, leftOut }: BenchmarkSummary): string {
  const [failure] = failed;
  const [record] = rejected;
  if (failure) return `none of ${asked} questions was answered; ${failure.id}: ${failure.reason}`;
  if (record) {
    const at = `${record.file}:${record.line}: ${record.reason}: ${record.detail}`;
    return `no question could be read, ${amount(rejected.length, "record")} gave none; ${at}`;
  }
  if (leftOut > 0) return `all ${leftOut} questions stand outside the part that published figures are about`;
  return "there is no question in its files";
}

function percentOf(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** A comparison in a line: the difference in points with its 95% interval, and how many questions each model won. */
export function describeComparison({ benchmark, first, comparison }: ReportedComparison): string {
  const { difference, low, high, better, worse, pValue } = comparison;
  const points = (share: number) => (100 * share).toFixed(1);
  const sign = difference > 0 ? "+" : "";
  return `${benchmark} against ${first}: ${sign}${points(difference)} points [${points(low)}, ${points(high)}], ${amount(better, "question")} better, ${worse} worse, p = ${pValue.toFixed(4)}`;
}
