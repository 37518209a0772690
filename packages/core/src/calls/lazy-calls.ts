import { RagInstructError } from "../errors.ts";
import type { SpendingByPurpose } from "../spending.ts";
import type { CallsSummary } from "./account.ts";
import { type Calls, type CallsOptions, openCalls } from "./calls.ts";
import { memoryLedger } from "./memory-ledger.ts";

/** Paid calls that are opened when they are first needed: what nobody asks leaves no ledger behind. */
export interface LazyCalls extends AsyncDisposable {
  open(): Promise<Calls>;
  /** What they came to so far. */
  summary(): Promise<CallsSummary>;
  /** The same by what they were for, those that the ledger answered among them. */
  spending(): Promise<SpendingByPurpose>;
  /** Says that the run has come to its end, whether with what was wanted or not. */
  endRun(): Promise<void>;
}

const nothing: CallsSummary = { made: 0, reused: 0, retried: 0, refused: 0, inputTokens: 0, outputTokens: 0, usd: 0 };

/**
 * The calls that {@link openCalls} opens, at the first `open()`.
 * @param how.orInMemory keeps replies in memory where the ledger cannot be opened, because another process holds it or nothing can be
 * written; one that is corrupt still throws. @default false
 */
export function lazyCalls(options: CallsOptions, { orInMemory = false }: { orInMemory?: boolean } = {}): LazyCalls {
  let calls: Promise<Calls> | undefined;
  async function openFirst(): Promise<Calls> {
    try {
      return await openCalls(options);
    } catch (error) {
      if (!orInMemory || RagInstructError.is(error, "file-corrupt")) throw error;
      return openCalls({ ...options, ledger: memoryLedger() });
    }
  }
  return {
    open: () => (calls ??= openFirst()),
    summary: async () => (calls ? (await calls).summary() : nothing),
    spending: async () => (calls ? (await calls).spending() : {}),
    endRun: async () => (await calls)?.endRun(),
    async [Symbol.asyncDispose]() {
      await (await calls?.catch(() => undefined))?.close();
    },
  };
}
