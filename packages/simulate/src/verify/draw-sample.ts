import { hashOf, type Source } from "@rag-instruct/core";

/**
 * Draws so many items uniformly and without putting back: those whose ids have the smallest hashes under the seed (bottom-k sampling,
 * Cohen and Kaplan 2007). Holds that many hashes, whatever the length of the stream; its order does not matter.
 */
export async function drawSample(
  items: Source<{ id: string }>,
  { size, seed, signal }: { size: number; seed: number | string; signal?: AbortSignal },
): Promise<(id: string) => boolean> {
  const rankOf = (id: string) => hashOf(["sample", seed, id]);
  let smallest: string[] = [];
  for await (const { id } of items) {
    signal?.throwIfAborted();
    smallest.push(rankOf(id));
    // Sorting now and then costs less than keeping order.
    if (smallest.length === 2 * size + 1000) smallest = smallest.sort().slice(0, size);
  }
  const drawn = new Set(smallest.sort().slice(0, size));
  return (id) => drawn.has(rankOf(id));
}
