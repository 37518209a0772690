import { RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import type { Closable, Limiter } from "../plug-points.ts";
import { type AskRequest, executeAsk, type TextReply } from "./ask.ts";
import { createAttempts } from "./attempts.ts";
import { type Amount, type BudgetLimits, openBudget } from "./budget.ts";
import { createGate } from "./gate.ts";
import { openLedger, type Usage } from "./ledger.ts";
import { memoryLimiter, type RateLimits } from "./limiter.ts";
import type { PaidCall } from "./paid-call.ts";
import { costOf, type Price, priceOf } from "./prices.ts";

/** Options of {@link openCalls}. */
export interface CallsOptions {
  /** Path of the ledger, made when it is not there. */
  ledger: string;
  /** Most calls at the same time. @default { max: 16 } */
  concurrency?: { max: number };
  /** What the endpoint allows in a minute. @default none: the pace follows from what it refuses */
  limits?: RateLimits;
  /** A limiter of your own, such as one that several machines share. @default one in memory that holds `limits` */
  limiter?: Limiter;
  /** A ceiling over all calls in the ledger, of this run and those before. @default none */
  budget?: BudgetLimits;
  /** Prices by model id, before those that are known. */
  prices?: Readonly<Record<string, Price>>;
  /** Attempts for one call. @default 6 */
  attempts?: number;
  /** Milliseconds for one attempt. @default 120000 */
  timeout?: number;
  /** Calls in a row that fail for good before all stop. @default 20 */
  breakAfter?: number;
  /** Milliseconds without any answer, while there are failures, before all stop. @default 600000 */
  patience?: number;
  /** Milliseconds of the first back-off. @default 500 */
  backOff?: number;
  /** Wait for fsync at every reply. @default false */
  durable?: boolean;
}

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

/** The one way to make a paid call: all calls of a run share its rate, its budget, its ledger and its breaker. */
export interface Calls extends Closable {
  /** Asks a language model, or gives the reply it gave to the same request before. */
  ask(request: AskRequest): Promise<TextReply>;
  /** The same for any other paid call. */
  perform<T>(call: PaidCall<T>): Promise<T>;
  summary(): CallsSummary;
}

/**
 * Opens the ledger, the budget and the gate that every paid call of a run goes through. Errors of `ask` and `perform`:
 * `breaker-open` when no call can succeed (wrong key, no quota, unknown model, or everything fails), `budget-exhausted` when the
 * next call might not fit, `call-failed` when one call does not succeed, `bad-option` when a budget cannot be held.
 */
export async function openCalls(options: CallsOptions): Promise<Calls> {
  const { concurrency = { max: 16 }, attempts = 6, timeout = 120_000, breakAfter = 20, patience = 600_000 } = options;
  const { budget: ceiling, prices, limits, backOff = 500, durable = false } = options;
  const limiter = options.limiter ?? (limits ? memoryLimiter(limits) : undefined);
  const sum: CallsSummary = { made: 0, reused: 0, retried: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
  const ledger = await openLedger(options.ledger, { durable });
  const budget = ceiling && openBudget(ceiling, await ledger.spent());
  const gate = createGate({ max: concurrency.max, backOff });
  const onRetry = () => {
    sum.retried++;
  };
  const persist = createAttempts({ gate, attempts, timeout, breakAfter, patience, backOff, onRetry });
  const underWay = new Map<string, Promise<unknown>>();

  /** The most a call may take, in what the budget counts. */
  function worstOf({ worst, model }: PaidCall<unknown>): Amount {
    if (!worst) throw new RagInstructError("bad-option", "a call under a budget must say what it may take at most");
    const price = priceOf(model ?? "", prices);
    if (!price && ceiling?.usd !== undefined) {
      throw new RagInstructError(
        "bad-option",
        `the budget is in dollars and the price of ${model} is not known; give it in prices`,
      );
    }
    return { usd: price ? costOf(price, worst) : 0, tokens: worst.inputTokens + worst.outputTokens };
  }

  async function pay<T>(key: string, call: PaidCall<T>, signal: AbortSignal): Promise<T> {
    const worst = budget ? worstOf(call) : undefined;
    if (worst) await budget?.hold(worst, signal);
    let spent: Amount = { usd: 0, tokens: 0 };
    try {
      const place = await limiter?.acquire({ tokens: tokensOf(call), signal });
      const { value, usage } = await persist(key, (inner) => call.execute(inner), signal);
      spent = spentOn(usage, call, worst);
      place?.release({ tokens: spent.tokens });
      await ledger.add({ key, value, usage, ...(spent.usd > 0 ? { usd: spent.usd } : {}) });
      sum.made++;
      sum.inputTokens += usage.inputTokens ?? 0;
      sum.outputTokens += usage.outputTokens ?? 0;
      sum.usd += spent.usd;
      return value;
    } finally {
      if (worst) budget?.settle(worst, spent);
    }
  }

  /** What a call took; where the endpoint does not say, the worst it could. */
  function spentOn({ inputTokens, outputTokens }: Usage, call: PaidCall<unknown>, worst: Amount | undefined): Amount {
    if (inputTokens === undefined || outputTokens === undefined) return worst ?? { usd: 0, tokens: 0 };
    const price = priceOf(call.model ?? "", prices);
    return { usd: price ? costOf(price, { inputTokens, outputTokens }) : 0, tokens: inputTokens + outputTokens };
  }

  async function perform<T>(call: PaidCall<T>): Promise<T> {
    const { signal = new AbortController().signal } = call;
    signal.throwIfAborted();
    const key = hashOf(call.key);
    const known = await ledger.get(key);
    if (known) {
      sum.reused++;
      return known.value as T;
    }
    const shared = underWay.get(key) as Promise<T> | undefined;
    // Another caller's abort is not this one's.
    if (shared)
      return shared.catch((error) =>
        RagInstructError.is(error) || signal.aborted ? Promise.reject(error) : perform(call),
      );
    const paying = pay(key, call, signal).finally(() => underWay.delete(key));
    underWay.set(key, paying);
    return paying;
  }

  const calls: Calls = {
    ask: (request) => executeAsk(request, { perform, needsCeiling: ceiling !== undefined }),
    perform,
    summary: () => ({ ...sum }),
    async close() {
      gate.shut(new RagInstructError("call-failed", "the calls were closed"));
      await Promise.allSettled(underWay.values());
      await ledger.close();
    },
    [Symbol.asyncDispose]: () => calls.close(),
  };
  return calls;
}

function tokensOf({ worst }: PaidCall<unknown>): number {
  return worst ? worst.inputTokens + worst.outputTokens : 0;
}
