import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Embedder,
  mapOrdered,
  type OnProgress,
  type Passage,
  RagInstructError,
  type Source,
  titledText,
} from "@rag-instruct/core";
import { lockFile } from "@rag-instruct/core/node";
import { type VectorDtype, writeVectorManifest } from "@rag-instruct/core/vectors";
import { refuseOtherVectors } from "../import/vector-target.ts";
import {
  cutShards,
  embedShard,
  hashInput,
  readShardRecords,
  removeLeftovers,
  type ShardInput,
  type ShardRecord,
  type ShardSettings,
  writeShardRecord,
} from "./shards.ts";

/** Options of {@link embedPassages}. */
export interface EmbedPassagesOptions {
  /** The corpus, in the same order every time. */
  passages: Source<Passage>;
  embedder: Embedder;
  /** The vector folder, made when it is not there. */
  to: string;
  /** @default "float16": half the space, and a rounding that ranks do not notice */
  dtype?: VectorDtype;
  /** What is embedded of a passage. @default title, a space, text */
  text?: PassageText;
  /** Passages in a shard; at most so many are embedded again after a crash. @default 16384 */
  shardRows?: number;
  /** Shards embedded at the same time, for an embedder that works elsewhere. @default 1 */
  concurrency?: number;
  /** This process embeds every `count`-th shard from `index` on; the last process to finish writes the manifest. @default { index: 0, count: 1 } */
  shard?: { index: number; count: number };
  /** Number of passages, where it is known, for the progress. */
  total?: number;
  signal?: AbortSignal;
  /** Stage `embed`; counts this process's passages, finished ones of earlier runs included. */
  onProgress?: OnProgress;
}

/** What {@link embedPassages} did: embedded + reused + left to others = the passages of the corpus. */
export interface EmbedReport {
  embedderId: string;
  dimensions: number;
  dtype: VectorDtype;
  /** Passages embedded now. */
  embedded: number;
  /** Passages whose shards were there from an earlier run. */
  reused: number;
  /** Passages in the shards of other processes. */
  leftToOthers: number;
  /** Passages, of all shards that are there, of which only the beginning was embedded; undefined where the embedder cannot tell. */
  cut?: number;
  /** All shards are there, and the manifest is written. */
  complete: boolean;
}

/**
 * Embeds a corpus into a vector folder, which `@rag-instruct/core/vectors` opens. Killed at any moment, a second run makes
 * only the shards that are not finished, and the folder ends with the same bytes, provided the embedder gives the same
 * vectors for the same batch. Throws `model-mismatch` when the folder was begun with another model, text, number format or
 * shard size, `index-mismatch` when its shards are of other passages, `corpus-empty`, and `folder-locked` while another
 * process embeds the same shards.
 */
export async function embedPassages(options: EmbedPassagesOptions): Promise<EmbedReport> {
  const { embedder, to, dtype = "float16", text = titleAndText, shardRows = 16_384, concurrency = 1 } = options;
  const { index, count } = options.shard ?? { index: 0, count: 1 };
  checkOptions({ index, count, shardRows });
  options.signal?.throwIfAborted();
  const settings = { embedderId: embedder.id, dimensions: embedder.dimensions, dtype, text: text.version, shardRows };
  await mkdir(to, { recursive: true });
  await using _lock = await lockFile(join(to, `embed-${index}-of-${count}`));
  const records = await readShardRecords(to, settings);
  const isOwn = (shard: number) => shard % count === index;
  await removeLeftovers(to, isOwn);
  // Imported ones, which no record tells of.
  await refuseOtherVectors(to, embedder.id);
  const sum = { embedded: 0, reused: 0, leftToOthers: 0 };
  const report = (done: number) => options.onProgress?.({ stage: "embed", done, total: options.total });
  let shards = 0;
  async function finish(shard: ShardInput & { count: number }, signal: AbortSignal): Promise<void> {
    shards++;
    if (!isOwn(shard.index)) sum.leftToOthers += shard.count;
    else if (isFinished(shard, { to, known: records.get(shard.index) })) sum.reused += shard.count;
    else {
      const onRows = (rows: number) => {
        sum.embedded += rows;
        report(sum.embedded + sum.reused);
      };
      const made = await embedShard(shard, { embedder, settings, to, signal, onRows });
      await writeShardRecord(to, shard.index, { ...settings, input: hashInput(shard), ...made });
    }
    report(sum.embedded + sum.reused);
  }
  const cut = cutShards(options.passages, { shardRows, textOf: text.of, isOwn });
  for await (const _ of mapOrdered(cut, (shard, { signal }) => finish(shard, signal), {
    concurrency,
    signal: options.signal,
  }));
  if (shards === 0) throw new RagInstructError("corpus-empty", `there is no passage to embed into ${to}`);
  return {
    embedderId: embedder.id,
    dimensions: embedder.dimensions,
    dtype,
    ...sum,
    cut: cutIn(await readShardRecords(to, settings)),
    complete: await merge(to, settings, shards),
  };
}

function checkOptions({ index, count, shardRows }: { index: number; count: number; shardRows: number }): void {
  if (!Number.isInteger(count) || !Number.isInteger(index) || index < 0 || index >= count) {
    throw new RagInstructError("bad-option", `shard is ${index} of ${count}; index counts from 0 to count - 1`);
  }
  if (!Number.isInteger(shardRows) || shardRows < 1) {
    throw new RagInstructError("bad-option", `shardRows is ${shardRows}; give 1 or more`);
  }
}

function cutIn(records: ReadonlyMap<number, ShardRecord>): number | undefined {
  const counts = [...records.values()].map(({ cut }) => cut).filter((cut) => cut !== undefined);
  return counts.length === 0 ? undefined : counts.reduce((sum, cut) => sum + cut, 0);
}

function isFinished(shard: ShardInput, { to, known }: { to: string; known: ShardRecord | undefined }): boolean {
  if (!known) return false;
  if (known.input === hashInput(shard)) return true;
  throw otherPassages(to, `shard ${shard.index} was made from other passages`);
}

/** Writes the manifest once the shards of all processes are there. */
async function merge(to: string, settings: ShardSettings, shards: number): Promise<boolean> {
  const records = await readShardRecords(to, settings);
  const surplus = [...records.keys()].find((index) => index >= shards);
  if (surplus !== undefined) throw otherPassages(to, `shard ${surplus} lies beyond the end of the corpus`);
  if (records.size < shards) return false;
  const inOrder = Array.from({ length: shards }, (_, index) => records.get(index)!.shard);
  const { embedderId, dimensions, dtype } = settings;
  await writeVectorManifest(to, { embedderId, dimensions, dtype, shards: inOrder });
  return true;
}

function otherPassages(to: string, what: string): RagInstructError {
  return new RagInstructError("index-mismatch", `${to}: ${what}; embed a changed corpus into another folder`);
}

/** Which text of a passage is embedded. Vectors of two versions never mix. */
export interface PassageText {
  /** Changes whenever `of` does. */
  version: string;
  of(passage: Passage): string;
}

/** Title, a space, text: what Contriever's own passages are embedded as. Without a title the text alone. */
export const titleAndText: PassageText = {
  version: "title text 1",
  of: titledText,
};
