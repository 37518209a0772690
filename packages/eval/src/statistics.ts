import { RagInstructError, seededRandom, wilsonInterval } from "@rag-instruct/core";

/** A mean with its interval. */
export interface Interval {
  mean: number;
  low: number;
  high: number;
  /** Number of scores. */
  count: number;
}

/** Options of {@link bootstrap}. */
export interface BootstrapOptions {
  /** The same seed gives the same interval. @default 1 */
  seed?: number | string;
  /** Samples drawn. @default 10000 */
  resamples?: number;
  /** Confidence, 0 to 1. @default 0.95 */
  level?: number;
  /** The least and the greatest that a score can be. @default [0, 1] */
  range?: readonly [least: number, greatest: number];
}

/**
 * The bootstrap percentile interval of a mean (Efron 1979): means of samples drawn with replacement, cut at both ends.
 * One score, or scores that all stand at an end of their range, say nothing of their spread: samples of them are all alike. Their interval is
 * Wilson's, at 95%, which takes the widest spread that scores of this mean can have.
 * Throws `bad-input` without scores and for a score that is not a finite number.
 */
export function bootstrap(
  scores: readonly number[],
  { seed = 1, resamples = 10_000, level = 0.95, range = [0, 1] }: BootstrapOptions = {},
): Interval {
  const values = checked(scores);
  const count = values.length;
  const [first] = values;
  if (count === 1 || (range.includes(first!) && values.every((value) => value === first)))
    return widest({ mean: first!, count, range });
  const random = fastRandom(seed, "bootstrap", count);
  const means = new Float64Array(resamples);
  for (let sample = 0; sample < resamples; sample++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[Math.floor((random() * count) / 2 ** 32)]!;
    means[sample] = sum / count;
  }
  means.sort();
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { mean, low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2), count };
}

function widest({
  mean,
  count,
  range: [least, greatest],
}: {
  mean: number;
  count: number;
  range: readonly [number, number];
}) {
  const width = greatest - least;
  const { low, high } = wilsonInterval({ successes: (count * (mean - least)) / width, trials: count });
  return { mean, low: least + low * width, high: least + high * width, count };
}

function checked(scores: readonly number[]): Float64Array {
  if (scores.length === 0) throw new RagInstructError("bad-input", "an interval needs at least one score");
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0)
    throw new RagInstructError(
      "bad-input",
      `score ${bad + 1} of ${scores.length} is ${scores[bad]}, not a finite number`,
    );
  return Float64Array.from(scores);
}

/** The value below which that share of the sorted values lies, interpolated (Hyndman and Fan 1996, type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

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
  const { mean, low, high } = bootstrap(differences, { seed, level, range: [-1, 1] });
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

/**
 * A generator of uniform 32-bit integers for inner loops that draw hundreds of millions: xoshiro128** (Blackman and Vigna
 * 2018), its state filled by core's seeded generator. The same seed and path give the same numbers.
 */
export function fastRandom(seed: number | string, ...path: readonly (number | string)[]): () => number {
  const filler = seededRandom(seed, ...path);
  const draw = () => filler.integer(2 ** 32) | 0;
  let [a, b, c, d] = [draw(), draw(), draw(), draw() | 1];
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
}
