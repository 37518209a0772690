export { type AskOptions, askCorpus, type CorpusAnswer } from "./ask.ts";
export { findConfig, loadConfig } from "./config/load.ts";
export {
  type Config,
  type DocumentFormatChoice,
  defineConfig,
  type EmbeddingChoice,
  type EmbeddingEndpoint,
  type Endpoint,
  type LocalEmbedding,
  type ModelChoice,
  type PostgresChoice,
  type RetrievalKind,
} from "./config.ts";
export { demoCorpus } from "./demo/corpus.ts";
export { demoExemplars } from "./demo/exemplars.ts";
export { type EstimateBasis, estimateRun, type RunEstimate } from "./estimate.ts";
export { type Evaluation, type EvaluationConfig, runEvaluation } from "./evaluation.ts";
export type { OutputFile } from "./outputs.ts";
export { type RunOptions, type RunSummary, ragInstruct, type StageName, stageNames } from "./pipeline.ts";
export type { StageRecord } from "./run-folder.ts";
export { openRunRetriever } from "./search.ts";
export type { StageResult } from "./stage.ts";
