export {
  type Arrangement,
  documentsWithoutAnswer,
  firstDocuments,
  noisyDocuments,
  reversedDocuments,
  shuffledDocuments,
} from "./arrangements.ts";
export { type AnsweringModel, samplings } from "./ask-model.ts";
export type {
  Benchmark,
  DraftItem,
  Fields,
  Layout,
  Reading,
  ReferenceRule,
  Subset,
} from "./benchmark.ts";
export { multiHopLayout } from "./benchmarks/multi-hop.ts";
export { benchmarks, findBenchmark } from "./benchmarks.ts";
export { accuracyOf, type Breakdown, breakDown, breakDownBy, type Part } from "./breakdowns.ts";
export type { CompletionModel, Sampling } from "./completion-model.ts";
export { type BenchmarkDefinition, defineBenchmark } from "./define-benchmark.ts";
export { type EvaluateOptions, type EvaluateOutcome, evaluate } from "./evaluate.ts";
export { type Faithfulness, measureFaithfulness } from "./faithfulness.ts";
export type { EvalItem, ReadReason, RejectedRecord } from "./item.ts";
export { commonLayout } from "./layouts/common.ts";
export { multipleChoiceLayout } from "./layouts/multiple-choice.ts";
export {
  type ConditionResult,
  compareAnswers,
  measureRobustness,
  type RobustnessOptions,
  robustnessConditions,
} from "./measure-robustness.ts";
export type { EvaluateReason } from "./prepare-items.ts";
export {
  defaultDocuments,
  type PromptParts,
  type PromptTemplate,
  promptTemplates,
  type RenderPromptOptions,
  renderPrompt,
} from "./prompt.ts";
export { type PublishedRow, publishedRows, publishedSource } from "./published-rows.ts";
export { type ReadBenchmarkOptions, readBenchmark, readIds } from "./read-benchmark.ts";
export { formatCsv } from "./report/format-csv.ts";
export { formatHtml } from "./report/format-html.ts";
export { formatMarkdown } from "./report/format-markdown.ts";
export {
  buildReport,
  type EvalReport,
  type ModelResults,
  type ReportedComparison,
  type ReportedRobustness,
} from "./report/report.ts";
export { type BenchmarkSummary, type Difference, summarizeBenchmark } from "./report/summarize-benchmark.ts";
export { writeReport } from "./report/write-report.ts";
export { measureRetrieval, type RetrievalMeasure, type RetrievalReport } from "./retrieval/measure-retrieval.ts";
export { formatQrels, formatRun, parseQrels, parseRun, type Qrels, type Run } from "./retrieval/trec.ts";
export { type ReferenceScore, scoreReference } from "./score/reference.ts";
export { type ItemScore, scoreItem } from "./score/score-item.ts";
export { type AnswerNote, type Scored, scoreAnswer } from "./score-answer.ts";
export { type Prediction, type PredictionReport, readPredictions, scorePredictions } from "./score-predictions.ts";
export { type ModelServer, type ServeModelOptions, serveModel } from "./serve/serve-model.ts";
export { type BootstrapOptions, bootstrap, type Interval } from "./statistics/bootstrap.ts";
export { comparePaired, type ItemValue, type PairedComparison } from "./statistics/compare-paired.ts";
