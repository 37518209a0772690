import { amount, numberText } from "./in-words.ts";

/** What replies came to. */
export interface Spending {
  /** Replies that were paid for: those for which the endpoint counts no token, such as the offline model's, are not among them. */
  replies: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars, as far as prices are known. */
  usd: number;
  /** Replies whose tokens the endpoint did not count, and that are in no other figure. @default 0 */
  uncounted?: number;
}

/** What was spent, by what it was for: `write` for pairs, `repeat` for what was asked once more, `judge`, `noise`, `embed` … */
export type SpendingByPurpose = Record<string, Spending>;

const parts = ["replies", "inputTokens", "outputTokens", "usd"] as const;

/** The figures of no reply at all. */
export function emptySpending(): Spending {
  return { replies: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
}

/** Adds `more` to `sum`. */
export function addSpending(sum: Spending, more: Readonly<Spending>): void {
  for (const part of parts) sum[part] += more[part];
  if (more.uncounted) sum.uncounted = (sum.uncounted ?? 0) + more.uncounted;
}

/** What one reply came to, by what was counted of it. */
export function spendingOf({
  usage: { inputTokens, outputTokens } = {},
  usd = 0,
  refused = false,
}: {
  usage?: { inputTokens?: number; outputTokens?: number };
  usd?: number;
  /** Whether the endpoint refused the prompt, so that there is no reply. */
  refused?: boolean;
}): Spending {
  const isFree = refused || (inputTokens === 0 && outputTokens === 0);
  const spent: Spending = {
    replies: isFree ? 0 : 1,
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    usd,
  };
  if (!isFree && (inputTokens === undefined || outputTokens === undefined)) spent.uncounted = 1;
  return spent;
}

/** What all purposes, of one account or of several, came to. */
export function wholeSpending(...accounts: readonly Readonly<SpendingByPurpose>[]): Spending {
  const sum = emptySpending();
  for (const account of accounts) for (const spent of Object.values(account)) addSpending(sum, spent);
  return sum;
}

/** Several accounts as one. */
export function mergeSpending(accounts: Iterable<Readonly<SpendingByPurpose>>): SpendingByPurpose {
  const merged: SpendingByPurpose = {};
  for (const account of accounts) {
    for (const [purpose, spent] of Object.entries(account)) {
      merged[purpose] ??= emptySpending();
      addSpending(merged[purpose], spent);
    }
  }
  return merged;
}

/** What was spent between two looks at the same account; purposes for which nothing was are left out. */
export function spendingSince(
  before: Readonly<SpendingByPurpose>,
  now: Readonly<SpendingByPurpose>,
): SpendingByPurpose {
  const since: SpendingByPurpose = {};
  for (const [purpose, spent] of Object.entries(now)) {
    const earlier = before[purpose] ?? emptySpending();
    const more = emptySpending();
    for (const part of parts) more[part] = spent[part] - earlier[part];
    const uncounted = (spent.uncounted ?? 0) - (earlier.uncounted ?? 0);
    if (uncounted > 0) more.uncounted = uncounted;
    if (parts.some((part) => more[part] !== 0)) since[purpose] = more;
  }
  return since;
}

/** The tokens of replies in words, such as "1,200 tokens in, 80 out, 3 replies without a count". */
export function tokensText({ replies, inputTokens, outputTokens, uncounted = 0 }: Omit<Spending, "usd">): string {
  if (uncounted > 0 && uncounted >= replies && inputTokens + outputTokens === 0) return "the endpoint counts no tokens";
  const counted = `${amount(inputTokens, "token")} in, ${numberText(outputTokens)} out`;
  return uncounted > 0 ? `${counted}, ${amount(uncounted, "reply", "replies")} without a count` : counted;
}
