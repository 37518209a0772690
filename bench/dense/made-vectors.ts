import { existsSync, readFileSync } from "node:fs";
import { seededRandom, type Vectors } from "@rag-instruct/core";
import {
  decodeFloat16,
  encodeFloat16,
  type VectorDtype,
  writeVectorManifest,
  writeVectorShard,
} from "@rag-instruct/core/vectors";

/** Blocks of random unit vectors, rounded to float16, so that float16 and float32 hold the same. */
export function* unitVectors(count: number, dimensions: number, seed: number): Generator<Vectors> {
  const random = seededRandom(seed);
  const rows = 1000;
  for (let done = 0; done < count; done += rows) {
    const block = Math.min(rows, count - done);
    const data = new Float32Array(block * dimensions);
    for (let row = 0; row < block; row++) {
      let squares = 0;
      for (let i = row * dimensions; i < (row + 1) * dimensions; i++) {
        data[i] = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
        squares += data[i]! ** 2;
      }
      for (let i = row * dimensions; i < (row + 1) * dimensions; i++) data[i]! /= Math.sqrt(squares);
    }
    const halves = new Uint16Array(data.length);
    encodeFloat16(data, halves);
    decodeFloat16(halves, data);
    yield { data, count: block, dimensions };
  }
}

/** Writes a folder of such vectors where there is none yet. */
export async function writeUnitVectors(
  to: string,
  { count, dimensions, dtype, seed }: { count: number; dimensions: number; dtype: VectorDtype; seed: number },
): Promise<void> {
  if (existsSync(`${to}/manifest.json`)) return;
  const ids = Array.from({ length: count }, (_, row) => String(row));
  const vectors = unitVectors(count, dimensions, seed);
  const shard = await writeVectorShard({ to, index: 0, count, dimensions, dtype, vectors, ids });
  await writeVectorManifest(to, { embedderId: "random", dimensions, dtype, shards: [shard] });
}

/** The numbers of a .npy file of float32 or int32 that end it. */
export function npyBytes(path: string, bytes: number): ArrayBuffer {
  const file = readFileSync(path);
  return new Uint8Array(file.subarray(file.length - bytes)).buffer;
}
