import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Embedder, type Passage, RagInstructError, type Vectors } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { type VectorDtype, type VectorShard, writeVectorShard } from "@rag-instruct/core/vectors";

/** What all shards of a folder have in common. */
export interface ShardSettings {
  embedderId: string;
  dimensions: number;
  dtype: VectorDtype;
  /** Version of the text that was embedded. */
  text: string;
  /** Rows of every shard but the last. */
  shardRows: number;
}

/** A finished shard: `00000.json`, written after its two other files. */
export interface ShardRecord extends ShardSettings {
  /** SHA-256 over the ids and texts it was made from. */
  input: string;
  /** Texts of which only the beginning was embedded, where that is known. */
  cut?: number;
  shard: VectorShard;
}

const recordName = /^(\d{5,})\.json$/;
const leftoverName = /^(\d{5,})\..*\.tmp$/;

export async function writeShardRecord(folder: string, index: number, record: ShardRecord): Promise<void> {
  const name = `${String(index).padStart(5, "0")}.json`;
  await writeAtomic(join(folder, name), `${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * The finished shards of a folder by their place, those whose files are still there.
 * Throws `model-mismatch` when one was made in another way than `settings` say, naming the difference.
 */
export async function readShardRecords(folder: string, settings: ShardSettings): Promise<Map<number, ShardRecord>> {
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
export async function removeLeftovers(folder: string, isOwn: (index: number) => boolean): Promise<void> {
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

/** Embeds a shard and writes its files; with how many texts were cut, where any was. */
export async function embedShard(
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
    for (let from = 0; from < texts.length; from += textsAtOnce) {
      const part = texts.slice(from, from + textsAtOnce);
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
