/** Pairs wanted: a number of each paradigm, `{ each }` of every one, `{ total }` of all together, or counts by paradigm. */
export type PairsWanted = number | Readonly<Record<string, number>>;

/**
 * Pairs wanted of each of some paradigms: a number and `{ each }` are of every one; `{ total }` is shared out alike, and what cannot be
 * divided goes to the first ones; counts by paradigm stay as they are.
 */
export function pairCounts(pairs: PairsWanted, paradigms: readonly string[]): Readonly<Record<string, number>> {
  const { each, total, ...byParadigm }: Partial<Record<string, number>> =
    typeof pairs === "number" ? { each: pairs } : pairs;
  if (typeof pairs !== "number" && Object.keys(byParadigm).length > 0) return pairs;
  if (each !== undefined && total === undefined) return Object.fromEntries(paradigms.map((id) => [id, each]));
  if (each === undefined && total !== undefined) return sharedOut(total, paradigms);
  return pairs as Readonly<Record<string, number>>;
}

/** A total shared out alike; what cannot be divided goes to the first ones. */
export function sharedOut(total: number, paradigms: readonly string[]): Readonly<Record<string, number>> {
  const share = Math.floor(total / paradigms.length);
  const rest = total % paradigms.length;
  return Object.fromEntries(paradigms.map((id, i) => [id, share + (i < rest ? 1 : 0)]));
}

/** What counts by paradigm come to, in words: `, 20 of each of 5 paradigms`, or how many paradigms there are. Empty for one. */
export function sharesInWords(counts: Readonly<Record<string, number>>): string {
  const wanted = Object.values(counts).filter((count) => count > 0);
  if (wanted.length < 2) return "";
  const isAlike = wanted.every((count) => count === wanted[0]);
  return isAlike ? `, ${wanted[0]} of each of ${wanted.length} paradigms` : `, of ${wanted.length} paradigms`;
}
