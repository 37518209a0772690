import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "../errors.ts";
import type { VectorManifest, VectorShard } from "./manifest.ts";
import { bytesOf, maxNpyHeader, npyDescr, parseNpyHeader } from "./npy.ts";

/** Most bytes of one read: the system takes no 2 GiB at once. */
const mostAtOnce = 1 << 30;

/** The .npy file of a shard, open for reading. */
export interface ShardFile {
  path: string;
  handle: FileHandle;
  /** First row of the folder that stands in it. */
  firstRow: number;
  count: number;
  /** Where its numbers begin. */
  dataOffset: number;
}

/** Opens a shard and checks its header and size. Throws `file-missing` and `file-corrupt` with the name. */
export async function openShard(
  folder: string,
  shard: VectorShard,
  { dimensions, dtype, firstRow }: Pick<VectorManifest, "dimensions" | "dtype"> & { firstRow: number },
): Promise<ShardFile> {
  const path = join(folder, shard.file);
  const handle = await open(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; write the folder again`, { cause });
  });
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxNpyHeader), 0, maxNpyHeader, 0);
    const { descr, fortranOrder, shape, dataOffset } = parseNpyHeader(buffer.subarray(0, bytesRead), path);
    const expected = [shard.count, dimensions];
    if (descr !== npyDescr[dtype] || fortranOrder || `${shape}` !== `${expected}`) {
      throw corrupt(path, `holds ${descr} of shape ${shape} where the manifest says ${npyDescr[dtype]} of ${expected}`);
    }
    const { size } = await handle.stat();
    const whole = dataOffset + shard.count * dimensions * bytesOf[dtype];
    if (size !== whole) throw corrupt(path, `has ${size} bytes where ${whole} belong`);
    return { path, handle, firstRow, count: shard.count, dataOffset };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads the bytes of a shard's ids and checks them. Throws `file-missing` and `file-corrupt` with the name. */
export async function readShardIds(folder: string, shard: VectorShard): Promise<Uint8Array> {
  const path = join(folder, shard.ids);
  const bytes = await readFile(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; write the folder again`, { cause });
  });
  if (createHash("sha256").update(bytes).digest("hex") !== shard.idsSha256) throw corrupt(path, mismatch);
  return bytes;
}

/** Compares a shard's rows with the checksum of the manifest. Throws `file-corrupt` with the name. */
export async function verifyShard(folder: string, shard: VectorShard, signal: AbortSignal | undefined): Promise<void> {
  const path = join(folder, shard.file);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
  }
  if (hash.digest("hex") !== shard.sha256) throw corrupt(path, mismatch);
}

/** Fills `into` from a place of the file. Throws `file-corrupt` where the file ends too early. */
export async function readFully({ handle, path }: ShardFile, into: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < into.length; ) {
    const wanted = Math.min(mostAtOnce, into.length - filled);
    const { bytesRead } = await handle.read(into, filled, wanted, position + filled);
    if (bytesRead === 0) throw corrupt(path, "ends too early");
    filled += bytesRead;
  }
}

const mismatch = "does not have the checksum of the manifest";

function corrupt(path: string, what: string): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; write the folder again`);
}
