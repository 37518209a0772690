export { type AiEmbedderOptions, aiEmbedder } from "./ai-embedder.ts";
export { type OnnxEmbedderOptions, onnxEmbedder } from "./onnx-embedder.ts";
