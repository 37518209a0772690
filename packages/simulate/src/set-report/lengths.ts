import type { Lengths } from "./report.ts";

/** Adds lengths up; memory grows with the number of different lengths, not with the number of texts. */
export interface LengthCounter {
  add(length: number): void;
  figures(): Lengths;
}

export function lengthCounter(): LengthCounter {
  const counts = new Map<number, number>();
  let total = 0;
  let sum = 0;
  return {
    add(length) {
      counts.set(length, (counts.get(length) ?? 0) + 1);
      total++;
      sum += length;
    },
    figures() {
      if (total === 0) return { mean: 0, min: 0, p5: 0, median: 0, p95: 0, max: 0 };
      const sorted = [...counts].sort(([a], [b]) => a - b);
      const at = (share: number) => quantile(sorted, share * total);
      return {
        mean: Math.round((sum / total) * 100) / 100,
        min: sorted[0]![0],
        p5: at(0.05),
        median: at(0.5),
        p95: at(0.95),
        max: sorted.at(-1)![0],
      };
    },
  };
}

/** The length that so many texts do not exceed (nearest rank). */
function quantile(sorted: readonly [length: number, count: number][], rank: number): number {
  let seen = 0;
  for (const [length, count] of sorted) {
    seen += count;
    if (seen >= rank) return length;
  }
  return sorted.at(-1)![0];
}
