import { type EvalReport, figuresOfReport } from "./report.ts";

/** Every figure of a report as CSV (RFC 4180): shares 0 to 1, with interval, count and the command that made them. */
export function formatCsv(report: EvalReport): string {
  const head = ["model", "benchmark", "measure", "part", "mean", "low", "high", "count", "command"];
  const rows = figuresOfReport(report).map(({ model, benchmark, measure, part, interval }) => [
    model,
    benchmark,
    measure,
    part,
    ...(interval.count === 0 ? ["", "", ""] : [interval.mean, interval.low, interval.high].map(String)),
    String(interval.count),
    report.command,
  ]);
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(text: string): string {
  // A spreadsheet would run a cell that begins like a formula.
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
