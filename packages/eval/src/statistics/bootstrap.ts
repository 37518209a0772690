import { RagInstructError } from "@rag-instruct/core";
import { fastRandom } from "./fast-random.ts";

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
}

/**
 * The bootstrap percentile interval of a mean (Efron 1979): means of samples drawn with replacement, cut at both ends.
 * Throws `bad-input` without scores and for a score that is no number.
 */
export function bootstrap(
  scores: readonly number[],
  { seed = 1, resamples = 10_000, level = 0.95 }: BootstrapOptions = {},
): Interval {
  const values = checked(scores);
  const count = values.length;
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

function checked(scores: readonly number[]): Float64Array {
  if (scores.length === 0) throw new RagInstructError("bad-input", "an interval needs at least one score");
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0)
    throw new RagInstructError("bad-input", `score ${bad + 1} of ${scores.length} is ${scores[bad]}, no number`);
  return Float64Array.from(scores);
}

/** The value below which that share of the sorted values lies, interpolated (Hyndman and Fan 1996, type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
