import { type CheckOutcome, checkOutcome, type Passage, RagInstructError } from "@rag-instruct/core";
import { cutPassages } from "./cut-passages.ts";
import { vectorPaths } from "./describe-embedding.ts";
import type { EmbeddingChoice } from "./embedding-options.ts";
import { type EmbedderContext, openEmbedder } from "./open-embedder.ts";

/** Tokens of a word of English, by the vocabularies of embedding models. */
const tokensOfWord = 1.33;

/** What a choice is checked with. */
export interface CheckEmbeddingContext extends EmbedderContext {
  /** Words of a passage. */
  words: number;
  /** Passages as they would be embedded, where some are known. */
  passages?: readonly Pick<Passage, "title" | "text">[];
  /** Throws where a path of vectors leads to nothing. */
  findVectors(path: string): Promise<unknown>;
}

/** Whether a choice embeds a text, and reads as much as a passage has, for a list of checks. Throws what an abort throws. */
export async function checkEmbedding(choice: EmbeddingChoice, context: CheckEmbeddingContext): Promise<CheckOutcome> {
  const { words, passages = [], findVectors, signal } = context;
  try {
    await using embedder = await openEmbedder(choice, context);
    await embedder.embed(["ready"], { kind: "query", signal });
    for (const path of vectorPaths(choice) ?? []) await findVectors(path);
    const { id, dimensions, maxTokens = Number.POSITIVE_INFINITY } = embedder;
    const tokens = Math.round(words * tokensOfWord);
    const cut = cutPassages(passages, { name: id, maxTokens });
    if (tokens <= maxTokens && cut === undefined)
      return checkOutcome.ok("embeddings", `${id}, ${dimensions} dimensions`);
    const found = cut ?? `${id} reads ${maxTokens} tokens, and a passage of ${words} words has about ${tokens}`;
    const mend = `the rest is not searched: --set corpus.by=words corpus.words=${Math.floor(maxTokens / tokensOfWord)}, or a model that reads more`;
    return checkOutcome.warning("embeddings", found, mend);
  } catch (error) {
    signal?.throwIfAborted();
    const mend = RagInstructError.is(error, "peer-missing")
      ? "npm install onnxruntime-node"
      : "mend `embeddings` in the config";
    return checkOutcome.failed("embeddings", (error as Error).message, mend);
  }
}
