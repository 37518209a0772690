import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  nearDuplicateIndex,
  type OnProgress,
  questionWithOptions,
  RagInstructError,
  type Reviews,
  type Source,
  seededRandom,
  standaloneQuestion,
  type TrainingExample,
} from "@rag-instruct/core";
import { hashFile, isThere, readJsonFile, writeAtomic } from "@rag-instruct/core/node";
import { readExamples } from "./read-examples.ts";

/** Options of {@link splitExamples}. */
export interface SplitExamplesOptions {
  examples: Source<TrainingExample>;
  /** Share of each split; they sum to 1. @default { train: 0.9, validation: 0.05, test: 0.05 } */
  shares?: Record<string, number>;
  /**
   * What may not stand on both sides: any document, or only the source documents, for a corpus so small that its
   * noise documents tie everything together. @default "all"
   */
  documents?: "all" | "sources";
  /** Jaccard similarity of word pairs from which two questions count as the same. @default 0.7 */
  nearQuestion?: number;
  seed: number | string;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Which example goes where. */
export interface Splits {
  /** The split of an example by its id; undefined for one that was not there. */
  of(id: string): string | undefined;
  /** The examples of one split, in the order of the stream. */
  only(split: string, examples: Source<TrainingExample>): AsyncGenerator<TrainingExample>;
  /** Examples in each split. */
  counts: Record<string, number>;
  /** Sizes of the groups that could not be divided, largest first. */
  groups: number[];
}

/**
 * Divides examples so that no document, no near-duplicate question and no conversation stands on two sides: examples that share one
 * go together. Holds ids, questions, and their shingles, never other texts. Throws `duplicate-id`, and `bad-option` when the shares
 * cannot be met because too many examples hang together.
 */
export async function splitExamples(options: SplitExamplesOptions): Promise<Splits> {
  const shares = checkShares(options.shares ?? { train: 0.9, validation: 0.05, test: 0.05 });
  const groups = await groupExamples(options);
  const total = groups.reduce((sum, group) => sum + group.length, 0);
  const counts: Record<string, number> = Object.fromEntries(Object.keys(shares).map((split) => [split, 0]));
  const splitOf = new Map<string, string>();
  const room = (split: string) => shares[split]! * total - counts[split]!;
  for (const group of inOrder(groups, options.seed)) {
    const split = Object.keys(shares).reduce((best, one) => (room(one) > room(best) ? one : best));
    counts[split]! += group.length;
    for (const id of group) splitOf.set(id, split);
  }
  const sizes = groups.map((group) => group.length).sort((a, b) => b - a);
  refuseEmpty(counts, { shares, largest: sizes[0] ?? 0, total, documents: options.documents ?? "all" });
  return {
    of: (id) => splitOf.get(id),
    async *only(split, examples) {
      for await (const example of examples) if (splitOf.get(example.id) === split) yield example;
    },
    counts,
    groups: sizes,
  };
}

async function groupExamples(options: SplitExamplesOptions): Promise<string[][]> {
  const { examples, documents = "all", nearQuestion = 0.7, onProgress, signal } = options;
  const sets = disjointSets();
  // Of questions that are just so similar, one in ten thousand is missed.
  const questions = nearDuplicateIndex({ threshold: nearQuestion, size: 2, recall: 0.9999 });
  const byDocument = new Map<string, number>();
  const byConversation = new Map<string, number>();
  const joinBy = (members: Map<string, number>, key: string, member: number) => {
    const other = members.get(key);
    if (other === undefined) members.set(key, member);
    else sets.join(member, other);
  };
  const ids: string[] = [];
  const seen = new Set<string>();
  for await (const example of examples) {
    signal?.throwIfAborted();
    const { id, documents: all, history } = example;
    if (seen.size === seen.add(id).size) {
      throw new RagInstructError("duplicate-id", `two examples have the id ${id}; a split goes by ids`);
    }
    const member = sets.add();
    ids.push(id);
    for (const document of all) {
      if (documents === "sources" && document.role === "noise") continue;
      joinBy(byDocument, document.id, member);
    }
    // The turns of a conversation are known by its first question.
    joinBy(byConversation, history?.[0]?.question ?? questionWithOptions(example), member);
    questions.add(standaloneQuestion(example));
    for (const near of questions.allNear(member)) sets.join(member, near.member);
    questions.keep(member);
    if (ids.length % 1_000 === 0) onProgress?.({ stage: "split", done: ids.length });
  }
  const groups = Map.groupBy(ids.keys(), (member) => sets.rootOf(member));
  return Array.from(groups.values(), (members) => members.map((member) => ids[member]!));
}

/** Largest first, so that what cannot be divided finds room; equals in an order that the seed decides. */
function inOrder(groups: readonly string[][], seed: number | string): string[][] {
  return seededRandom(seed, "split")
    .shuffle(groups)
    .sort((a, b) => b.length - a.length);
}

function checkShares(shares: Record<string, number>): Record<string, number> {
  const values = Object.values(shares);
  const sum = values.reduce((a, b) => a + b, 0);
  if (values.length > 0 && values.every((share) => share >= 0) && Math.abs(sum - 1) < 1e-9) return shares;
  throw new RagInstructError("bad-option", `shares must be 0 or more and sum to 1, not ${sum}`);
}

interface Attempt {
  shares: Record<string, number>;
  largest: number;
  total: number;
  documents: "all" | "sources";
}

function refuseEmpty(counts: Record<string, number>, { shares, largest, total, documents }: Attempt): void {
  const empty = Object.keys(shares).find((split) => shares[split]! > 0 && counts[split] === 0);
  if (empty === undefined) return;
  const advice =
    documents === "all"
      ? 'compare source documents alone (documents: "sources", --keep-apart sources)'
      : "take more examples";
  throw new RagInstructError(
    "bad-option",
    `nothing is left for the split ${empty}: ${largest} of ${total} examples share documents or questions and must stay together; ${advice}`,
  );
}

/** Groups that grow together: `join` two members, ask `rootOf` one. Ids count from 0. */
interface DisjointSets {
  add(): number;
  rootOf(member: number): number;
  join(a: number, b: number): void;
}

/** Disjoint sets with path halving (Tarjan and van Leeuwen 1984). */
function disjointSets(): DisjointSets {
  const parents: number[] = [];
  function rootOf(member: number): number {
    let at = member;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }
  return {
    add: () => parents.push(parents.length) - 1,
    rootOf,
    join(a, b) {
      parents[Math.max(rootOf(a), rootOf(b))] = Math.min(rootOf(a), rootOf(b));
    },
  };
}

/** Shares as a command line states them, `train=0.8` and more. Throws `bad-option`. */
export function sharesOf(given: readonly string[]): Record<string, number> {
  const entries = given.map((text) => {
    const [, name, share] = text.match(/^([\w-]+)=(\d+(?:\.\d+)?|\.\d+)$/) ?? [];
    if (name !== undefined) return [name, Number(share)] as const;
    throw new RagInstructError("bad-option", `${text} must be the name of a part and its share, such as test=0.2`);
  });
  return Object.fromEntries(entries);
}

/** Options of {@link writeSplits}. */
export interface WriteSplitsOptions extends Omit<SplitExamplesOptions, "examples"> {
  /** File of examples, as `readExamples` reads it. */
  from: string;
  /** Folder that gets a file a split, such as `train.jsonl`, and `splits.json`; made when it is not there. */
  to: string;
  /** What people decided of the examples, as `readExamples` takes it. */
  reviews?: Reviews;
  onlyAccepted?: boolean;
  /** Write other splits over those that are there. @default false */
  overwrite?: boolean;
}

/** What {@link writeSplits} wrote; `splits.json` holds it too. */
export interface SplitsReport {
  /** Hash of the file of examples. */
  sha256: string;
  shares: Readonly<Record<string, number>>;
  documents: "all" | "sources";
  nearQuestion: number;
  seed: number | string;
  /** Examples of each split. */
  counts: Readonly<Record<string, number>>;
  /** Examples of the largest group that has to stay together. */
  largestGroup: number;
}

/** Name of the file that says how a folder of splits was made. */
export const splitsFile = "splits.json";

/**
 * Divides a file of examples as `splitExamples` does, and writes a file of JSON lines for each split, whole or not at all. The same
 * examples and options leave the files that are there. Throws `file-exists` where the folder holds others, and what `splitExamples` throws.
 */
export async function writeSplits(options: WriteSplitsOptions): Promise<SplitsReport> {
  const { from, to, overwrite = false, reviews, onlyAccepted, signal } = options;
  const examples = () => readExamples(from, { reviews, onlyAccepted, signal });
  const { shares = { train: 0.9, validation: 0.05, test: 0.05 }, documents = "all", nearQuestion = 0.7 } = options;
  const { sha256 } = await hashFile(from, { signal });
  const splits = await splitExamples({ ...options, shares, examples: examples() });
  const { counts, groups } = splits;
  const largestGroup = groups[0] ?? 0;
  const report: SplitsReport = { sha256, shares, documents, nearQuestion, seed: options.seed, counts, largestGroup };
  const before = await readJsonFile<SplitsReport>(join(to, splitsFile)).catch(() => undefined);
  const names = Object.keys(shares).map((split) => `${split}.jsonl`);
  if (isDeepStrictEqual(before, report) && (await areThere(to, names))) return report;
  if (!overwrite && (await readdir(to).catch(() => [])).length > 0) {
    throw new RagInstructError(
      "file-exists",
      `${to} holds something else already; choose another folder, or replace it`,
    );
  }
  // Of an interrupted or an earlier division nothing may be taken for this one.
  await rm(join(to, splitsFile), { force: true });
  for (const split of Object.keys(before?.shares ?? {})) {
    if (!(split in shares)) await rm(join(to, `${split}.jsonl`), { force: true });
  }
  for (const split of Object.keys(shares)) {
    const lines = jsonLines(splits.only(split, examples()));
    await writeAtomic(join(to, `${split}.jsonl`), lines, { signal });
  }
  await writeAtomic(join(to, splitsFile), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

async function areThere(folder: string, names: readonly string[]): Promise<boolean> {
  for (const name of names) if (!(await isThere(join(folder, name)))) return false;
  return true;
}

async function* jsonLines(examples: AsyncIterable<TrainingExample>): AsyncGenerator<string> {
  for await (const example of examples) yield `${JSON.stringify(example)}\n`;
}
