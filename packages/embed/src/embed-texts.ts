import { mapOrdered, RagInstructError, type Vectors } from "@rag-instruct/core";
import { batchByLength } from "./batches.ts";
import type { ModelThreads } from "./model-threads.ts";

/** Texts that are tokenised and sorted by length at a time: enough for batches without padding, little to wait for. */
const textsAtOnce = 256;

/** What {@link embedTexts} embeds with. */
export interface EmbedTextsOptions {
  model: ModelThreads;
  /** Token ids of a text, special ones included, at most as many as the model takes. */
  tokenize(text: string): number[];
  /** Put before each text. */
  prompt: string;
  dimensions: number;
  /** Tokens in a batch, padding included. */
  batchTokens: number;
  signal: AbortSignal | undefined;
}

/** Vectors of texts, in their order. This thread tokenises what comes next while others run the batches before. */
export async function embedTexts(texts: readonly string[], options: EmbedTextsOptions): Promise<Vectors> {
  const { model, dimensions, signal } = options;
  const vectors: Vectors = { data: new Float32Array(texts.length * dimensions), count: texts.length, dimensions };
  const made = mapOrdered(
    tokenBatches(texts, options),
    async ({ rows, ids }, inner) => ({ rows, batch: await model.run(ids, inner.signal) }),
    { concurrency: 2 * model.sessions, signal },
  );
  for await (const { rows, batch } of made) {
    if (batch.dimensions !== dimensions) {
      throw new RagInstructError("model-mismatch", `the graph gave ${batch.dimensions} dimensions, not ${dimensions}`);
    }
    for (const [i, row] of rows.entries()) {
      vectors.data.set(batch.data.subarray(i * dimensions, (i + 1) * dimensions), row * dimensions);
    }
  }
  return vectors;
}

function* tokenBatches(
  texts: readonly string[],
  { tokenize, prompt, batchTokens }: EmbedTextsOptions,
): Generator<{ rows: number[]; ids: number[][] }> {
  for (let from = 0; from < texts.length; from += textsAtOnce) {
    const ids = texts.slice(from, from + textsAtOnce).map((text) => tokenize(prompt + text));
    const lengths = ids.map(({ length }) => length);
    for (const batch of batchByLength(lengths, { tokens: batchTokens })) {
      yield { rows: batch.map((row) => from + row), ids: batch.map((row) => ids[row]!) };
    }
  }
}
