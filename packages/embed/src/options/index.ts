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

export {
  describeEmbedding,
  type EmbeddingChoice,
  type EmbeddingEndpoint,
  embeddingModel,
  type Fingerprint,
  type LocalEmbedding,
  nameEmbedding,
  type PromptsChoice,
  placeEmbedding,
  vectorPaths,
} from "./embedding-options.ts";
export {
  type CheckEmbeddingContext,
  checkEmbedding,
  cutPassagesOf,
  type EmbedderContext,
  openEmbedder,
} from "./open-embedder.ts";
