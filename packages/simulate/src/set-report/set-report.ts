import { join } from "node:path";
import {
  type Exemplar,
  guessLanguage,
  hashTable,
  hashWords,
  type OnProgress,
  type Outcome,
  type Pair,
  type Source,
  wilsonInterval,
  wordsOf,
} from "@rag-instruct/core";
import { readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { isUnproved } from "../verify/verify.ts";
import {
  type DistinctGrams,
  distinctGrams,
  type NearestQuestions,
  nearestQuestions,
  reservoir,
  selfBleu,
} from "./diversity.ts";
import { kindOfQuestion, type QuestionKind } from "./question-kind.ts";

/** Name of a set's figures in a run folder. */
export const setReportFile = "set-report.json";

/** A generated set in figures, as plain JSON. */
export interface SetReport {
  /** Of this shape. */
  version: 1;
  seed: number | string;
  /** Accepted + rejected + failed = requested. */
  requested: number;
  accepted: number;
  rejected: number;
  failed: number;
  /** Rejected items by reason, most frequent first. */
  reasons: Record<string, number>;
  /** Accepted pairs whose relation words alone have checked and cannot prove. */
  unproved: number;
  /** In the order in which they first came. */
  paradigms: ParadigmFigures[];
  verification: {
    /** Accepted pairs by the level they were verified at; `none` where no verdict is kept. */
    levels: Record<string, number>;
    /** Calls that the verdicts took, those shared through the ledger counted each time they were needed. */
    calls: CallFigures;
    /** Of these the calls of proofs, over the items that came so far. */
    proofCalls: CallFigures;
  };
  /** Source documents of the accepted pairs. */
  documents: {
    uses: number;
    distinct: number;
    mostUsesOfOne: number;
    /** Passages of the corpus, where it was said. */
    corpus?: number;
    /** Share of the corpus that serves as a source document, where the corpus' size is known. */
    coverage?: number;
  };
  questionKinds: Partial<Record<QuestionKind, number>>;
  /** In words. */
  lengths: { question: Lengths; answer: Lengths; document: Lengths };
  /** Questions by language, ISO 639-1; `unknown` where the question says too little. Most frequent first. */
  languages: Record<string, number>;
  diversity: {
    questions: DistinctGrams;
    answers: DistinctGrams;
    /** How like a question is to the most similar other one of the sample. */
    nearest: NearestQuestions;
    selfBleu: {
      /** Mean BLEU-4 of a question against the others of the sample, 0 to 1; lower is more diverse. Null below two questions. */
      score: number | null;
      /** Questions drawn. */
      sample: number;
    };
  };
  exemplars: {
    distinct: number;
    /** Accepted pairs of the exemplar that served most often. */
    mostPairsOfOne: number;
    /** Accepted pairs by the dataset of their exemplar, most frequent first; absent where no exemplars were given. */
    sources?: { source: string; pairs: number; share: number }[];
  };
}

/** What verdicts took. */
export interface CallFigures {
  /** Items that keep the number of their calls. */
  items: number;
  total: number;
  /** Calls an item; 0 where there are none. */
  mean: number;
}

/** One paradigm's part of the set. */
export interface ParadigmFigures {
  paradigm: string;
  requested: number;
  accepted: number;
  rejected: number;
  failed: number;
  /** Accepted pairs whose relation words alone have checked and cannot prove: `verify` at `judge` can. */
  unproved: number;
  /** Accepted among accepted and rejected, with its 95% Wilson interval. Null where nothing was decided. */
  acceptance: { share: number; low: number; high: number } | null;
  /** Most frequent first. */
  reasons: Record<string, number>;
}

/** How long texts are. All 0 where there are none. */
export interface Lengths {
  mean: number;
  min: number;
  p5: number;
  median: number;
  p95: number;
  max: number;
}

/** Options of {@link setReport}. */
export interface SetReportOptions {
  /** Of synthesis or of verification, read once. */
  outcomes: Source<PairOutcome>;
  /** The exemplars, for the shares of their datasets. @default none: the report has no shares */
  exemplars?: Source<Pick<Exemplar, "id" | "source">>;
  /** Passages of the corpus, for the coverage. @default unknown */
  corpusSize?: number;
  /** Questions drawn for self-BLEU. @default 1000 */
  sample?: number;
  /** @default 1 */
  seed?: number | string;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Puts a set into figures in one pass. Memory grows with the distinct documents, exemplars and n-grams, never with the texts. */
export async function setReport(options: SetReportOptions): Promise<SetReport> {
  const { outcomes, corpusSize, sample = 1000, seed = 1, signal, onProgress } = options;
  const datasets = new Map<string, string>();
  for await (const { id, source } of options.exemplars ?? []) datasets.set(id, source);
  const verdicts = verdictCounter();
  const texts = textCounter({ sample, seed });
  const uses = { documents: useCounter(), exemplars: useCounter() };
  const sources = new Map<string, number>();
  let done = 0;
  for await (const outcome of outcomes) {
    signal?.throwIfAborted();
    verdicts.add(outcome);
    if (++done % 1000 === 0) onProgress?.({ stage: "set-report", done });
    if (outcome.status !== "accepted") continue;
    const pair = outcome.value;
    texts.add(pair);
    for (const { id } of pair.documents) uses.documents.add(id);
    uses.exemplars.add(pair.exemplarId);
    count(sources, datasets.get(pair.exemplarId) ?? "unknown");
  }
  const { accepted } = verdicts.figures();
  const { uses: documentUses, distinct, most } = uses.documents.figures();
  return {
    version: 1,
    seed,
    ...verdicts.figures(),
    documents: {
      uses: documentUses,
      distinct,
      mostUsesOfOne: most,
      corpus: corpusSize,
      coverage: corpusSize === undefined ? undefined : corpusSize > 0 ? distinct / corpusSize : 0,
    },
    ...texts.figures(),
    exemplars: {
      distinct: uses.exemplars.figures().distinct,
      mostPairsOfOne: uses.exemplars.figures().most,
      sources: options.exemplars
        ? Object.entries(byCount(sources)).map(([source, pairs]) => ({
            source,
            pairs,
            share: pairs / accepted,
          }))
        : undefined,
    },
  };
}

/** Puts the pairs of a run into figures, with the shares of its exemplars' datasets, and writes them to `set-report.json` in its folder. */
export async function writeSetReport(run: string, options: Omit<SetReportOptions, "exemplars">): Promise<void> {
  const exemplars = readJsonl<Exemplar>(join(run, "exemplars.jsonl"), { signal: options.signal, mayBeMissing: true });
  const report = await setReport({ ...options, exemplars });
  await writeAtomic(join(run, setReportFile), `${JSON.stringify(report, null, 2)}\n`);
}

/** Counts how often each id comes, by hashes of 64 bits. */
function useCounter(): { add(id: string): void; figures(): { uses: number; distinct: number; most: number } } {
  const table = hashTable();
  let uses = 0;
  let most = 0;
  return {
    add(id) {
      const { highs, lows } = hashWords([id]);
      const times = (table.get(highs[0]!, lows[0]!) ?? 0) + 1;
      table.set(highs[0]!, lows[0]!, times);
      uses++;
      most = Math.max(most, times);
    },
    figures: () => ({ uses, distinct: table.size, most }),
  };
}

type VerdictFigures = Pick<
  SetReport,
  "requested" | "accepted" | "rejected" | "failed" | "unproved" | "reasons" | "paradigms" | "verification"
>;

/** An outcome of synthesis or of verification: what is not accepted keeps an input that names its paradigm. */
export type PairOutcome = Outcome<Pair, { paradigm: string; evidence?: Record<string, unknown> }>;

/** Counts how items ended, in all and by paradigm. */
function verdictCounter(): { add(outcome: PairOutcome): void; figures(): VerdictFigures } {
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
function textCounter({ sample, seed }: { sample: number; seed: number | string }): {
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
function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Most frequent first; equals by name, so that the report does not depend on the order of the stream. */
function byCount<K extends string>(counts: ReadonlyMap<K, number>): Record<K, number> {
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return Object.fromEntries(sorted) as Record<K, number>;
}
