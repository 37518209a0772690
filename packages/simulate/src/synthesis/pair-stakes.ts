import { isDeepStrictEqual } from "node:util";
import { amount, dollarsText, type Pair, programName, shellWord } from "@rag-instruct/core";
import { openLedger } from "@rag-instruct/core/calls";
import { isThere, type RunFolder, readJsonl, type StageStakes } from "@rag-instruct/core/node";
import { isStandIn } from "../offline/recorded-model.ts";

/**
 * What a stage that writes pairs has at stake: the pairs, the replies of `ledger.jsonl` that were paid for, and the reviews of
 * `reviews.jsonl`. What the offline model wrote is a loss only where it was reviewed.
 * @param wanted pairs wanted, by paradigm, and turns of a conversation: those beyond them would be lost too. @default whatever comes
 */
export function pairStakes(stage: string, wanted: Wanted = {}): StageStakes {
  return {
    edited: {
      "pairs.jsonl": (path) =>
        `${programName()} verify ${shellWord(path)} --output <folder> makes a run of what it holds now`,
    },
    causes: {
      pairs: "these pairs are others",
      model: "the model is another",
      settings: "the model's settings are others",
      language: "the language is another",
    },
    async lost({ folder, isOther, isToRun }) {
      const last = folder.last(stage);
      const begun = folder.begun(stage);
      const isFree = isStandIn(String((last ?? begun)?.inputs?.model).replace(/^.*\//, ""));
      const unwanted = isToRun && !last?.given ? await pairsBeyond(wanted, folder, last?.inputs ?? {}) : 0;
      const pairs = isOther ? (last?.counts.accepted ?? 0) : unwanted;
      const parts = pairs > 0 && !isFree ? [amount(pairs, "pair")] : [];
      // What was stopped before its first pair was kept.
      if (!isFree && (pairs > 0 || (isOther && begun))) {
        const { replies, usd } = await paidReplies(folder);
        const price = usd > 0 ? ` (${dollarsText(usd)})` : "";
        if (replies > 0) parts.push(`${amount(replies, "reply", "replies")} paid for${price}`);
      }
      const reviews = pairs > 0 ? await linesOf(folder.path("reviews.jsonl")) : 0;
      if (reviews > 0) parts.push(amount(reviews, "review"));
      return parts;
    },
  };
}

/** How many pairs are wanted, and how long a conversation may be. */
interface Wanted {
  counts?: Readonly<Record<string, number>>;
  turns?: number;
}

/** First pairs beyond those that are wanted now, and turns beyond the last. */
async function pairsBeyond(
  { counts, turns = 1 }: Wanted,
  folder: RunFolder,
  before: Readonly<Record<string, unknown>>,
): Promise<number> {
  const isLonger = typeof before.turns === "number" && before.turns > turns;
  const isOther = counts !== undefined && !isDeepStrictEqual(before.counts, counts);
  if (!isLonger && !isOther) return 0;
  const held: Record<string, number> = {};
  let beyond = 0;
  for await (const { paradigm, history = [] } of readJsonl<Pair>(folder.path("pairs.jsonl"), { mayBeMissing: true }))
    if (history.length === 0) held[paradigm] = (held[paradigm] ?? 0) + 1;
    else if (history.length >= turns) beyond++;
  if (!isOther) return beyond;
  return Object.entries(held).reduce((sum, [id, have]) => sum + Math.max(0, have - (counts[id] ?? 0)), beyond);
}

/** The replies of the ledger that a model was asked for. */
async function paidReplies(folder: RunFolder): Promise<{ replies: number; usd: number }> {
  const sum = { replies: 0, usd: 0 };
  const path = folder.path("ledger.jsonl");
  if (!(await isThere(path))) return sum;
  await using ledger = await openLedger(path);
  await ledger.heads(({ model, usd = 0, refused }) => {
    if (refused || (model !== undefined && isStandIn(model))) return;
    sum.replies++;
    sum.usd += usd;
  });
  return sum;
}

async function linesOf(path: string): Promise<number> {
  let lines = 0;
  for await (const _ of readJsonl(path, { mayBeMissing: true })) lines++;
  return lines;
}
