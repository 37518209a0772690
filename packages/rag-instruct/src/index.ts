export {
  type Config,
  type DocumentFormatChoice,
  defineConfig,
  type EmbeddingChoice,
  type EmbeddingEndpoint,
  type Endpoint,
  type LocalEmbedding,
  type ModelChoice,
  type RetrievalKind,
} from "./config.ts";
export { demoExemplars } from "./demo/exemplars.ts";
export { type EvaluationConfig, runEvaluation } from "./evaluation.ts";
export { type RunOptions, type RunSummary, ragInstruct, type StageName, stageNames } from "./pipeline.ts";
export type { StageRecord } from "./run-folder.ts";
export type { StageResult } from "./stage.ts";
