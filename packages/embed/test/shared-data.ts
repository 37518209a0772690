import { join } from "node:path";
import { fileURLToPath } from "node:url";

const shared = fileURLToPath(new URL("../../../../shared/", import.meta.url));

/** Data that is not part of this repository; tests that need it skip where it is absent. */
export const sharedData = process.env.RAG_INSTRUCT_SHARED_DATA ?? join(shared, "data");
export const miniLm = join(process.env.RAG_INSTRUCT_SHARED_MODELS ?? join(shared, "models"), "all-MiniLM-L6-v2");

/** Cosine of two vectors. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}
