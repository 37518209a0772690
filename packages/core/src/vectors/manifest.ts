import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "../errors.ts";
import { writeAtomic } from "../node/atomic.ts";
import { bytesOf, type VectorDtype } from "./npy.ts";

const format = "rag-instruct/vectors";
const version = 1;

/** Two files of a vector folder: rows, and their ids. */
export interface VectorShard {
  /** Name of the .npy file. */
  file: string;
  /** Name of the file of the ids: UTF-8, one a line, each ending in a line feed. */
  ids: string;
  /** Number of rows. */
  count: number;
  sha256: string;
  idsSha256: string;
}

/** What `manifest.json` says of a vector folder. */
export interface VectorManifest {
  /** Of the embedder that made the vectors. */
  embedderId: string;
  dimensions: number;
  dtype: VectorDtype;
  /** Number of rows of all shards. */
  count: number;
  /** In the order of the rows. */
  shards: VectorShard[];
}

/** Writes `manifest.json`, which is what makes the shards of a folder one whole. Atomic. */
export async function writeVectorManifest(folder: string, manifest: Omit<VectorManifest, "count">): Promise<void> {
  const { embedderId, dimensions, dtype, shards } = manifest;
  const count = shards.reduce((sum, shard) => sum + shard.count, 0);
  const content = { format, version, embedderId, dimensions, dtype, count, shards };
  await writeAtomic(join(folder, "manifest.json"), `${JSON.stringify(content, undefined, 2)}\n`);
}

/** Reads `manifest.json`. Throws `file-missing`, `file-corrupt`, `unknown-format`, and `unsupported-version` for a newer one. */
export async function readVectorManifest(folder: string): Promise<VectorManifest> {
  const path = join(folder, "manifest.json");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; the folder holds no finished vectors`, { cause });
  });
  const manifest = parse(path, text);
  if (manifest.format !== format) throw new RagInstructError("unknown-format", `${path} is not a manifest of vectors`);
  if (typeof manifest.version !== "number" || manifest.version > version) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} is of version ${manifest.version}, this package reads up to ${version}; update @rag-instruct/core`,
    );
  }
  if (!isWhole(manifest))
    throw new RagInstructError("file-corrupt", `${path} lacks fields or its counts do not add up`);
  const { embedderId, dimensions, dtype, count, shards } = manifest;
  return { embedderId, dimensions, dtype, count, shards };
}

type Claimed = Partial<VectorManifest> & { format?: string; version?: number };

function parse(path: string, text: string): Claimed {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch (cause) {
    throw new RagInstructError("file-corrupt", `${path} is not JSON`, { cause });
  }
}

function isWhole(manifest: Claimed): manifest is VectorManifest {
  const { embedderId, dimensions, dtype, count, shards } = manifest;
  if (typeof embedderId !== "string" || !isCount(dimensions) || dimensions < 1) return false;
  if (typeof dtype !== "string" || !Object.hasOwn(bytesOf, dtype)) return false;
  if (!Array.isArray(shards) || !shards.every(isShard)) return false;
  return shards.reduce((sum, shard) => sum + shard.count, 0) === count;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isShard(shard: Partial<VectorShard> | null): boolean {
  const { file, ids, count, sha256, idsSha256 } = shard ?? {};
  const texts = [file, ids, sha256, idsSha256];
  // A name, never a path: a manifest must not lead out of its folder.
  return texts.every((text) => typeof text === "string") && isCount(count) && !/[\\/]|^\.\.?$/m.test(`${file}\n${ids}`);
}
