import { RagInstructError, type Tally } from "@rag-instruct/core";
import { isUnproved } from "../verify/verify.ts";
import { isUnpaid } from "./early-stop.ts";
import type { SynthesisOutcome } from "./write-pair.ts";

/** How far one paradigm has come. */
export interface ParadigmSummary {
  wanted: number;
  accepted: number;
  /** Pairs that are missing. */
  short: number;
  /** Rejected and failed tasks by reason, failures by the code of their error, and what the budget had no room for. */
  reasons: Record<string, number>;
}

/** What a synthesis came to: accepted + rejected + failed = requested, the tasks attempted. */
export interface SynthesisSummary extends Tally {
  /** Reserves that were never drawn. */
  unused: number;
  /** Tasks that the budget had no room for: never attempted, and counted nowhere else. */
  unpaid: number;
  /** Accepted pairs whose relation words alone have checked and cannot prove: `verify` at `judge` can, with a call each. */
  unproved: number;
  paradigms: Record<string, ParadigmSummary>;
}

/** Adds outcomes up while they come, against the pairs that are wanted. */
export class SynthesisAccount {
  /** Pairs still missing by paradigm. */
  readonly missing: Map<string, number>;
  readonly #sum: SynthesisSummary = {
    requested: 0,
    accepted: 0,
    rejected: 0,
    failed: 0,
    reasons: {},
    unused: 0,
    unpaid: 0,
    unproved: 0,
    paradigms: {},
  };

  constructor(counts: Readonly<Record<string, number>> = {}) {
    this.missing = new Map(Object.entries(counts));
    for (const [id, wanted] of this.missing) this.#of(id).wanted = wanted;
  }

  get accepted(): number {
    return this.#sum.accepted;
  }

  get rejected(): number {
    return this.#sum.rejected;
  }

  get failed(): number {
    return this.#sum.failed;
  }

  /** The reason met most so far, and how often. */
  get mostMet(): string | undefined {
    const [most] = reasonsOf(this.#sum);
    return most && `${most[0]} (${most[1]})`;
  }

  get isBudgetUsedUp(): boolean {
    return this.#sum.unpaid > 0;
  }

  want(paradigm: string): void {
    this.missing.set(paradigm, (this.missing.get(paradigm) ?? 0) + 1);
    this.#of(paradigm).wanted++;
  }

  add(outcome: SynthesisOutcome): void {
    const sum = this.#sum;
    if (isUnpaid(outcome)) {
      sum.unpaid++;
      this.#addReason(outcome);
      return;
    }
    sum.requested++;
    sum[outcome.status]++;
    if (outcome.status === "accepted") {
      const { paradigm } = outcome.value;
      this.missing.set(paradigm, (this.missing.get(paradigm) ?? 0) - 1);
      this.#of(paradigm).accepted++;
      if (isUnproved(outcome.value)) sum.unproved++;
      return;
    }
    const reason = this.#addReason(outcome);
    if (outcome.status === "rejected") sum.reasons[reason] = (sum.reasons[reason] ?? 0) + 1;
  }

  setUnused(count: number): void {
    this.#sum.unused = count;
  }

  summary(): SynthesisSummary {
    const paradigms = Object.entries(this.#sum.paradigms).map(([id, entry]) => {
      const short = Math.max(0, entry.wanted - entry.accepted);
      return [id, { ...entry, short, reasons: { ...entry.reasons } }];
    });
    return { ...this.#sum, reasons: { ...this.#sum.reasons }, paradigms: Object.fromEntries(paradigms) };
  }

  #addReason(outcome: Exclude<SynthesisOutcome, { status: "accepted" }>): string {
    const { reasons } = this.#of(outcome.input.paradigm);
    const reason = reasonOf(outcome);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
    return reason;
  }

  #of(id: string): ParadigmSummary {
    this.#sum.paradigms[id] ??= { wanted: 0, accepted: 0, short: 0, reasons: {} };
    return this.#sum.paradigms[id];
  }
}

/** Whether a later run over the ledger would try a task once more; what the budget had no room for waits for a larger one. */
export function mayGoBetter(outcome: SynthesisOutcome, { askAgain }: { askAgain: number }): boolean {
  if (outcome.status === "failed") return !isUnpaid(outcome);
  return outcome.status === "rejected" && outcome.asked !== undefined && outcome.asked <= askAgain;
}

function reasonOf(outcome: Exclude<SynthesisOutcome, { status: "accepted" }>): string {
  if (outcome.status === "rejected") return outcome.reason;
  return RagInstructError.is(outcome.error) ? outcome.error.code : outcome.error.name;
}

/** Rejected and failed tasks of all paradigms by reason, most frequent first. */
export function reasonsOf({ paradigms }: Pick<SynthesisSummary, "paradigms">): [reason: string, count: number][] {
  const sums = new Map<string, number>();
  for (const { reasons } of Object.values(paradigms)) {
    for (const [reason, count] of Object.entries(reasons)) sums.set(reason, (sums.get(reason) ?? 0) + count);
  }
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
