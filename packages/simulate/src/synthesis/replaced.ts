import { join } from "node:path";
import { amount, hashOf, listText } from "@rag-instruct/core";
import { type RunFolder, readJsonl, writeAtomic } from "@rag-instruct/core/node";

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
 * Names the pairs of a run of which the assembly made no example as pairs to be replaced, beside those that were before and are of the
 * same plan and model. Whether that changes anything: then `synthesize` leaves them out and draws a reserve for each.
 */
async function replaceUnassembled(run: string, lineage: string): Promise<boolean> {
  const before = await readReplaced(run);
  const replaced = new Map([...before].filter(([, pair]) => pair.lineage === lineage));
  const path = join(run, unassembledFile);
  for await (const { status, id, reason, detail } of readJsonl<UnassembledLine>(path, { mayBeMissing: true })) {
    if (status === "rejected" && reason !== decidedByPeople) replaced.set(id, { id, reason, detail, lineage });
  }
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
