import type { SynthesisSummary } from "./account.ts";

/** What a budget stopped. */
export interface BudgetStop {
  /** Tasks that found no room. */
  unpaid: number;
  /** US dollars that they would cost, as those before them did; undefined where prices are not known or none was paid for. */
  usd?: number;
}

/** What a budget kept from being written, and what that would cost; undefined where it had room for all. */
export function budgetStop(
  { requested, unpaid }: Pick<SynthesisSummary, "requested" | "unpaid">,
  { usd }: { usd: number },
): BudgetStop | undefined {
  if (unpaid === 0) return undefined;
  return { unpaid, usd: usd > 0 && requested > 0 ? (usd / requested) * unpaid : undefined };
}

/** The same in a line. */
export function budgetStopLine({ unpaid, usd }: BudgetStop): string {
  const rest = usd === undefined ? "" : `, and would cost about $${usd.toFixed(usd < 1 ? 4 : 2)} more`;
  return `stopped by the budget: ${unpaid.toLocaleString("en-US")} pairs found no room${rest}; raise it and run again to go on`;
}
