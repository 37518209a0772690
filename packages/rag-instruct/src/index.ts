export { type Config, type DocumentFormatChoice, defineConfig, type ModelChoice } from "./config.ts";
export { demoExemplars } from "./demo/exemplars.ts";
export { type EvaluationConfig, runEvaluation } from "./evaluation.ts";
export { type RunOptions, type RunSummary, ragInstruct } from "./pipeline.ts";
export type { StageRecord } from "./run-folder.ts";
export type { StageResult } from "./stage.ts";
