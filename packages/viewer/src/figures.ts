import { addSpending, emptySpending, type Spending, wordsOf } from "@rag-instruct/core";
import type { Histogram } from "@rag-instruct/core/page";
import type { RunItem } from "./read-run.ts";
import type { Verdict } from "./shape.ts";

/** Counts by verdict. */
export type VerdictCounts = Record<Verdict, number>;

/** What a run comes to, in numbers. */
export interface Figures {
  verdicts: VerdictCounts;
  /** First turns by their paradigm, and all that go on from them as "later turns": these no plan asks for by number. */
  paradigms: Map<string, VerdictCounts>;
  /** Of what was rejected, failed or left out. */
  reasons: Map<string, number>;
  /** Accepted pairs by the task of their exemplar. */
  tasks: Map<string, number>;
  ranks: { source: Histogram; noise: Histogram };
  documents: { source: number; noise: number; unknown: number; relaxed: number };
  /** Accepted pairs by the model that wrote them, where they name it. */
  models: Map<string, number>;
  /** In words. */
  lengths: { question: Histogram; answer: Histogram; passage: Histogram };
  /** What was paid for replies that became accepted pairs, for those that did not, and for all else. */
  spending: { accepted: Spending; refused: Spending; other: Spending };
}

/** What the later turns of conversations stand under, whatever their paradigm. */
const laterTurns = "later turns";

/** Figures before anything is counted. */
export function emptyFigures(): Figures {
  return {
    verdicts: noVerdicts(),
    paradigms: new Map(),
    reasons: new Map(),
    tasks: new Map(),
    models: new Map(),
    ranks: { source: new Map(), noise: new Map() },
    documents: { source: 0, noise: 0, unknown: 0, relaxed: 0 },
    lengths: { question: new Map(), answer: new Map(), passage: new Map() },
    spending: { accepted: emptySpending(), refused: emptySpending(), other: emptySpending() },
  };
}

/** Adds one item; `task` is that of its exemplar. */
export function addItem(figures: Figures, item: RunItem, { task }: { task?: string }): void {
  const { verdict, reason, question, answer, model, example } = item;
  figures.verdicts[verdict]++;
  const row = item.history ? laterTurns : item.paradigm;
  const of = figures.paradigms.get(row) ?? noVerdicts();
  figures.paradigms.set(row, of);
  of[verdict]++;
  if (reason !== undefined) increment(figures.reasons, reason);
  if (verdict !== "accepted") return;
  if (task !== undefined) increment(figures.tasks, task);
  if (model !== undefined) increment(figures.models, model);
  increment(figures.lengths.question, wordsOf(question ?? "").length);
  increment(figures.lengths.answer, wordsOf(answer ?? "").length);
  for (const { role, rank, relaxed } of example?.documents ?? []) {
    figures.documents[role]++;
    if (relaxed) figures.documents.relaxed++;
    if (rank !== undefined && role !== "unknown") increment(figures.ranks[role], rank);
  }
}

/** Adds a passage that was not met before. */
export function addPassage(figures: Figures, text: string): void {
  increment(figures.lengths.passage, wordsOf(text).length);
}

/** Books a reply under what it became. */
export function addReply({ spending }: Figures, verdict: Verdict, spent: Spending): void {
  addSpending(verdict === "accepted" ? spending.accepted : spending.refused, spent);
}

/** What of the whole was neither. */
export function bookRest({ spending }: Figures, total: Spending): void {
  for (const key of ["replies", "inputTokens", "outputTokens", "usd"] as const) {
    spending.other[key] = Math.max(0, total[key] - spending.accepted[key] - spending.refused[key]);
  }
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function noVerdicts(): VerdictCounts {
  return { accepted: 0, rejected: 0, failed: 0, unassembled: 0 };
}
