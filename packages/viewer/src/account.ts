import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isObject, type LeftOut, mergeSpending, type SpendingByPurpose } from "@rag-instruct/core";
import { openReplies } from "./replies.ts";

/** What a run recorded of its stages, as far as the report shows it. */
export interface RunAccount {
  /** What all calls that its data rest on came to, by what they were for; undefined where no stage recorded any. */
  cost: SpendingByPurpose | undefined;
  /** What reading the documents passed over. */
  leftOut: readonly LeftOut[];
}

/** Reads `stages.json` of a run; one that is not there, or of another kind, tells of nothing. */
export async function readAccount(run: string): Promise<RunAccount> {
  const read: unknown = await readFile(join(run, "stages.json"), "utf8")
    .then(JSON.parse)
    .catch(() => undefined);
  const stages = isObject(read) ? (Object.values(read).filter(isObject) as Record<string, unknown>[]) : [];
  const costs = stages.map(({ cost }) => cost).filter(isCost);
  const leftOut = stages.flatMap(({ leftOut }) => (Array.isArray(leftOut) ? leftOut.filter(isLeftOut) : []));
  return { cost: costs.length > 0 ? mergeSpending(costs) : undefined, leftOut };
}

/** What all calls of a run came to, as its stages recorded it; else, as `replies`, what its ledger holds. */
export async function readCost(run: string): Promise<SpendingByPurpose> {
  const { cost } = await readAccount(run);
  if (cost) return cost;
  await using replies = await openReplies(join(run, "ledger.jsonl"), { parseReply: () => ({ ok: false }) });
  return replies.total.replies > 0 ? { replies: replies.total } : {};
}

function isCost(value: unknown): value is SpendingByPurpose {
  return isObject(value) && Object.values(value).every((spent) => isObject(spent) && typeof spent.replies === "number");
}

function isLeftOut(value: unknown): value is LeftOut {
  return isObject(value) && typeof value.reason === "string" && Array.isArray(value.places);
}
