import { hostname } from "node:os";
import { resolve } from "node:path";
import { hashOf, type Limiter, type OnProgress, RagInstructError, type SpendingByPurpose } from "@rag-instruct/core";
import { type Calls, type CallsOptions, type CallsSummary, memoryLedger, openCalls } from "@rag-instruct/core/calls";
import type { PaidCalls, RunFolder } from "@rag-instruct/core/node";
import type { RunWorkers } from "@rag-instruct/workers";
import type { ResolvedConfig } from "../config/schema.ts";
import { callSettings } from "./model-settings.ts";

/** The paid calls of a run, opened when they are first needed. */
export interface RunCalls extends AsyncDisposable {
  open(): Promise<Calls>;
  /** What they came to so far. */
  summary(): Promise<CallsSummary>;
  /** Says that the run has come to its end, whether with what was wanted or not. */
  endRun(): Promise<void>;
  /** The same by what they were for, those that the ledger answered among them. */
  spending(): Promise<SpendingByPurpose>;
}

const nothing: CallsSummary = { made: 0, reused: 0, retried: 0, refused: 0, inputTokens: 0, outputTokens: 0, usd: 0 };

/** One ledger, budget and pace for all stages of a run. */
export function runCalls(
  ledger: CallsOptions["ledger"],
  {
    concurrency,
    budget,
    prices,
    limits,
    settings,
    batch = false,
    timeout = 0,
    deadline,
    leastTimeout = 0,
    limiter,
    askAgain,
    beforeFirst,
    onProgress,
    onWait,
  }: Pick<ResolvedConfig, "concurrency" | "budget" | "prices" | "limits" | "settings" | "timeout" | "deadline"> & {
    batch?: boolean;
    /** Milliseconds that a reply is given in any case. */
    leastTimeout?: number;
    limiter?: Limiter;
    askAgain?: CallsOptions["askAgain"];
    beforeFirst?: CallsOptions["beforeFirst"];
    onProgress?: OnProgress;
    onWait?: CallsOptions["onWait"];
  },
): RunCalls {
  let calls: Promise<Calls> | undefined;
  const options: CallsOptions = {
    ledger,
    concurrency: { max: concurrency },
    prices,
    timeout: Math.max(timeout * 1000, leastTimeout) || undefined,
    deadline: deadline * 1000,
    limiter,
    budget,
    limits,
    settings: callSettings(settings),
    askAgain,
    beforeFirst,
    onWait,
    // Whoever stops a run comes back to it: its batches go on meanwhile.
    batch: batch ? { onAbort: "leave", onProgress } : undefined,
  };
  return {
    open: () => (calls ??= openCalls(options)),
    summary: async () => (calls ? (await calls).summary() : nothing),
    endRun: async () => (await calls)?.endRun(),
    spending: async () => (calls ? (await calls).spending() : {}),
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
  const spent: Record<string, number> = { "calls made": made, "from the ledger": reused };
  if (usd > 0) spent["US dollars"] = usd;
  return spent;
}

/**
 * The calls that turn questions into vectors, opened when they are first needed. Replies are kept in the run folder; where another
 * process keeps its own there, or nothing can be written, for as long as they are needed.
 */
export function queryCalls(
  folder: Pick<RunFolder, "path">,
  config: ResolvedConfig,
): Pick<RunCalls, "open"> & AsyncDisposable {
  const options = { ...config, batch: false };
  let calls: Promise<RunCalls> | undefined;
  async function choose(): Promise<RunCalls> {
    const kept = runCalls(folder.path("queries.jsonl"), options);
    try {
      await kept.open();
      return kept;
    } catch (error) {
      if (RagInstructError.is(error, "file-corrupt")) throw error;
      return runCalls(memoryLedger(), options);
    }
  }
  return {
    async open() {
      calls ??= choose();
      return (await calls).open();
    },
    async [Symbol.asyncDispose]() {
      await (await calls)?.[Symbol.asyncDispose]();
    },
  };
}

/** What workers are needed for. */
interface Served extends Pick<ResolvedConfig, "to"> {
  limits?: ResolvedConfig["limits"];
  /** Provider and id of the model, whose limits the workers share. */
  model: string;
  /** Called with what to do while work waits that no worker takes. */
  onNoWorker?: (note: string) => void;
}

/** The workers of a Redis; none without an address. Throws as `openWorkerPool` does. */
export async function openRunWorkers(
  redis: string | undefined,
  { to, model, limits, onNoWorker }: Served,
): Promise<RunWorkers | undefined> {
  if (redis === undefined) return undefined;
  const workers = await import("@rag-instruct/workers");
  return workers.openRunWorkers({ redis, run: hashOf([hostname(), resolve(to)]), endpoint: model, limits, onNoWorker });
}
