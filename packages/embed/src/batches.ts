/** Rows of a batch, by their place in the input. */
export type Batch = number[];

/**
 * Groups texts of like length, so that padding is little: sorted by length, at most `tokens` tokens a batch, padding
 * included. A text longer than that is a batch of its own.
 */
export function batchByLength(lengths: readonly number[], { tokens }: { tokens: number }): Batch[] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]!);
  const batches: Batch[] = [];
  let longest = 0;
  for (const row of order) {
    const batch = batches.at(-1);
    if (batch && (batch.length + 1) * longest <= tokens) batch.push(row);
    else {
      longest = lengths[row]!;
      batches.push([row]);
    }
  }
  return batches;
}
