import type { Source } from "./types.ts";

/** Groups a stream into arrays of `size` items; the last may be shorter. */
export async function* inBatches<T>(items: Source<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
