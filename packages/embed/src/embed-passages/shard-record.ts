import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import type { VectorDtype, VectorShard } from "@rag-instruct/core/vectors";

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
