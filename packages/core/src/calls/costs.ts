import { RagInstructError } from "../errors.ts";
import type { Amount, BudgetLimits } from "./budget.ts";
import type { Ledger, Usage } from "./ledger.ts";
import type { PaidCall } from "./paid-call.ts";
import { costOf, type Price, priceOf } from "./prices.ts";

type Prices = Readonly<Record<string, Price>> | undefined;

/** What says how much a call may take. */
export type Costed = Pick<PaidCall<unknown>, "model" | "worst">;

/** Whether the endpoint said what a call took. */
export function isCounted({ inputTokens, outputTokens }: Usage): boolean {
  return inputTokens !== undefined && outputTokens !== undefined;
}

/** US dollars of what was counted; 0 where the model's price is not known. */
export function usdOf(
  { inputTokens = 0, outputTokens = 0 }: Usage,
  { model, prices, batch }: { model: string | undefined; prices: Prices; batch: boolean },
): number {
  const price = priceOf(model ?? "", prices);
  return price ? costOf(price, { inputTokens, outputTokens }, { batch }) : 0;
}

/** The most a call may take, in what a budget counts. Throws `bad-option` where that cannot be said. */
export function worstOf(
  { worst, model }: Costed,
  { ceiling, prices, batch }: { ceiling: BudgetLimits; prices: Prices; batch: boolean },
): Amount {
  if (!worst) throw new RagInstructError("bad-option", "a call under a budget must say what it may take at most");
  if (!priceOf(model ?? "", prices) && ceiling.usd !== undefined) {
    throw new RagInstructError(
      "bad-option",
      `the budget is in dollars and the price of ${model} is not known; give it in prices`,
    );
  }
  return { usd: usdOf(worst, { model, prices, batch }), tokens: worst.inputTokens + worst.outputTokens };
}

/** What all replies of a ledger came to. Those that were recorded without a price count at the price known now. */
export async function spentIn(ledger: Ledger, prices: Prices): Promise<Amount> {
  const sum: Amount = { usd: 0, tokens: 0 };
  await ledger.heads(({ model, usage, usd }) => {
    sum.usd += usd ?? usdOf(usage, { model, prices, batch: false });
    sum.tokens += (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
  });
  return sum;
}

// How much a new call weighs in the mean.
const newest = 0.1;

/** Learns what part of their worst case calls to a model take, for a limit of tokens: at first all of it. */
export function learnShare(): {
  of(call: Costed): number;
  learn(call: Costed, usage: Usage): void;
} {
  const shares = new Map<string, number>();
  const worstTokens = ({ worst }: Costed) => (worst ? worst.inputTokens + worst.outputTokens : 0);
  return {
    of: (call) => worstTokens(call) * (shares.get(call.model ?? "") ?? 1),
    learn(call, usage) {
      const worst = worstTokens(call);
      if (!isCounted(usage) || worst === 0) return;
      const part = Math.min(1, (usage.inputTokens! + usage.outputTokens!) / worst);
      const known = shares.get(call.model ?? "");
      shares.set(call.model ?? "", known === undefined ? part : known + newest * (part - known));
    },
  };
}
