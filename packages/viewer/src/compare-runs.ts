import { join } from "node:path";
import { hashOf, isObject, type SpendingByPurpose } from "@rag-instruct/core";
import { readJsonFile } from "@rag-instruct/core/node";
import { readCost } from "./cost.ts";
import { addItem, emptyFigures, type VerdictCounts } from "./figures.ts";
import { readQuality } from "./quality.ts";
import { type RunItem, readRun } from "./read-run.ts";

/** How two runs differ. Of each two values the first is of the first run; undefined where that run has none. */
export interface RunDifference {
  /** The run folders. */
  runs: readonly [first: string, second: string];
  /** Settings that differ, by their path: `corpus.words`. The run folder itself is not compared. */
  settings: readonly { path: string; values: readonly [unknown, unknown] }[];
  /** Pairs by paradigm and verdict, of every paradigm that either run has. */
  counts: Readonly<Record<string, readonly [VerdictCounts, VerdictCounts]>>;
  /** How often each reason was given for a pair that was rejected, failed or left out. */
  reasons: Readonly<Record<string, readonly [number, number]>>;
  /** What calls came to, by what they were for. */
  cost: readonly [SpendingByPurpose, SpendingByPurpose];
  /** How varied the sets are, as their figures say it; undefined of a run that has none. */
  variety: readonly [Variety | undefined, Variety | undefined];
  pairs: PairDifference;
}

/** Shares, 0 to 1, of the accepted pairs of a run. */
export interface Variety {
  /** Word pairs of the questions that are not another's. */
  distinctQuestions: number;
  /** The same of the answers. */
  distinctAnswers: number;
  /** Questions that share half of their words or more with the one most like them; undefined where nobody looked. */
  alike?: number;
  /** Documents that pairs were written from; undefined where the size of the corpus is not known. */
  coverage?: number;
}

/** Accepted pairs of two runs; a pair is the same where question, answer and paradigm are. */
export interface PairDifference {
  inBoth: number;
  /** Pairs that the first run has alone, in its order; at most as many as were asked for, with their count. */
  onlyFirst: PairsAlone;
  onlySecond: PairsAlone;
  /** Pairs that were written after the same exemplar from the same documents and say something else; at most as many as were asked for. */
  meeting: { count: number; pairs: readonly MeetingPair[] };
}

/** What two runs made of the same exemplar and documents. */
export interface MeetingPair {
  paradigm: string;
  /** Titles of the documents, or their ids. */
  documents: readonly string[];
  first: Pick<RunItem, "question" | "answer">;
  second: Pick<RunItem, "question" | "answer">;
}

/** Pairs that one of two runs has alone. */
export interface PairsAlone {
  count: number;
  pairs: readonly Pick<RunItem, "id" | "paradigm" | "question" | "answer">[];
}

/** Options of {@link compareRuns}. */
export interface CompareRunsOptions {
  /** Pairs of each side that are listed; all are counted. @default 20 */
  limit?: number;
  signal?: AbortSignal;
}

/**
 * Compares two run folders, finished or not: settings, counts, reasons, cost, and the pairs that one has alone. It reads both and changes
 * nothing. Memory holds a hash of each pair, and the texts of those that are listed. Throws what reading their files throws.
 */
export async function compareRuns(
  first: string,
  second: string,
  { limit = 20, signal }: CompareRunsOptions = {},
): Promise<RunDifference> {
  const [one, other] = [await readSide(first, signal), await readSide(second, signal)];
  const meeting = [...one.origins].filter(([origin, key]) => (other.origins.get(origin) ?? key) !== key);
  const met = new Set(meeting.slice(0, limit).map(([origin]) => origin));
  const mine = await listedPairs(first, { than: other.accepted, met, limit, signal });
  const theirs = await listedPairs(second, { than: one.accepted, met, limit, signal });
  return {
    runs: [first, second],
    settings: differing(one.settings, other.settings),
    counts: joined(one.figures.paradigms, other.figures.paradigms, emptyFigures().verdicts),
    reasons: joined(one.figures.reasons, other.figures.reasons, 0),
    cost: [await readCost(first), await readCost(second)],
    variety: [await readVariety(first), await readVariety(second)],
    pairs: {
      inBoth: [...one.accepted].filter((key) => other.accepted.has(key)).length,
      onlyFirst: mine.alone,
      onlySecond: theirs.alone,
      meeting: { count: meeting.length, pairs: meetingPairs(mine.met, theirs.met) },
    },
  };
}

async function readSide(run: string, signal: AbortSignal | undefined) {
  const figures = emptyFigures();
  const accepted = new Set<string>();
  const origins = new Map<string, string>();
  for await (const item of readRun(run, { signal })) {
    addItem(figures, item, {});
    if (item.verdict !== "accepted") continue;
    accepted.add(keyOf(item));
    if (item.exemplarId !== undefined) origins.set(originOf(item), keyOf(item));
  }
  // A run that has not succeeded yet keeps what it was asked for.
  const kept: unknown = await readJsonFile(join(run, "settings.json"));
  const settings = kept ?? (await readJsonFile(join(run, "asked.json")));
  return { figures, accepted, origins, settings: flattened(settings) };
}

function keyOf({ paradigm, question, answer }: RunItem): string {
  return hashOf([paradigm, question, answer]);
}

/** What a pair was written from. */
function originOf({ paradigm, exemplarId, sources }: RunItem): string {
  const documents = sources.map(({ id }) => id).sort();
  return hashOf([paradigm, exemplarId, documents]);
}

/** The pairs that are listed of a run: those that `than` has not, and those of the origins in `met`. */
async function listedPairs(
  run: string,
  {
    than,
    met,
    limit,
    signal,
  }: { than: ReadonlySet<string>; met: ReadonlySet<string>; limit: number; signal: AbortSignal | undefined },
) {
  const alone = { count: 0, pairs: [] as Pick<RunItem, "id" | "paradigm" | "question" | "answer">[] };
  const found = new Map<string, RunItem>();
  for await (const item of readRun(run, { signal })) {
    if (item.verdict !== "accepted") continue;
    const origin = met.size > 0 ? originOf(item) : "";
    if (met.has(origin)) found.set(origin, item);
    if (than.has(keyOf(item))) continue;
    alone.count++;
    const { id, paradigm, question, answer } = item;
    if (alone.pairs.length < limit) alone.pairs.push({ id, paradigm, question, answer });
  }
  return { alone, met: found };
}

function meetingPairs(mine: ReadonlyMap<string, RunItem>, theirs: ReadonlyMap<string, RunItem>): MeetingPair[] {
  const said = ({ question, answer }: RunItem) => ({ question, answer });
  return [...mine].flatMap(([origin, item]): MeetingPair[] => {
    const other = theirs.get(origin);
    const documents = item.sources.map(({ id, title }) => title || id);
    return other ? [{ paradigm: item.paradigm, documents, first: said(item), second: said(other) }] : [];
  });
}

async function readVariety(run: string): Promise<Variety | undefined> {
  const quality = await readQuality(run);
  if (!quality) return undefined;
  const { diversity, documents } = quality.set;
  return {
    distinctQuestions: diversity.questions.distinct2,
    distinctAnswers: diversity.answers.distinct2,
    alike: diversity.nearest?.alike ?? undefined,
    coverage: documents.coverage,
  };
}

/** The values of two tables by the keys of either. */
function joined<T>(
  first: ReadonlyMap<string, T>,
  second: ReadonlyMap<string, T>,
  none: T,
): Record<string, readonly [T, T]> {
  const keys = [...new Set([...first.keys(), ...second.keys()])];
  return Object.fromEntries(keys.map((key) => [key, [first.get(key) ?? none, second.get(key) ?? none] as const]));
}

/** The leaves of a value by their paths; lists are leaves. */
function flattened(value: unknown, path = ""): Map<string, unknown> {
  if (value === undefined) return new Map();
  if (!isObject(value) || Array.isArray(value)) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([name, field]) => [...flattened(field, path === "" ? name : `${path}.${name}`)]),
  );
}

function differing(
  first: ReadonlyMap<string, unknown>,
  second: ReadonlyMap<string, unknown>,
): RunDifference["settings"] {
  return Object.entries(joined<unknown>(first, second, undefined))
    .filter(([, [one, other]]) => JSON.stringify(one) !== JSON.stringify(other))
    .map(([path, values]) => ({ path, values }));
}
