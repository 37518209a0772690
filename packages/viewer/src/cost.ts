import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addSpending,
  dollarsText,
  emptySpending,
  isObject,
  type LeftOut,
  mergeSpending,
  type Spending,
  type SpendingByPurpose,
  wholeSpending,
} from "@rag-instruct/core";
import { type Bar, barTable, countHtml, legend, nothing } from "@rag-instruct/core/page";
import type { Figures } from "./figures.ts";
import { openReplies } from "./replies.ts";

/** What a run recorded of its stages, as far as the report shows it. */
export interface RunAccount {
  /** What all calls that its data rest on came to, by what they were for; undefined where no stage recorded any. */
  cost: SpendingByPurpose | undefined;
  /** What reading the documents passed over. */
  leftOut: readonly LeftOut[];
}

/** Reads `stages.json` of a run; one that is missing, or of another kind, counts as empty. */
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

const purposes: Readonly<Record<string, string>> = {
  write: "Writing pairs",
  repeat: "Asking once more",
  judge: "Judging pairs",
  noise: "Checking noise documents",
  filter: "Judging exemplars",
  embed: "Embedding",
  lost: "Answers lost on their way, at most",
  other: "Other calls",
};

/** What the run cost: all calls that its data rest on, by what they were for. */
export function costCard(figures: Figures, account: RunAccount): string {
  const cost = costOf(figures, account);
  const whole = wholeSpending(cost);
  if (whole.replies === 0) return nothing("No reply was paid for.");
  const hasTokens = whole.inputTokens + whole.outputTokens > 0;
  const bars = Object.entries(cost).map(([purpose, spent]): Bar => {
    const parts = hasTokens
      ? [
          { className: "input", value: spent.inputTokens },
          { className: "output", value: spent.outputTokens },
        ]
      : [{ className: "input", value: spent.replies }];
    return { label: purposes[purpose] ?? purpose, parts, note: described(spent, whole) };
  });
  const key = hasTokens
    ? legend([
        ["input", "input tokens"],
        ["output", "output tokens"],
      ])
    : "";
  const caption =
    "What all calls took that these data rest on, whether they were made by this run or by one before it.";
  const table = barTable(bars, { caption, heads: ["For", "Spent"] });
  return `${key}${table}<p class="quiet">In all ${described(whole, whole)}. ${perPair(whole, figures.verdicts.accepted)}</p>`;
}

/** What all calls came to. */
export function wholeCost(figures: Figures, account: RunAccount): Spending {
  return wholeSpending(costOf(figures, account));
}

/** As the stages recorded it; of a run that recorded nothing, as the ledger tells of the replies that can be found again. */
function costOf({ spending: { accepted, refused, other } }: Figures, { cost }: RunAccount): SpendingByPurpose {
  if (cost) return cost;
  const write = emptySpending();
  for (const part of [accepted, refused]) addSpending(write, part);
  const found = Object.entries({ write, other });
  return Object.fromEntries(found.filter(([, { replies }]) => replies > 0));
}

function described({ replies, inputTokens, outputTokens, usd, uncounted = 0 }: Spending, whole: Spending): string {
  const tokens = inputTokens + outputTokens;
  const dollars = whole.usd > 0 ? ` · ${dollarsText(usd)}` : "";
  return `${countHtml(replies)} ${replies === 1 ? "reply" : "replies"}${tokens > 0 ? `, ${countHtml(tokens)} tokens` : ""}${uncounted > 0 ? `, ${countHtml(uncounted)} without a count of tokens` : ""}${dollars}`;
}

function perPair({ usd, inputTokens, outputTokens, replies }: Spending, accepted: number): string {
  if (accepted === 0) return "No pair was accepted.";
  const tokens = inputTokens + outputTokens;
  const each = (amount: number, digits: number) =>
    (amount / accepted).toLocaleString("en", { maximumFractionDigits: digits });
  return `An accepted pair took ${each(replies, 2)} ${replies === accepted ? "reply" : "replies"}${tokens > 0 ? `, ${each(tokens, 0)} tokens` : ""}${usd > 0 ? ` and $${each(usd, 6)}` : ". The price of the model is not known or nothing was charged"}.`;
}
