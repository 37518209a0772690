import { join } from "node:path";
import { amount, hashOf, listText, type Pair } from "@rag-instruct/core";
import { type RunFolder, readJsonl, readReviews, writeAtomic } from "@rag-instruct/core/node";

/** A pair of which no training example could be made, and why: another was written in its place. */
export interface ReplacedPair {
  id: string;
  reason: string;
  detail: string;
  /** What the pair was written from: those of another plan or model are of no use here. */
  lineage: string;
}

type UnassembledLine = Omit<ReplacedPair, "lineage"> & { status: string };

const replacedFile = "replaced.jsonl";
const unassembledFile = "unassembled.jsonl";
// What a person rejected is not written anew unasked, and a check whose call failed is made once more.
const decidedByPeople = "rejected-by-reviewer";

/** The pairs of a run that were replaced, by their id. */
export async function readReplaced(run: string): Promise<ReadonlyMap<string, ReplacedPair>> {
  const replaced = new Map<string, ReplacedPair>();
  for await (const pair of readJsonl<ReplacedPair>(join(run, replacedFile), { mayBeMissing: true }))
    replaced.set(pair.id, pair);
  return replaced;
}

/** A hash of them for what they are left out of; undefined where there are none. */
export async function hashReplaced(run: string): Promise<string | undefined> {
  const replaced = await readReplaced(run);
  return replaced.size === 0 ? undefined : hashOf([...replaced.keys()].sort());
}

// Each time the pairs in question are fewer; what is left then is left out.
const maxRounds = 5;

/** For a whole run: goes back from `assemble` to `synthesize` where pairs gave no example, so that others are written in their place. */
export function replacingPairs(folder: RunFolder): (result: { name: string }) => Promise<string | undefined> {
  let rounds = 0;
  return async ({ name }) => {
    const written = folder.last("synthesize");
    if (name !== "assemble" || !written || written.given || rounds++ === maxRounds) return undefined;
    return (await replaceUnassembled(folder.path("."), written.lineage)) ? "synthesize" : undefined;
  };
}

/**
 * Names the first pairs of a run of which the assembly made no example as pairs to be replaced, beside those that were before and are of the
 * same plan and model. Whether that changes anything: then `synthesize` leaves them out and draws a reserve for each.
 */
async function replaceUnassembled(run: string, lineage: string): Promise<boolean> {
  const path = join(run, unassembledFile);
  const lines = await Array.fromAsync(readJsonl<UnassembledLine>(path, { mayBeMissing: true }));
  const rejected = lines.filter(({ status, reason }) => status === "rejected" && reason !== decidedByPeople);
  const later = rejected.length > 0 ? await laterTurns(run) : new Set<string>();
  const left = rejected.filter(({ id }) => !later.has(id));
  return replace(
    run,
    left.map(({ id, reason, detail }) => ({ id, reason, detail, lineage })),
    lineage,
  );
}

/** Ids of the later turns of a run: nothing is written in the place of one. */
async function laterTurns(run: string): Promise<ReadonlySet<string>> {
  const later = new Set<string>();
  for await (const { id, history } of readJsonl<Pair>(join(run, "pairs.jsonl"), { mayBeMissing: true }))
    if (history) later.add(id);
  return later;
}

/**
 * Names the first pairs that people rejected as pairs to be replaced: the next run leaves them out and draws a reserve for each.
 * @returns whether that changes anything
 */
export async function replaceReviewed(folder: RunFolder): Promise<boolean> {
  const { lineage, given } = folder.last("synthesize") ?? { given: true };
  if (lineage === undefined || given) return false;
  const run = folder.path(".");
  const reviews = await readReviews(run);
  const rejected: ReplacedPair[] = [];
  for await (const pair of readJsonl<Pair>(folder.path("pairs.jsonl"), { mayBeMissing: true })) {
    const { decision, reason = "a person rejected it" } = reviews.of(pair) ?? {};
    if (decision === "rejected" && !pair.history)
      rejected.push({ id: pair.id, reason: decidedByPeople, detail: reason, lineage });
  }
  return replace(run, rejected, lineage);
}

/** Adds pairs to those that are replaced; whether any is new. Those of another plan or model are forgotten. */
async function replace(run: string, pairs: readonly ReplacedPair[], lineage: string): Promise<boolean> {
  const before = await readReplaced(run);
  const replaced = new Map([...before].filter(([, pair]) => pair.lineage === lineage));
  for (const pair of pairs) replaced.set(pair.id, pair);
  const isSame = before.size === replaced.size && [...before.keys()].every((id) => replaced.has(id));
  const lines = [...replaced.values()].map((pair) => `${JSON.stringify(pair)}\n`);
  if (!isSame) await writeAtomic(join(run, replacedFile), lines.join(""));
  return !isSame;
}

/** What became of the pairs of a run that gave no training example, in lines. Empty where each gave one. */
export async function exampleLines(run: string): Promise<string[]> {
  const lines: string[] = [];
  const replaced = [...(await readReplaced(run)).values()];
  const says = (pairs: readonly Pick<ReplacedPair, "reason">[], file: string) =>
    `${amount(pairs.length, "pair")} gave no training example (${reasonsOf(pairs)}; ${file})`;
  if (replaced.length > 0) lines.push(`${says(replaced, replacedFile)}: reserves were drawn in their place.`);
  const path = join(run, unassembledFile);
  const unassembled = await Array.fromAsync(readJsonl<UnassembledLine>(path, { mayBeMissing: true }));
  if (unassembled.length > 0) lines.push(`${says(unassembled, unassembledFile)}, and so many examples are missing.`);
  return lines;
}

function reasonsOf(pairs: readonly Pick<ReplacedPair, "reason">[]): string {
  const counts = Map.groupBy(pairs, ({ reason }) => reason);
  return listText([...counts].map(([reason, of]) => `${of.length} × ${reason}`));
}
