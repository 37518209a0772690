import { RagInstructError } from "@rag-instruct/core";
import { bootstrap } from "./bootstrap.ts";
import { fastRandom } from "./fast-random.ts";

/** The score of one item under one model. */
export interface ItemValue {
  id: string;
  value: number;
}

/** How two models compare on the items that both answered. */
export interface PairedComparison {
  /** Items that both have. */
  pairs: number;
  /** Ids that only one has; they do not count. */
  onlyInFirst: string[];
  onlyInSecond: string[];
  /** Mean of the second less mean of the first, over the pairs, with its bootstrap interval. */
  difference: number;
  low: number;
  high: number;
  /** Items on which the second is better, and worse. */
  better: number;
  worse: number;
  /** Chance of a difference at least this large, either way, if the two models were alike. */
  pValue: number;
  seed: number | string;
  permutations: number;
}

/**
 * Compares two models on the same items by a paired permutation test (Fisher 1935): the sign of each item's difference is
 * flipped at random, and p is the share of flips, the observed one counted, whose sum is at least as large.
 * Throws `bad-input` when no id is shared and `duplicate-id` when one comes twice.
 */
export function comparePaired(
  first: readonly ItemValue[],
  second: readonly ItemValue[],
  {
    seed = 1,
    permutations = 10_000,
    level = 0.95,
  }: { seed?: number | string; permutations?: number; level?: number } = {},
): PairedComparison {
  const before = byId(first);
  const after = byId(second);
  const shared = [...before.keys()].filter((id) => after.has(id));
  if (shared.length === 0)
    throw new RagInstructError("bad-input", "the two runs share no item; compare runs over the same items");
  const differences = shared.map((id) => after.get(id)! - before.get(id)!);
  const { mean, low, high } = bootstrap(differences, { seed, level });
  return {
    pairs: shared.length,
    onlyInFirst: [...before.keys()].filter((id) => !after.has(id)),
    onlyInSecond: [...after.keys()].filter((id) => !before.has(id)),
    difference: mean,
    low,
    high,
    better: differences.filter((difference) => difference > 0).length,
    worse: differences.filter((difference) => difference < 0).length,
    pValue: signFlipP(differences, { seed, permutations }),
    seed,
    permutations,
  };
}

function byId(values: readonly ItemValue[]): Map<string, number> {
  const map = new Map<string, number>();
  for (const { id, value } of values) {
    if (map.has(id)) throw new RagInstructError("duplicate-id", `item ${id} is scored twice in one run`);
    map.set(id, value);
  }
  return map;
}

function signFlipP(
  differences: readonly number[],
  { seed, permutations }: { seed: number | string; permutations: number },
): number {
  // Items without a difference add nothing, whichever way they are flipped.
  const moving = Float64Array.from(differences.filter((difference) => difference !== 0));
  const observed = Math.abs(moving.reduce((sum, difference) => sum + difference, 0));
  const random = fastRandom(seed, "permutation", moving.length);
  // Sums of the same terms in another order differ in their last bits.
  const tolerance = 1e-12 * Math.max(1, observed);
  let atLeast = 1;
  for (let n = 0; n < permutations; n++) {
    let sum = 0;
    let bits = 0;
    for (let i = 0; i < moving.length; i++) {
      if ((i & 31) === 0) bits = random();
      sum += bits & 1 ? moving[i]! : -moving[i]!;
      bits >>>= 1;
    }
    if (Math.abs(sum) >= observed - tolerance) atLeast++;
  }
  return atLeast / (permutations + 1);
}
