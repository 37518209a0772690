export type { OutputFile, StageRecord, StageResult } from "@rag-instruct/core/node";
export { demoExemplars, type EstimateBasis, type RunEstimate } from "@rag-instruct/simulate";
export { findConfig, loadConfig } from "./config/load.ts";
export { configJsonSchema } from "./config/reference.ts";
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
  type ResolvedConfig,
  type RetrievalChoice,
  type RetrievalKind,
  type SettingsChoice,
} from "./config/schema.ts";
export { type DemoName, demoCorpus } from "./demo.ts";
export { estimateRun } from "./pipeline/estimate.ts";
export { type RunOptions, type RunSummary, ragInstruct, type StageName, stageNames } from "./pipeline/pipeline.ts";
export { type AskOptions, askCorpus, type CorpusAnswer, openRunRetriever } from "./pipeline/search.ts";
export { type Evaluation, type EvaluationConfig, runEvaluation } from "./run/evaluation.ts";
