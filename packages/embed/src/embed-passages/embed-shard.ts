import { createHash } from "node:crypto";
import { type Embedder, type Passage, RagInstructError, type Vectors } from "@rag-instruct/core";
import { type VectorShard, writeVectorShard } from "@rag-instruct/core/vectors";
import type { ShardSettings } from "./shard-record.ts";

/** Texts given to the embedder at once; from the shard's beginning, so that a second run makes the same batches. */
const textsAtOnce = 1024;

/** Passages of one shard, as what is embedded of them. */
export interface ShardInput {
  index: number;
  ids: string[];
  texts: string[];
}

/** Cuts passages into shards; those that are not wanted keep neither ids nor texts. */
export async function* cutShards(
  passages: AsyncIterable<Passage> | Iterable<Passage>,
  { shardRows, textOf, isOwn }: { shardRows: number; textOf(passage: Passage): string; isOwn(index: number): boolean },
): AsyncGenerator<ShardInput & { count: number }> {
  let shard = { index: 0, ids: [] as string[], texts: [] as string[], count: 0 };
  for await (const passage of passages) {
    if (isOwn(shard.index)) {
      shard.ids.push(passage.id);
      shard.texts.push(textOf(passage));
    }
    if (++shard.count < shardRows) continue;
    yield shard;
    shard = { index: shard.index + 1, ids: [], texts: [], count: 0 };
  }
  if (shard.count > 0) yield shard;
}

/** SHA-256 over ids and texts, each with its length before it. */
export function hashInput({ ids, texts }: ShardInput): string {
  const hash = createHash("sha256");
  for (const [i, id] of ids.entries()) {
    const text = texts[i]!;
    hash.update(`${id.length} ${text.length}\n${id}\n${text}\n`);
  }
  return hash.digest("hex");
}

/** Embeds a shard and writes its files. */
export function embedShard(
  { index, ids, texts }: ShardInput,
  {
    embedder,
    settings,
    to,
    signal,
    onRows,
  }: {
    embedder: Embedder;
    settings: ShardSettings;
    to: string;
    signal: AbortSignal | undefined;
    onRows(count: number): void;
  },
): Promise<VectorShard> {
  const { dimensions, dtype } = settings;
  async function* vectors(): AsyncGenerator<Vectors> {
    for (let from = 0; from < texts.length; from += textsAtOnce) {
      const part = texts.slice(from, from + textsAtOnce);
      const made = await embedder.embed(part, { kind: "passage", signal });
      if (made.count !== part.length) {
        throw new RagInstructError(
          "reply-unusable",
          `${embedder.id} gave ${made.count} vectors for ${part.length} texts`,
        );
      }
      yield made;
      onRows(part.length);
    }
  }
  return writeVectorShard({
    to,
    index,
    count: ids.length,
    dimensions,
    dtype,
    ids,
    vectors: vectors(),
    signal,
  });
}
