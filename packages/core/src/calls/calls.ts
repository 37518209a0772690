import { RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import type { Closable, Limiter } from "../plug-points.ts";
import { askCall } from "./ask.ts";
import type { AskRequest, TextReply } from "./ask-request.ts";
import { createAttempts } from "./attempts.ts";
import { type BudgetLimits, holdBudget, openBudget } from "./budget.ts";
import { isCounted, learnShare, spentIn, usdOf, worstOf } from "./costs.ts";
import { createGate } from "./gate.ts";
import { type FsyncPolicy, openLedger } from "./ledger.ts";
import { memoryLimiter, type RateLimits } from "./limiter.ts";
import type { PaidCall } from "./paid-call.ts";
import type { Price } from "./prices.ts";

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
  /**
   * Milliseconds for one task, with its retries and all the waiting between them, from its first attempt on. A task is a call,
   * unless calls share a deadline. @default 900000
   */
  deadline?: number;
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
  /** When replies are forced to disk. @default "second" */
  fsync?: FsyncPolicy;
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
  const { concurrency = { max: 16 }, deadline = 900_000, prices, budget: ceiling } = options;
  const sum: CallsSummary = { made: 0, reused: 0, retried: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
  const ledger = await openLedger(options.ledger, options.fsync ? { fsync: options.fsync } : {});
  const budget = ceiling && openBudget(ceiling, await spentIn(ledger, prices));
  const gate = createGate({ max: concurrency.max, ...(options.backOff ? { backOff: options.backOff } : {}) });
  const persist = createAttempts({
    gate,
    limiter: options.limiter ?? memoryLimiter(options.limits),
    attempts: options.attempts ?? 6,
    timeout: options.timeout ?? 120_000,
    breakAfter: options.breakAfter ?? 20,
    patience: options.patience ?? 600_000,
    backOff: options.backOff ?? 500,
  });
  const share = learnShare();
  const underWay = new Map<string, Promise<unknown>>();

  async function pay<T>(key: string, call: PaidCall<T>, signal: AbortSignal): Promise<T> {
    const worst = ceiling && worstOf(call, { ceiling, prices });
    const hold = worst && budget ? await holdBudget(budget, worst, signal) : undefined;
    try {
      const { value, usage } = await persist({
        key,
        model: call.model,
        tokens: share.of(call),
        deadline: call.deadline ?? { milliseconds: deadline },
        signal,
        execute: call.execute,
        secrets: async () => call.secrets?.() ?? [],
        async afterFailure({ mayBePaid, again }) {
          if (mayBePaid) hold?.spend(worst!);
          if (!again) return;
          sum.retried++;
          await hold?.renew();
        },
      });
      // Under a budget a reply whose tokens nobody counted is taken for the worst.
      const counted = isCounted(usage) || !worst ? usage : call.worst!;
      share.learn(call, usage);
      const usd = usdOf(counted, call.model, prices);
      hold?.spend({ usd, tokens: (counted.inputTokens ?? 0) + (counted.outputTokens ?? 0) });
      await ledger.add({
        key,
        ...(call.model ? { model: call.model } : {}),
        usage: counted,
        ...(usd > 0 ? { usd } : {}),
        value,
      });
      sum.made++;
      sum.inputTokens += usage.inputTokens ?? 0;
      sum.outputTokens += usage.outputTokens ?? 0;
      sum.usd += usd;
      return value;
    } finally {
      hold?.release();
    }
  }

  async function perform<T>(call: PaidCall<T>): Promise<T> {
    const { signal = new AbortController().signal } = call;
    signal.throwIfAborted();
    const key = hashOf(call.key);
    const shared = underWay.get(key) as Promise<T> | undefined;
    // Another caller's abort is not this one's.
    if (shared)
      return shared.catch((error) =>
        RagInstructError.is(error) || signal.aborted ? Promise.reject(error) : perform(call),
      );
    const paying = readOrPay(key, call, signal).finally(() => underWay.delete(key));
    underWay.set(key, paying);
    return paying;
  }
  async function readOrPay<T>(key: string, call: PaidCall<T>, signal: AbortSignal): Promise<T> {
    const known = await ledger.get(key);
    if (!known) return pay(key, call, signal);
    sum.reused++;
    return known.value as T;
  }

  const calls: Calls = {
    ask: (request) => perform(askCall(request, { needsCeiling: ceiling !== undefined })),
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
