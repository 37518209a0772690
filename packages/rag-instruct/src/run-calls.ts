import type { Limiter, OnProgress } from "@rag-instruct/core";
import { type Calls, type CallsSummary, openCalls } from "@rag-instruct/core/calls";
import type { ResolvedConfig } from "./config.ts";
import type { PaidCalls } from "./run-folder.ts";

/** The paid calls of a run, opened when they are first needed. */
export interface RunCalls extends AsyncDisposable {
  open(): Promise<Calls>;
  /** What they came to so far. */
  summary(): Promise<CallsSummary>;
}

const nothing: CallsSummary = { made: 0, reused: 0, retried: 0, inputTokens: 0, outputTokens: 0, usd: 0 };

/** One ledger, budget and pace for all stages of a run. */
export function runCalls(
  ledger: string,
  {
    concurrency,
    budget,
    prices,
    limits,
    batch = false,
    timeout = 120_000,
    limiter,
    onProgress,
  }: Pick<ResolvedConfig, "concurrency" | "budget" | "prices" | "limits"> & {
    batch?: boolean;
    timeout?: number;
    limiter?: Limiter;
    onProgress?: OnProgress;
  },
): RunCalls {
  let calls: Promise<Calls> | undefined;
  const options = {
    ledger,
    concurrency: { max: concurrency },
    prices,
    timeout,
    ...(limiter ? { limiter } : {}),
    // Whoever stops a run comes back to it: its batches go on meanwhile.
    ...(batch ? { batch: { onAbort: "leave" as const, ...(onProgress ? { onProgress } : {}) } } : {}),
  };
  return {
    open: () => (calls ??= openCalls({ ...options, ...(budget ? { budget } : {}), ...(limits ? { limits } : {}) })),
    summary: async () => (calls ? (await calls).summary() : nothing),
    async [Symbol.asyncDispose]() {
      await (await calls?.catch(() => undefined))?.close();
    },
  };
}

/** What was paid between two summaries, for the estimates of later runs; nothing where no reply was paid for. */
export function paidBetween(
  before: CallsSummary,
  after: CallsSummary,
  of: Pick<PaidCalls, "model" | "verify" | "concurrency" | "seconds">,
): PaidCalls | undefined {
  const made = after.made - before.made;
  if (made === 0) return undefined;
  return {
    ...of,
    made,
    reused: after.reused - before.reused,
    inputTokens: after.inputTokens - before.inputTokens,
    outputTokens: after.outputTokens - before.outputTokens,
  };
}

/** What was paid between two summaries, for a stage's account; nothing where no call was made. */
export function spentBetween(before: CallsSummary, after: CallsSummary): Record<string, number> | undefined {
  const [made, reused, usd] = [after.made - before.made, after.reused - before.reused, after.usd - before.usd];
  if (made + reused === 0) return undefined;
  return { "calls made": made, "from the ledger": reused, ...(usd > 0 ? { "US dollars": usd } : {}) };
}
