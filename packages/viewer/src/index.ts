export type { ByVerdict, Figures, Histogram } from "./figures.ts";
export type { BenchmarkFigures, NoiseFigures, SetFigures } from "./read-checks.ts";
export { type RunItem, readRun } from "./read-run.ts";
export type { Spending } from "./replies.ts";
export type { PromptRequest, ReplyReader, ReportOptions } from "./report-options.ts";
export type { Verdict } from "./shape.ts";
export { writeReport } from "./write-report.ts";
