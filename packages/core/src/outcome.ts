import type { Source } from "./types.ts";

/**
 * How one item ended. Nothing vanishes: at every stage accepted + rejected + failed = requested.
 * `R` is the union of reasons that the stage's package exports.
 */
export type Outcome<T, I = unknown, R extends string = string> =
  | { status: "accepted"; id: string; value: T }
  | {
      status: "rejected";
      id: string;
      input: I;
      reason: R;
      detail: string;
      raw?: string;
      /** Runs in which a model was asked and its reply could not be used, where that is why; a later run may ask again. */
      asked?: number;
    }
  | { status: "failed"; id: string; input: I; error: Error };

/** Counts of outcomes; `requested` is always the sum of the other three. */
export interface Tally {
  requested: number;
  accepted: number;
  rejected: number;
  failed: number;
  /** Rejected items by reason. */
  reasons: Record<string, number>;
}

/** What was passed over for one reason, and where. */
export interface LeftOut {
  reason: string;
  /** How many: files, records, passages, or bytes, as the reason says. */
  count: number;
  /** The first ten: a file, or `file:line`. */
  places: string[];
}

/** The values of the accepted outcomes, in order; the others are passed over. */
export async function* accepted<T>(outcomes: Source<Outcome<T>>): AsyncGenerator<T> {
  for await (const outcome of outcomes) {
    if (outcome.status === "accepted") yield outcome.value;
  }
}

/** Adds outcomes up as they pass: `tally()` is complete once the stream has been read to its end. */
export function counted<O extends Outcome<unknown>>(
  outcomes: Source<O>,
): { outcomes: AsyncIterable<O>; tally(): Tally } {
  const sum = emptyTally();
  async function* pass(): AsyncGenerator<O> {
    for await (const outcome of outcomes) {
      addOutcome(sum, outcome);
      yield outcome;
    }
  }
  return { outcomes: pass(), tally: () => ({ ...sum, reasons: { ...sum.reasons } }) };
}

/** Reads all outcomes and adds them up. */
export async function tally(outcomes: Source<Outcome<unknown>>): Promise<Tally> {
  const sum = emptyTally();
  for await (const outcome of outcomes) addOutcome(sum, outcome);
  return sum;
}

/** A tally in which nothing is counted yet. */
export function emptyTally(): Tally {
  return { requested: 0, accepted: 0, rejected: 0, failed: 0, reasons: {} };
}

/** Adds one outcome to a tally. */
export function addOutcome(sum: Tally, outcome: Outcome<unknown>): void {
  sum.requested += 1;
  sum[outcome.status] += 1;
  if (outcome.status === "rejected") sum.reasons[outcome.reason] = (sum.reasons[outcome.reason] ?? 0) + 1;
}

/**
 * The Wilson score interval of a share (Wilson 1927), which stays inside [0, 1] and holds for small counts.
 * @param options.z standard score of the confidence level. @default 1.96, for 95%
 * @returns [0, 1] when there are no trials
 */
export function wilsonInterval(
  { successes, trials }: { successes: number; trials: number },
  { z = 1.96 }: { z?: number } = {},
): { low: number; high: number } {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const centre = share + (z * z) / (2 * trials);
  const margin = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return { low: Math.max(0, (centre - margin) / scale), high: Math.min(1, (centre + margin) / scale) };
}
