import { RagInstructError } from "../../errors.ts";
import type { Account } from "../account.ts";
import type { Attempts } from "../attempts.ts";
import type { Ledger } from "../ledger.ts";
import type { BatchSettings } from "./batch-options.ts";
import { openBatchRecords } from "./batch-records.ts";
import { type Batches, openBatches } from "./batches.ts";

// A call of the batch API is given up by the patience of its attempts, and timers hold no more than 24 days.
const deadline = 2 ** 31 - 1;

/** Opens the batches of a ledger, with the account and the attempts that all calls share. */
export async function connectBatches({
  ledger,
  path,
  account,
  persist,
  settings,
  breakAfter,
  stop,
}: {
  ledger: Ledger;
  path: string;
  account: Account;
  persist: Attempts;
  settings: BatchSettings;
  breakAfter: number;
  stop: (error: Error) => void;
}): Promise<Batches> {
  return openBatches({
    records: await openBatchRecords(path),
    settings,
    breakAfter,
    stop,
    async reach(action, { name, model, signal, secrets }) {
      try {
        const { value } = await persist({
          key: name,
          model,
          tokens: 0,
          deadline: { milliseconds: deadline },
          signal,
          secrets,
          execute: async (signal) => ({ value: await action(signal), usage: {} }),
          afterFailure: async () => {},
        });
        return value;
      } catch (error) {
        if (!RagInstructError.is(error, "call-failed")) throw error;
        throw new RagInstructError("breaker-open", `the batch API: ${error.message}`, { cause: error });
      }
    },
    land: ({ key, worst, hold }, model, result) => account.land(key, { model, worst, batch: true, hold, result }),
    sync: ledger.sync,
    isPaid: ledger.has,
    seize: ({ worst }, model) => account.seize({ model, worst, batch: true }),
    onAgain() {
      account.sum.retried++;
    },
  });
}
