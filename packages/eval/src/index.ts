export {
  type Benchmark,
  type DraftItem,
  defineBenchmark,
  type Fields,
  type Layout,
  type Reading,
  type ReferenceRule,
  type Subset,
} from "./benchmark.ts";
export { benchmarks, findBenchmark } from "./benchmarks.ts";
export type { CompletionModel, Sampling } from "./completion-model.ts";
export { type EvaluateOptions, evaluate, samplings } from "./evaluate.ts";
export type { EvalItem, ReadReason, RejectedRecord } from "./item.ts";
export {
  defaultDocuments,
  type PromptParts,
  type PromptTemplate,
  promptTemplates,
  type RenderPromptOptions,
  renderPrompt,
} from "./prompt.ts";
export { type ReadBenchmarkOptions, readBenchmark } from "./read-benchmark.ts";
export { measureRetrieval, type RetrievalMeasure, type RetrievalReport } from "./retrieval/measure-retrieval.ts";
export { formatQrels, formatRun, parseQrels, parseRun, type Qrels, type Run } from "./retrieval/trec.ts";
export { type ReferenceScore, scoreReference } from "./score/reference.ts";
export { type ItemScore, scoreItem } from "./score/score-item.ts";
export { type AnswerNote, type Scored, scoreAnswer } from "./score-answer.ts";
export { type ModelServer, type ServeModelOptions, serveModel } from "./serve/serve-model.ts";
export { type BootstrapOptions, bootstrap, type Interval } from "./statistics/bootstrap.ts";
export { comparePaired, type ItemValue, type PairedComparison } from "./statistics/compare-paired.ts";
