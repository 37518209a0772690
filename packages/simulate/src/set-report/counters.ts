import { guessLanguage, type Outcome, type Pair, wilsonInterval, wordsOf } from "@rag-instruct/core";
import { isUnproved } from "../verify/verify.ts";
import { distinctGrams, nearestQuestions, reservoir, selfBleu } from "./diversity.ts";
import { kindOfQuestion, type QuestionKind } from "./question-kind.ts";
import type { CallFigures, Lengths, ParadigmFigures, SetReport } from "./report.ts";

type VerdictFigures = Pick<
  SetReport,
  "requested" | "accepted" | "rejected" | "failed" | "unproved" | "reasons" | "paradigms" | "verification"
>;

/** An outcome of synthesis or of verification: what is not accepted keeps an input that names its paradigm. */
export type PairOutcome = Outcome<Pair, { paradigm: string; evidence?: Record<string, unknown> }>;

/** Counts how items ended, in all and by paradigm. */
export function verdictCounter(): { add(outcome: PairOutcome): void; figures(): VerdictFigures } {
  const paradigms = new Map<string, ParadigmFigures>();
  const sum = { requested: 0, accepted: 0, rejected: 0, failed: 0, unproved: 0 };
  const reasons = new Map<string, number>();
  const levels = new Map<string, number>();
  const calls = callCounter();
  const proofCalls = callCounter();
  const emptyFigures = {
    requested: 0,
    accepted: 0,
    rejected: 0,
    failed: 0,
    unproved: 0,
    acceptance: null,
    reasons: {},
  };
  return {
    add(outcome) {
      const { paradigm, evidence } = outcome.status === "accepted" ? outcome.value : outcome.input;
      const own = paradigms.get(paradigm) ?? { paradigm, ...emptyFigures, reasons: {} };
      paradigms.set(paradigm, own);
      for (const figures of [sum, own]) {
        figures.requested++;
        figures[outcome.status]++;
        if (outcome.status === "accepted" && isUnproved(outcome.value)) figures.unproved++;
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

type TextFigures = Pick<SetReport, "questionKinds" | "lengths" | "languages" | "diversity">;

/** Puts the texts of accepted pairs into figures. */
export function textCounter({ sample, seed }: { sample: number; seed: number | string }): {
  add(pair: Pair): void;
  figures(): TextFigures;
} {
  const lengths = { question: lengthCounter(), answer: lengthCounter(), document: lengthCounter() };
  const grams = { questions: distinctGrams(), answers: distinctGrams() };
  const kinds = new Map<QuestionKind, number>();
  const languages = new Map<string, number>();
  const drawn = reservoir<readonly string[]>(sample, seed);
  return {
    add(pair) {
      const question = wordsOf(pair.question);
      const answer = wordsOf(pair.answer);
      lengths.question.add(question.length);
      lengths.answer.add(answer.length);
      for (const { text } of pair.documents) lengths.document.add(wordsOf(text).length);
      grams.questions.add(question);
      grams.answers.add(answer);
      drawn.add(question);
      count(kinds, kindOfQuestion(pair));
      count(languages, guessLanguage(pair.question).language ?? "unknown");
    },
    figures: () => ({
      questionKinds: byCount(kinds),
      lengths: {
        question: lengths.question.figures(),
        answer: lengths.answer.figures(),
        document: lengths.document.figures(),
      },
      languages: byCount(languages),
      diversity: {
        questions: grams.questions.figures(),
        answers: grams.answers.figures(),
        nearest: nearestQuestions(drawn.sample),
        selfBleu: { score: selfBleu(drawn.sample), sample: drawn.sample.length },
      },
    }),
  };
}

/** Adds lengths up; memory grows with the number of different lengths, not with the number of texts. */
interface LengthCounter {
  add(length: number): void;
  figures(): Lengths;
}

function lengthCounter(): LengthCounter {
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

/** Adds one to a name's count. */
export function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Most frequent first; equals by name, so that the report does not depend on the order of the stream. */
export function byCount<K extends string>(counts: ReadonlyMap<K, number>): Record<K, number> {
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return Object.fromEntries(sorted) as Record<K, number>;
}
