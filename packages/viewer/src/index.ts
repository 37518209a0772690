export type { EditCheck, Price, TrialInstructions, TrialPrice, TriedPair } from "./app/api.ts";
export { openPage, type ServeViewerOptions, serveViewer, type Viewer } from "./app/serve-viewer.ts";
export type {
  EditedItem,
  EditJudge,
  RunTrial,
  ViewerTools,
} from "./app/viewer-tools.ts";
export type { PromptRequest } from "./collect-report.ts";
export {
  type CompareRunsOptions,
  compareRuns,
  type MeetingPair,
  type PairDifference,
  type PairsAlone,
  type RunDifference,
  type Variety,
} from "./compare-runs.ts";
export { readCost } from "./cost.ts";
export { describeDifference } from "./describe-difference.ts";
export type { Figures, VerdictCounts } from "./figures.ts";
export type { BenchmarkFigures, NoiseFigures, SetFigures } from "./quality.ts";
export { pairOfItem, type RunItem, readOutcomes, readRun } from "./read-run.ts";
export type { ReplyReader } from "./replies.ts";
export {
  type ExportReviewsOptions,
  exportReviews,
  importReviews,
  type ReviewFormat,
} from "./reviews/exchange.ts";
export type { Verdict } from "./shape.ts";
export { type ReportOptions, writeReport } from "./write-report.ts";
