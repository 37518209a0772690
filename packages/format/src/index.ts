export {
  type AlignmentCounts,
  type AlignmentExportOptions,
  type AlignmentReport,
  type AlignmentWritten,
  exportAlignment,
} from "./alignment/export-alignment.ts";
export {
  type Assembled,
  type AssembleOptions,
  type AssemblyRejection,
  type AssemblyRules,
  assembleExamples,
} from "./assemble.ts";
export { type AssembleStageOptions, assembleStage, type NoiseCheck, relaxedNoise } from "./assemble-stage.ts";
export {
  type ChatMessage,
  type ChatTemplate,
  chatTemplate,
  openChatTemplate,
  type RenderChatOptions,
} from "./chat-template.ts";
export { checkExample, type ExampleFlaw, type FoundFlaw, type GivenOut } from "./check-example.ts";
export { describeLengths, type ExportOptions, type ExportReport, exportExamples } from "./export-examples.ts";
export { type ExportContext, type ExportStageOptions, exportStage, writeRunExports } from "./export-stage.ts";
export type { WrittenFile } from "./exports/export-file.ts";
export {
  type AlignmentFormatId,
  type DataFormat,
  type ExportFormat,
  exportFormats,
  type RetrievalFormatId,
  type RunFormat,
  runFormats,
} from "./exports/formats.ts";

export {
  exportTrajectories,
  type TrajectoryExportOptions,
  type TrajectoryFormat,
  type TrajectoryReport,
} from "./exports/trajectories.ts";
export type { TokenBudget } from "./fit-passages.ts";
export {
  type EncodeText,
  ignored,
  type LabelledChat,
  type LabelOptions,
  labelChat,
  labelTokens,
  openTokenizer,
  type Span,
  type TextTokenizer,
  type TrainOn,
} from "./labels.ts";
export {
  countNoise,
  type NoiseOptions,
  type NoiseRanks,
  type NoiseRefusal,
  type NoiseSample,
  sampleNoise,
  statedAnswers,
} from "./noise.ts";
export {
  type ChecksMade,
  type DatasetCardOptions,
  datasetCard,
  describeChecks,
  type Provenance,
  type SetSummary,
  summarizeExamples,
} from "./publish/dataset-card.ts";
export { type PushOptions, type PushReport, pushToHub } from "./publish/push-to-hub.ts";
export { type ReadExamplesOptions, readExamples } from "./read-examples.ts";
export { methodSettings, type TrainingSettings } from "./recipes/recipe.ts";
export {
  type Framework,
  type RecipeOptions,
  type RecipeReport,
  writeTrainingRecipe,
} from "./recipes/write-training-recipe.ts";
export {
  jinjaTemplate,
  type PromptTemplate,
  promptTemplates,
  type RenderOptions,
  renderExample,
  type TemplateChoice,
  type TemplateInput,
} from "./render-example.ts";
export {
  exportRetrieval,
  type RetrievalExportOptions,
  type RetrievalReport,
} from "./retrieval/export-retrieval.ts";
export type { NegativeOptions, NegativeRefusal } from "./retrieval/hard-negatives.ts";
export type { Helps, QueryLeftOut } from "./retrieval/retrieval-format.ts";
export { runParts } from "./run-parts.ts";
export {
  type SplitExamplesOptions,
  type Splits,
  type SplitsReport,
  sharesOf,
  splitExamples,
  type WriteSplitsOptions,
  writeSplits,
} from "./split-examples.ts";
