/** Adds one to a name's count. */
export function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Most frequent first; equals by name, so that the report does not depend on the order of the stream. */
export function byCount<K extends string>(counts: ReadonlyMap<K, number>): Record<K, number> {
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return Object.fromEntries(sorted) as Record<K, number>;
}
