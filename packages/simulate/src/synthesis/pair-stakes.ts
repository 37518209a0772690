import { isDeepStrictEqual } from "node:util";
import { amount, dollarsText, type Pair, programName, shellWord } from "@rag-instruct/core";
import { openLedger } from "@rag-instruct/core/calls";
import { isThere, type RunFolder, readJsonl, type StageStakes } from "@rag-instruct/core/node";
import { isStandIn } from "../offline/recorded-model.ts";

/**
 * What a stage that writes pairs has at stake: the pairs, the replies of `ledger.jsonl` that were paid for, and the reviews of
 * `reviews.jsonl`. What the offline model wrote is a loss only where it was reviewed.
 * @param counts pairs wanted, by paradigm: those beyond them would be lost too. @default whatever comes
 */
export function pairStakes(stage: string, counts?: Readonly<Record<string, number>>): StageStakes {
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
      const unwanted = isToRun && counts && !last?.given ? await pairsBeyond(counts, folder, last?.inputs?.counts) : 0;
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

/** Pairs beyond those that are wanted now. */
async function pairsBeyond(
  counts: Readonly<Record<string, number>>,
  folder: RunFolder,
  wantedBefore: unknown,
): Promise<number> {
  if (isDeepStrictEqual(wantedBefore, counts)) return 0;
  const held: Record<string, number> = {};
  for await (const { paradigm } of readJsonl<Pair>(folder.path("pairs.jsonl"), { mayBeMissing: true }))
    held[paradigm] = (held[paradigm] ?? 0) + 1;
  return Object.entries(held).reduce((sum, [id, have]) => sum + Math.max(0, have - (counts[id] ?? 0)), 0);
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
