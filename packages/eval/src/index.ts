export {
  accuracyOf,
  type Breakdown,
  breakDown,
  breakDownBy,
  type Faithfulness,
  measureFaithfulness,
  type Part,
} from "./accuracy.ts";
export { type AnswerQuestionOptions, answerQuestion, type CorpusAnswer } from "./answer-question.ts";
export { type AnsweringModel, type CompletionModel, type Sampling, samplings } from "./answering-model.ts";
export {
  type Benchmark,
  type BenchmarkDefinition,
  defineBenchmark,
  type ReferenceRule,
  type Subset,
} from "./benchmark.ts";
export { multiHopLayout } from "./benchmarks/open-questions.ts";
export { benchmarks, findBenchmark } from "./benchmarks.ts";
export {
  type ComparedModels,
  type CompareModelsOptions,
  compareModels,
  type EstimateEvaluationOptions,
  estimateEvaluation,
} from "./compare-models.ts";
export {
  type Arrangement,
  type EvaluateOptions,
  type EvaluateOutcome,
  type EvaluateReason,
  evaluate,
} from "./evaluate.ts";
export type { DraftItem, EvalItem, Fields, Layout, Reading, ReadReason, RejectedRecord } from "./item.ts";
export { commonLayout, multipleChoiceLayout } from "./layouts/common.ts";
export {
  type ConditionResult,
  compareAnswers,
  documentsWithoutAnswer,
  firstDocuments,
  measureRobustness,
  noisyDocuments,
  type RobustnessOptions,
  reversedDocuments,
  robustnessConditions,
  shuffledDocuments,
} from "./measure-robustness.ts";
export {
  type BenchmarkPromptOptions,
  type BenchmarkPromptParts,
  type BenchmarkTemplate,
  benchmarkTemplates,
  defaultDocuments,
  readPromptTemplates,
  renderBenchmarkPrompt,
} from "./prompt.ts";
export { type BeirTask, readBeir } from "./read-beir.ts";
export {
  type BenchmarkTextsOptions,
  benchmarkTexts,
  otherTexts,
  type ReadBenchmarkOptions,
  readBenchmark,
  readIds,
} from "./read-benchmark.ts";

export { type AnsweredQuestion, type ModelAnswer, questionsOf } from "./report/answered-questions.ts";
export {
  type AskedUnder,
  buildEvalReport,
  type Condition,
  conditionsOf,
  type EvalReport,
  type ModelResults,
  type ReportedComparison,
  type ReportedRobustness,
} from "./report/eval-report.ts";

export { formatHtml } from "./report/format-html.ts";
export { describeBenchmark, describeComparison, formatMarkdown } from "./report/format-text.ts";
export { type PublishedRow, type PublishedVersion, publishedRows, publishedVersions } from "./report/published.ts";
export { type BenchmarkSummary, type Difference, summarizeBenchmark } from "./report/summarize-benchmark.ts";
export { formatCsv, writeEvalReport } from "./report/write-eval-report.ts";
export {
  formatQrels,
  formatRun,
  measureRetrieval,
  parseQrels,
  parseRun,
  type Qrels,
  type RetrievalMeasure,
  type RetrievalReport,
  type Run,
} from "./retrieval-measures.ts";
export { type ReferenceScore, scoreReference } from "./score/reference.ts";
export { type ItemScore, scoreItem } from "./score/score-item.ts";
export {
  type AnswerNote,
  type Prediction,
  type PredictionReport,
  type ReadPredictionsOptions,
  readPredictions,
  type Scored,
  scoreAnswer,
  scorePredictions,
} from "./score-answers.ts";

export { type ModelServer, type ServeModelOptions, serveModel } from "./serve/serve-model.ts";
export {
  type BootstrapOptions,
  bootstrap,
  comparePaired,
  type Interval,
  type ItemValue,
  type PairedComparison,
} from "./statistics.ts";
