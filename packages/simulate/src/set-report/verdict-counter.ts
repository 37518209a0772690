import { type Outcome, type Pair, wilsonInterval } from "@rag-instruct/core";
import { byCount, count } from "./counts.ts";
import type { CallFigures, ParadigmFigures, SetReport } from "./report.ts";

type VerdictFigures = Pick<
  SetReport,
  "requested" | "accepted" | "rejected" | "failed" | "reasons" | "paradigms" | "verification"
>;

/** An outcome of synthesis or of verification: what is not accepted keeps an input that names its paradigm. */
export type PairOutcome = Outcome<Pair, { paradigm: string; evidence?: Record<string, unknown> }>;

/** Counts how items ended, in all and by paradigm. */
export function verdictCounter(): { add(outcome: PairOutcome): void; figures(): VerdictFigures } {
  const paradigms = new Map<string, ParadigmFigures>();
  const sum = { requested: 0, accepted: 0, rejected: 0, failed: 0 };
  const reasons = new Map<string, number>();
  const levels = new Map<string, number>();
  const calls = callCounter();
  const proofCalls = callCounter();
  const emptyFigures = { requested: 0, accepted: 0, rejected: 0, failed: 0, acceptance: null, reasons: {} };
  return {
    add(outcome) {
      const { paradigm, evidence } = outcome.status === "accepted" ? outcome.value : outcome.input;
      const own = paradigms.get(paradigm) ?? { paradigm, ...emptyFigures, reasons: {} };
      paradigms.set(paradigm, own);
      for (const figures of [sum, own]) {
        figures.requested++;
        figures[outcome.status]++;
      }
      if (outcome.status === "rejected") {
        count(reasons, outcome.reason);
        own.reasons[outcome.reason] = (own.reasons[outcome.reason] ?? 0) + 1;
      }
      const verified = evidence?.verify as { level?: string; calls?: number; proofCalls?: number } | undefined;
      if (outcome.status === "accepted") count(levels, verified?.level ?? (evidence?.lexical ? "lexical" : "none"));
      calls.add(verified?.calls);
      proofCalls.add(verified?.proofCalls);
    },
    figures: () => ({
      ...sum,
      reasons: byCount(reasons),
      paradigms: Array.from(paradigms.values(), withAcceptance),
      verification: {
        levels: byCount(levels),
        calls: calls.figures(),
        proofCalls: proofCalls.figures(),
      },
    }),
  };
}

function callCounter(): { add(calls: number | undefined): void; figures(): CallFigures } {
  let items = 0;
  let total = 0;
  return {
    add(calls) {
      if (typeof calls !== "number") return;
      items++;
      total += calls;
    },
    figures: () => ({ items, total, mean: items === 0 ? 0 : total / items }),
  };
}

function withAcceptance(figures: ParadigmFigures): ParadigmFigures {
  const { accepted, rejected, reasons } = figures;
  const trials = accepted + rejected;
  const acceptance =
    trials === 0 ? null : { share: accepted / trials, ...wilsonInterval({ successes: accepted, trials }) };
  return { ...figures, acceptance, reasons: byCount(new Map(Object.entries(reasons))) };
}
