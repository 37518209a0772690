import type { ContractVectors } from "@rag-instruct/core/testing";
import { type VectorDtype, writeVectorManifest, writeVectorShard } from "@rag-instruct/core/vectors";

/** Writes vectors into a folder, in two shards. */
export async function writeVectorFolder(
  to: string,
  { embedderId, vectors, ids }: ContractVectors,
  dtype: VectorDtype = "float16",
): Promise<void> {
  const { data, count, dimensions } = vectors;
  const middle = Math.ceil(count / 2);
  const part = (index: number, from: number, end: number) =>
    writeVectorShard({
      to,
      index,
      count: end - from,
      dimensions,
      dtype,
      vectors: [{ data: data.slice(from * dimensions, end * dimensions), count: end - from, dimensions }],
      ids: ids.slice(from, end),
    });
  const shards = [await part(0, 0, middle), await part(1, middle, count)];
  await writeVectorManifest(to, { embedderId, dimensions, dtype, shards });
}
