/**
 * An embedding model as a config file holds it: its schema of zod (optional peer), and what opens, names and describes the model that a
 * config chose.
 *
 * @example
 * import { checkOptions } from "@rag-instruct/core/options";
 * import { embeddingModel, openEmbedder } from "@rag-instruct/embed/options";
 *
 * const choice = checkOptions(embeddingModel, { model: "contriever-msmarco" }, () => "config");
 * await using embedder = await openEmbedder(choice, { calls });
 *
 * @module
 */

export { type CheckEmbeddingContext, checkEmbedding } from "./check-embedding.ts";
export { cutPassagesOf } from "./cut-passages.ts";
export {
  describeEmbedding,
  type Fingerprint,
  nameEmbedding,
  placeEmbedding,
  vectorPaths,
} from "./describe-embedding.ts";
export {
  type EmbeddingChoice,
  type EmbeddingEndpoint,
  embeddingModel,
  type LocalEmbedding,
  type PromptsChoice,
} from "./embedding-options.ts";
export { type EmbedderContext, openEmbedder } from "./open-embedder.ts";
