import { type BudgetLimits, type Hold, holdBudget, openBudget, seizeBudget } from "./budget.ts";
import { type Costed, isCounted, spentIn, usdOf, worstOf } from "./costs.ts";
import type { Ledger } from "./ledger.ts";
import type { CallResult } from "./paid-call.ts";
import type { Price } from "./prices.ts";

/** What the calls of a run came to. */
export interface CallsSummary {
  /** Replies paid for now. */
  made: number;
  /** Replies taken from the ledger, paid for earlier. */
  reused: number;
  /** Attempts that failed and were repeated. */
  retried: number;
  /** Tokens of the replies paid for now, as the endpoint counted them. */
  inputTokens: number;
  outputTokens: number;
  /** US dollars paid now, for the models whose price is given or known. */
  usd: number;
}

/** A call that the account holds room for, and the batch price where it goes through the batch API. */
export interface AccountedCall extends Costed {
  batch: boolean;
}

/** The money side of a run: what calls may take, what they took, and the ledger that keeps what was paid for. */
export interface Account {
  readonly sum: CallsSummary;
  /** Waits for room in the budget; undefined where there is none. Throws `budget-exhausted` and `bad-option`. */
  hold(call: AccountedCall, signal: AbortSignal): Promise<Hold | undefined>;
  /** Takes room for a call that was sent by an earlier process, whether there is any or not. */
  seize(call: AccountedCall): Hold | undefined;
  /** Refuses all that wait for room and all that come. */
  shut(error: Error): void;
  /** Records a reply and what it took. */
  land<T>(key: string, call: AccountedCall & { hold: Hold | undefined; result: CallResult<T> }): Promise<void>;
}

/** Opens the account of a ledger, in which the replies of earlier runs count. */
export async function openAccount(
  ledger: Ledger,
  { ceiling, prices }: { ceiling: BudgetLimits | undefined; prices: Readonly<Record<string, Price>> | undefined },
): Promise<Account> {
  const budget = ceiling && openBudget(ceiling, await spentIn(ledger, prices));
  const sum: CallsSummary = { made: 0, reused: 0, retried: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
  return {
    sum,
    async hold(call, signal) {
      return budget && holdBudget(budget, worstOf(call, { ceiling: ceiling!, prices, batch: call.batch }), signal);
    },
    shut: (error) => budget?.shut(error),
    seize: (call) => budget && seizeBudget(budget, worstOf(call, { ceiling: ceiling!, prices, batch: call.batch })),
    async land(key, { model, worst, batch, hold, result: { value, usage } }) {
      // Under a budget a reply whose tokens nobody counted is taken for the worst.
      const counted = isCounted(usage) || !hold ? usage : worst!;
      const usd = usdOf(counted, { model, prices, batch });
      hold?.spend({ usd, tokens: (counted.inputTokens ?? 0) + (counted.outputTokens ?? 0) });
      await ledger.add({ key, model: model || undefined, usage: counted, usd: usd > 0 ? usd : undefined, value });
      sum.made++;
      sum.inputTokens += usage.inputTokens ?? 0;
      sum.outputTokens += usage.outputTokens ?? 0;
      sum.usd += usd;
    },
  };
}
