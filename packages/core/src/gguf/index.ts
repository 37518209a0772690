/**
 * A GGUF file as a language model of the AI SDK, run in this process by the peer `node-llama-cpp`.
 *
 * @example
 * import { generateText } from "ai";
 * import { ggufModel } from "@rag-instruct/core/gguf";
 *
 * await using model = ggufModel({ path: "SmolLM2-135M-Instruct.Q4_1.gguf" });
 * const { text } = await generateText({ model, prompt: "Name three rivers." });
 *
 * @module
 */
export { type GgufModel, type GgufModelOptions, ggufModel, ggufProvider, nameGguf } from "./gguf-model.ts";
