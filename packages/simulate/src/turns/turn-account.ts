import { listText, numberText, RagInstructError } from "@rag-instruct/core";
import type { SynthesisOutcome } from "../synthesis/write-pair.ts";
import { noFurtherDocuments } from "./continue-pairs.ts";

/** Adds up the later turns of conversations as they pass. */
export class TurnAccount {
  /** Accepted turns by their number. */
  readonly #accepted = new Map<number, number>();
  /** Why conversations ended before they were as long as was asked for. */
  readonly #ends = new Map<string, number>();
  #givenUp: string | undefined;

  /** Passes outcomes of `continuePairs`. A model that is given up ends them: what was accepted before is of use. */
  async *watching(outcomes: AsyncIterable<SynthesisOutcome>): AsyncGenerator<SynthesisOutcome> {
    try {
      for await (const outcome of outcomes) {
        this.#add(outcome);
        yield outcome;
      }
    } catch (error) {
      if (!RagInstructError.is(error, "reply-unusable")) throw error;
      this.#givenUp = error.message;
    }
  }

  #add(outcome: SynthesisOutcome): void {
    if (outcome.status === "accepted") increment(this.#accepted, (outcome.value.history ?? []).length + 1);
    else if (outcome.status === "rejected") increment(this.#ends, outcome.reason);
  }

  /** Later turns, the conversations that have any, and turns that were never asked for, since no documents were left for them. */
  counts(): Record<string, number> {
    const turns = [...this.#accepted.values()].reduce((sum, count) => sum + count, 0);
    const counts: Record<string, number> = { "later turns": turns, conversations: this.#accepted.get(2) ?? 0 };
    const unplanned = this.#ends.get(noFurtherDocuments);
    if (unplanned) counts.unplanned = unplanned;
    return counts;
  }

  /** How long the conversations are and why no longer, in words; undefined where there are none. */
  note(): string | undefined {
    if (this.#accepted.size + this.#ends.size === 0) return this.#givenUp;
    const lengths = [...this.#accepted]
      .map(([turn, count]) => [turn, count - (this.#accepted.get(turn + 1) ?? 0)] as const)
      .filter(([, count]) => count > 0)
      .map(([turn, count]) => `${numberText(count)} of ${turn} turns`);
    const ends = [...this.#ends]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, times]) => `${numberText(times)} × ${reason}`);
    const parts = [
      lengths.length > 0 && listText(lengths),
      ends.length > 0 && `ended by ${listText(ends)}`,
      this.#givenUp,
    ];
    return parts.filter(Boolean).join(", ");
  }
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
