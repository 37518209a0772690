export { type AssembleOptions, assembleExamples } from "./assemble.ts";
export type { Assembled, AssemblyRejection, AssemblyRules } from "./assemble-example.ts";
export {
  type ChatMessage,
  type ChatTemplate,
  chatTemplate,
  openChatTemplate,
  type RenderChatOptions,
} from "./chat-template.ts";
export { checkExample, type ExampleFlaw, type FoundFlaw } from "./check-example.ts";
export { type ExportOptions, type ExportReport, exportExamples } from "./export-examples.ts";
export type { WrittenFile } from "./exports/export-file.ts";
export { type DataFormat, type ExportFormat, exportFormats } from "./exports/formats.ts";
export type { TokenBudget } from "./fit-passages.ts";
export { type LabelledChat, type LabelOptions, labelChat, type Span, type TrainOn } from "./label-mask.ts";
export type { NoiseRefusal } from "./noise-guard.ts";
export { type DatasetCardOptions, datasetCard, type Provenance } from "./publish/dataset-card.ts";
export { type PushOptions, type PushReport, pushToHub } from "./publish/push-to-hub.ts";
export { type SetSummary, summarizeExamples } from "./publish/summarize-examples.ts";
export { type ReadExamplesOptions, readExamples } from "./read-examples.ts";
export type { Framework } from "./recipes/frameworks.ts";
export { methodSettings, type TrainingSettings } from "./recipes/settings.ts";
export { type RecipeOptions, type RecipeReport, writeTrainingRecipe } from "./recipes/write-training-recipe.ts";
export { type RenderOptions, renderExample, type TemplateChoice } from "./render-example.ts";
export { type NoiseOptions, type NoiseSample, sampleNoise } from "./sample-noise.ts";
export { type SplitOptions, type Splits, splitExamples } from "./split/split-examples.ts";
export { statedAnswers } from "./stated-answers.ts";
export { jinjaTemplate, type PromptTemplate, promptTemplates, type TemplateInput } from "./templates.ts";
export { openTokenizer, type TextTokenizer } from "./text-tokenizer.ts";
export { type EncodeText, ignored, labelTokens } from "./token-labels.ts";
