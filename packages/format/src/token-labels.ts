import type { Span } from "./label-mask.ts";

/** Turns text to token ids without adding any, as `openTokenizer(folder)` gives it. */
export type EncodeText = (text: string) => number[];

/** The label that trainers ignore in the loss. */
export const ignored = -100;

/**
 * Token ids and labels of a rendered conversation: the id itself where a token holds trained text, -100 elsewhere. A
 * token that reaches over the edge of a span is trained. Edges are found by encoding the text up to them and keeping
 * what agrees with the whole, which needs no offsets from the tokenizer.
 */
export function labelTokens(
  { text, trained }: { text: string; trained: readonly Span[] },
  encode: EncodeText,
): { ids: number[]; labels: number[] } {
  const ids = encode(text);
  const labels = ids.map(() => ignored);
  for (const { start, end } of trained) {
    const from = agreeing(ids, encode(text.slice(0, start)));
    const upTo = end === text.length ? ids.length : tokensThrough(ids, encode(text.slice(0, end)));
    for (let i = from; i < upTo; i++) labels[i] = ids[i]!;
  }
  return { ids, labels };
}

function agreeing(ids: readonly number[], prefix: readonly number[]): number {
  let count = 0;
  while (count < prefix.length && ids[count] === prefix[count]) count++;
  return count;
}

function tokensThrough(ids: readonly number[], prefix: readonly number[]): number {
  const count = agreeing(ids, prefix);
  return count < prefix.length ? count + 1 : count;
}
