export { type AiEmbedderOptions, aiEmbedder } from "./ai-embedder.ts";
export { type EmbedPassagesOptions, type EmbedReport, embedPassages } from "./embed-passages/embed-passages.ts";
export { type PassageText, titleAndText } from "./embed-passages/passage-text.ts";
export { type ImportContrieverOptions, type ImportReport, importContriever } from "./import/contriever.ts";
export type { Pooling, Prompts } from "./model-config.ts";
export { type OnnxEmbedderOptions, onnxEmbedder } from "./onnx-embedder.ts";
export { type Preset, type PresetName, presets } from "./presets.ts";
export type { ModelStatements } from "./settings.ts";
