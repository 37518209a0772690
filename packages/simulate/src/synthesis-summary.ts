import { RagInstructError, type Tally } from "@rag-instruct/core";
import type { SynthesisOutcome } from "./write-pair.ts";

/** How far one paradigm has come. */
export interface ParadigmSummary {
  wanted: number;
  accepted: number;
  /** Pairs that are missing. */
  short: number;
  /** Rejected and failed tasks by reason; failures by the code of their error. */
  reasons: Record<string, number>;
}

/** What a synthesis came to: accepted + rejected + failed = requested, the tasks attempted. */
export interface SynthesisSummary extends Tally {
  /** Reserves that were never drawn. */
  unused: number;
  /** Tasks that the budget had no room for. */
  unpaid: number;
  paradigms: Record<string, ParadigmSummary>;
}

/** Adds outcomes up while they come. */
export interface SummaryKeeper {
  /** Pairs still missing by paradigm. */
  readonly missing: Map<string, number>;
  want(paradigm: string): void;
  add(outcome: SynthesisOutcome): void;
  isBudgetUsedUp(): boolean;
  setUnused(count: number): void;
  summary(): SynthesisSummary;
}

/** Starts an account of the pairs wanted by paradigm. */
export function summarize(counts: Readonly<Record<string, number>> = {}): SummaryKeeper {
  const missing = new Map(Object.entries(counts));
  const sum: SynthesisSummary = {
    requested: 0,
    accepted: 0,
    rejected: 0,
    failed: 0,
    reasons: {},
    unused: 0,
    unpaid: 0,
    paradigms: {},
  };
  for (const [id, wanted] of missing) entryOf(id).wanted = wanted;

  function entryOf(id: string): ParadigmSummary {
    sum.paradigms[id] ??= { wanted: 0, accepted: 0, short: 0, reasons: {} };
    return sum.paradigms[id];
  }
  return {
    missing,
    want(paradigm) {
      missing.set(paradigm, (missing.get(paradigm) ?? 0) + 1);
      entryOf(paradigm).wanted++;
    },
    add(outcome) {
      sum.requested++;
      sum[outcome.status]++;
      if (outcome.status === "accepted") {
        const { paradigm } = outcome.value;
        missing.set(paradigm, (missing.get(paradigm) ?? 0) - 1);
        entryOf(paradigm).accepted++;
        return;
      }
      const { reasons } = entryOf(outcome.input.paradigm);
      const reason = outcome.status === "rejected" ? outcome.reason : codeOf(outcome.error);
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      if (outcome.status === "rejected") sum.reasons[reason] = (sum.reasons[reason] ?? 0) + 1;
      if (reason === "budget-exhausted") sum.unpaid++;
    },
    isBudgetUsedUp: () => sum.unpaid > 0,
    setUnused(count) {
      sum.unused = count;
    },
    summary() {
      const paradigms = Object.entries(sum.paradigms).map(([id, entry]) => {
        const short = Math.max(0, entry.wanted - entry.accepted);
        return [id, { ...entry, short, reasons: { ...entry.reasons } }];
      });
      return { ...sum, reasons: { ...sum.reasons }, paradigms: Object.fromEntries(paradigms) };
    },
  };
}

function codeOf(error: Error): string {
  return RagInstructError.is(error) ? error.code : error.name;
}
