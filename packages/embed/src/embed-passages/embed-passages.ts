import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  badOption,
  type Embedder,
  mapOrdered,
  type OnProgress,
  type Passage,
  RagInstructError,
  type Source,
  titledText,
  type Vectors,
} from "@rag-instruct/core";
import { lockFile, writeAtomic } from "@rag-instruct/core/node";
import { type VectorDtype, type VectorShard, writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";
import { refuseOtherVectors } from "../import/vector-target.ts";

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
    else if (isFinished(shard, { to, known: records.get(shard.index) })) {
      sum.reused += shard.count;
      for (const part of partsOf(shard.texts)) await embedder.reuse?.(part, { kind: "passage" });
    } else {
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
    throw badOption(`shard is ${index} of ${count}; index counts from 0 to count - 1`);
  }
  if (!Number.isInteger(shardRows) || shardRows < 1) {
    throw badOption(`shardRows is ${shardRows}; give 1 or more`);
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

/** What all shards of a folder have in common. */
interface ShardSettings {
  embedderId: string;
  dimensions: number;
  dtype: VectorDtype;
  /** Version of the text that was embedded. */
  text: string;
  /** Rows of every shard but the last. */
  shardRows: number;
}

/** A finished shard: `00000.json`, written after its two other files. */
interface ShardRecord extends ShardSettings {
  /** SHA-256 over the ids and texts it was made from. */
  input: string;
  /** Texts of which only the beginning was embedded, where that is known. */
  cut?: number;
  shard: VectorShard;
}

const recordName = /^(\d{5,})\.json$/;
const leftoverName = /^(\d{5,})\..*\.tmp$/;

async function writeShardRecord(folder: string, index: number, record: ShardRecord): Promise<void> {
  const name = `${String(index).padStart(5, "0")}.json`;
  await writeAtomic(join(folder, name), `${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * The finished shards of a folder by their place, those whose files are still there.
 * Throws `model-mismatch` when one was made in another way than `settings` say, naming the difference.
 */
async function readShardRecords(folder: string, settings: ShardSettings): Promise<Map<number, ShardRecord>> {
  const records = new Map<number, ShardRecord>();
  for (const name of await namesIn(folder)) {
    const index = recordName.exec(name)?.[1];
    if (index === undefined) continue;
    const path = join(folder, name);
    const record = await readRecord(path);
    for (const field of Object.keys(settings) as (keyof ShardSettings)[]) {
      if (record[field] === settings[field]) continue;
      const [is, wanted] = [record[field], settings[field]].map((value) => JSON.stringify(value));
      const message = `${path} was made with ${field} ${is}, not ${wanted}; choose another folder, or the same settings`;
      throw new RagInstructError("model-mismatch", message);
    }
    if (await hasFiles(folder, record.shard)) records.set(Number(index), record);
  }
  return records;
}

/** Removes what killed writers left of the shards that are this process's own. */
async function removeLeftovers(folder: string, isOwn: (index: number) => boolean): Promise<void> {
  for (const name of await namesIn(folder)) {
    const index = leftoverName.exec(name)?.[1];
    if (index !== undefined && isOwn(Number(index))) await rm(join(folder, name), { force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

async function readRecord(path: string): Promise<ShardRecord> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as ShardRecord;
  } catch (cause) {
    throw new RagInstructError("file-corrupt", `${path} is not JSON; remove it, and the shard is made again`, {
      cause,
    });
  }
}

async function hasFiles(folder: string, { file, ids }: VectorShard): Promise<boolean> {
  const sizes = await Promise.all([file, ids].map((name) => stat(join(folder, name)).catch(() => undefined)));
  return sizes.every((size) => size !== undefined);
}

/** Texts given to the embedder at once; from the shard's beginning, so that a second run makes the same batches. */
const textsAtOnce = 1024;

function* partsOf(texts: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < texts.length; from += textsAtOnce) yield texts.slice(from, from + textsAtOnce);
}

/** Passages of one shard, as what is embedded of them. */
interface ShardInput {
  index: number;
  ids: string[];
  texts: string[];
}

/** Cuts passages into shards; those that are not wanted keep neither ids nor texts. */
async function* cutShards(
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
function hashInput({ ids, texts }: ShardInput): string {
  const hash = createHash("sha256");
  for (const [i, id] of ids.entries()) {
    const text = texts[i]!;
    hash.update(`${id.length} ${text.length}\n${id}\n${text}\n`);
  }
  return hash.digest("hex");
}

/** Embeds a shard and writes its files; with how many texts were cut, where any was. */
async function embedShard(
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
): Promise<{ shard: VectorShard; cut: number | undefined }> {
  const { dimensions, dtype } = settings;
  let cut = 0;
  async function* vectors(): AsyncGenerator<Vectors> {
    for (const part of partsOf(texts)) {
      const made = await embedder.embed(part, { kind: "passage", signal });
      if (made.count !== part.length) {
        throw new RagInstructError(
          "reply-unusable",
          `${embedder.id} gave ${made.count} vectors for ${part.length} texts`,
        );
      }
      cut += made.cut ?? 0;
      yield made;
      onRows(part.length);
    }
  }
  const shard = await writeVectorShard({
    to,
    index,
    count: ids.length,
    dimensions,
    dtype,
    ids,
    vectors: vectors(),
    signal,
  });
  return { shard, cut: cut || undefined };
}
