import { RagInstructError } from "../../errors.ts";
import type { Closable } from "../../plug-points.ts";
import type { Account } from "../account.ts";
import type { TextReply } from "../ask.ts";
import type { Attempts } from "../attempts.ts";
import type { Hold } from "../budget.ts";
import type { Ledger } from "../ledger.ts";
import type { BatchCall, BatchLine, BatchSettings, BatchTools } from "./batch-line.ts";
import { type BatchRecord, openBatchRecords } from "./batch-records.ts";
import { ModelBatches } from "./model-batches.ts";

/** Options of {@link openBatches}. */
interface BatchesOptions extends Omit<BatchTools, "lines" | "closing"> {
  /** Whether the ledger has its reply. */
  isPaid(key: string): boolean;
  /** Holds room for a request that an earlier process sent. */
  seize(line: BatchRecord["lines"][number], model: string): Hold | undefined;
}

/** Questions that wait for batches. */
export interface Batches extends Closable {
  /** Whether an earlier process, or this one, has sent it and its reply is not there yet. */
  has(key: string): boolean;
  /** Resolves when the reply is in the ledger. */
  send(call: BatchCall): Promise<TextReply>;
}

/** Opens the way through the batch API, with the batches that an earlier process left; those go on when their model is asked again. */
function openBatches(options: BatchesOptions): Batches {
  const { records, seize, isPaid } = options;
  const lines = new Map<string, BatchLine>();
  const byModel = new Map<string, ModelBatches>();
  const closing = new AbortController();
  let broken: Error | undefined;

  const left = Map.groupBy(records.left, ({ provider, model }) => modelKey(provider, model));
  for (const record of records.left) {
    for (const { key, worst } of record.lines) {
      // An earlier process may have been ended while it collected.
      if (isPaid(key)) continue;
      const sent = { key, worst };
      lines.set(key, { ...sent, hold: seize(sent, record.model), tries: 0 });
    }
  }

  function refuseAll(error: Error): void {
    broken ??= error;
    for (const line of lines.values()) line.waiter?.reject(broken);
  }
  async function batchesOf(call: BatchCall): Promise<ModelBatches> {
    const { provider, modelId } = call.model;
    const id = modelKey(provider, modelId);
    const known = byModel.get(id);
    if (known) return known;
    const request = await call.capture();
    const ofModel =
      byModel.get(id) ??
      new ModelBatches(request, call, {
        ...options,
        lines,
        closing: closing.signal,
        stop(error) {
          options.stop(error);
          refuseAll(error);
        },
      });
    if (!byModel.has(id)) ofModel.resume(left.get(id) ?? []);
    byModel.set(id, ofModel);
    return ofModel;
  }
  const batches: Batches = {
    has: (key) => lines.has(key),
    async send(call) {
      const ofModel = await batchesOf(call);
      if (broken) throw broken;
      return ofModel.send(call);
    },
    async close() {
      refuseAll(new RagInstructError("call-failed", "the calls were closed"));
      closing.abort(broken);
      await Promise.all([...byModel.values()].map((ofModel) => ofModel.ended()));
    },
    [Symbol.asyncDispose]: () => batches.close(),
  };
  return batches;
}

const modelKey = (provider: string, model: string) => JSON.stringify([provider, model]);

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
