import type { Source } from "./types.ts";

/**
 * How one item ended. Nothing vanishes: at every stage accepted + rejected + failed = requested.
 * `R` is the union of reasons that the stage's package exports.
 */
export type Outcome<T, I = unknown, R extends string = string> =
  | { status: "accepted"; id: string; value: T }
  | { status: "rejected"; id: string; input: I; reason: R; detail: string; raw?: string }
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

/** A tally of nothing. */
export function emptyTally(): Tally {
  return { requested: 0, accepted: 0, rejected: 0, failed: 0, reasons: {} };
}

/** Adds one outcome to a tally. */
export function addOutcome(sum: Tally, outcome: Outcome<unknown>): void {
  sum.requested += 1;
  sum[outcome.status] += 1;
  if (outcome.status === "rejected") sum.reasons[outcome.reason] = (sum.reasons[outcome.reason] ?? 0) + 1;
}
