import { createHash } from "node:crypto";
import { join } from "node:path";
import { RagInstructError } from "../errors.ts";
import { openAtomic } from "../node/atomic.ts";
import type { Vectors } from "../plug-points.ts";
import type { Source } from "../types.ts";
import { encodeFloat16 } from "./float16.ts";
import type { VectorShard } from "./manifest.ts";
import { npyHeader, type VectorDtype } from "./npy.ts";
import { idLine } from "./row-ids.ts";

const largestFloat16 = 65_504;
const idsAtOnce = 4096;

/** Options of {@link writeVectorShard}. */
export interface VectorShardOptions {
  /** The folder, made when it is not there. */
  to: string;
  /** Place of the shard among the others, from 0; names its files. */
  index: number;
  /** Rows that `vectors` and `ids` will have. */
  count: number;
  dimensions: number;
  dtype: VectorDtype;
  /** The rows, in blocks of any size. */
  vectors: Source<Vectors>;
  /** An id a row, in the order of the rows. */
  ids: Source<string>;
  signal?: AbortSignal;
}

/**
 * Writes one shard of a vector folder, `00000.npy` and `00000.ids.txt`, each there whole or not at all, in the memory of one
 * block. The shard counts once a manifest names it. Equal input gives equal bytes. Throws `bad-input` for a value that is
 * not finite or too large for float16, for an id with a line feed and for a count or width that is not as announced.
 */
export async function writeVectorShard(options: VectorShardOptions): Promise<VectorShard> {
  const name = String(options.index).padStart(5, "0");
  const file = `${name}.npy`;
  const ids = `${name}.ids.txt`;
  const { to, count } = options;
  const idsSha256 = await writeHashed(join(to, ids), idChunks(options), options.signal);
  const sha256 = await writeHashed(join(to, file), rowChunks(options, join(to, file)), options.signal);
  return { file, ids, count, sha256, idsSha256 };
}

async function writeHashed(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash("sha256");
  const file = await openAtomic(path);
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.commit();
  } finally {
    await file.discard();
  }
  return hash.digest("hex");
}

async function* idChunks({ ids, count, to }: VectorShardOptions): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  let seen = 0;
  for await (const id of ids) {
    seen++;
    if (lines.push(idLine(id)) < idsAtOnce) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
  yield Buffer.from(lines.join(""));
  if (seen !== count) throw new RagInstructError("bad-input", `${seen} ids for the ${count} rows of a shard in ${to}`);
}

async function* rowChunks(options: VectorShardOptions, path: string): AsyncGenerator<Uint8Array> {
  const { vectors, count, dimensions, dtype } = options;
  yield npyHeader({ dtype, rows: count, columns: dimensions });
  let seen = 0;
  let halves = new Uint16Array(0);
  for await (const block of vectors) {
    if (block.dimensions !== dimensions) {
      throw new RagInstructError("bad-input", `${path}: rows of ${block.dimensions} dimensions, not ${dimensions}`);
    }
    const values = block.data.subarray(0, block.count * dimensions);
    checkValues(values, { path, firstRow: seen, dimensions, largest: dtype === "float16" ? largestFloat16 : Infinity });
    seen += block.count;
    // Written before the next block is asked for, so one buffer serves all of them.
    if (dtype === "float16" && halves.length < values.length) halves = new Uint16Array(values.length);
    yield dtype === "float32" ? bytesIn(values) : bytesIn(toHalves(values, halves));
  }
  if (seen !== count) throw new RagInstructError("bad-input", `${path}: ${seen} rows, not ${count}`);
}

function checkValues(
  values: Float32Array,
  { path, firstRow, dimensions, largest }: { path: string; firstRow: number; dimensions: number; largest: number },
): void {
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    // Written so that NaN fails as well.
    if (size <= largest && size !== Infinity) continue;
    const row = firstRow + Math.floor(i / dimensions);
    const why = size > largest && size !== Infinity ? "is too large for float16; write float32" : "is not finite";
    throw new RagInstructError("bad-input", `${path}: the value ${values[i]} in row ${row} ${why}`);
  }
}

function toHalves(values: Float32Array, into: Uint16Array): Uint16Array {
  const halves = into.subarray(0, values.length);
  encodeFloat16(values, halves);
  return halves;
}

function bytesIn({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
