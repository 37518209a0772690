export { type AiEmbedderOptions, aiEmbedder } from "./ai-embedder.ts";
export {
  type EmbedPassagesOptions,
  type EmbedReport,
  embedPassages,
  type PassageText,
  titleAndText,
} from "./embed-passages/embed-passages.ts";
export { type EmbedStageOptions, embedStage } from "./embed-passages/embed-stage.ts";
export {
  type DownloadGgufOptions,
  type DownloadModelOptions,
  downloadGguf,
  downloadModel,
  type HubOptions,
} from "./hub/download.ts";
export { type ImportContrieverOptions, importContriever } from "./import/contriever.ts";
export { type ImportEmbeddingsOptions, importEmbeddings } from "./import/import-embeddings.ts";
export { type ImportVectorsOptions, importVectors, type VectorFields } from "./import/import-vectors.ts";
export type { ImportReport } from "./import/vector-target.ts";
export type { Pooling, Prompts } from "./model/model-config.ts";
export { type ModelStatements, type Preset, type PresetName, presets } from "./model/settings.ts";
export { type OnnxEmbedderOptions, onnxEmbedder } from "./onnx-embedder.ts";
export type { Device } from "./session/session.ts";
