import { RagInstructError } from "../../errors.ts";
import type { Closable } from "../../plug-points.ts";
import type { Account } from "../account.ts";
import type { TextReply } from "../ask.ts";
import type { Attempts } from "../attempts.ts";
import type { Hold } from "../budget.ts";
import type { Ledger } from "../ledger.ts";
import type { Refusals } from "../ledger-runs.ts";
import type { BatchCall, BatchLine, BatchSettings, BatchTools } from "./batch-line.ts";
import { type BatchRecord, openBatchRecords, type SentLine } from "./batch-records.ts";
import { ModelBatches } from "./model-batches.ts";

/** Options of {@link openBatches}. */
interface BatchesOptions extends Omit<BatchTools, "lines" | "closing"> {
  /** Requests that an earlier process sent and whose replies the ledger has. */
  paid: ReadonlySet<SentLine>;
  /** Holds room for a request that an earlier process sent. */
  seize(line: SentLine, model: string): Hold | undefined;
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
  const { records, seize, paid } = options;
  const lines = new Map<string, BatchLine>();
  const byModel = new Map<string, ModelBatches>();
  const closing = new AbortController();
  let broken: Error | undefined;

  const left = Map.groupBy(records.left, ({ provider, model }) => modelKey(provider, model));
  for (const record of records.left) {
    for (const sent of record.lines) {
      // An earlier process may have been ended while it collected.
      if (paid.has(sent)) continue;
      const { key, worst, isLocal, ...stamp } = sent;
      lines.set(key, { key, worst, isLocal, stamp, hold: seize(sent, record.model), tries: 0 });
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

// Calls of the batch API end by the patience of their attempts, not by a deadline: this is the longest a timer can wait, 24 days.
const deadline = 2 ** 31 - 1;

/** Opens the batches of a ledger, with the account and the attempts that all calls share. */
export async function connectBatches({
  ledger,
  path,
  account,
  refusals,
  persist,
  settings,
  breakAfter,
  stop,
}: {
  ledger: Ledger;
  path: string;
  account: Account;
  refusals: Refusals;
  persist: Attempts;
  settings: BatchSettings;
  breakAfter: number;
  stop: (error: Error) => void;
}): Promise<Batches> {
  const records = await openBatchRecords(path);
  return openBatches({
    records,
    paid: await paidOf(records.left, ledger),
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
    async land({ key, worst, isLocal, stamp, hold }, model, result) {
      await account.land(key, { model, isLocal, worst, batch: true, hold, stamp, result });
      await refusals.confirm();
    },
    noteRefusal: ({ key, stamp }, model, refusal) => refusals.note(key, { model, ...refusal, stamp }),
    sync: ledger.sync,
    seize: ({ worst, isLocal }, model) => account.seize({ model, isLocal, worst, batch: true }),
    onAgain() {
      account.sum.retried++;
    },
  });
}

/** Those requests whose replies the ledger has: that of an earlier run is none to a question that was asked again. */
async function paidOf(left: readonly BatchRecord[], ledger: Ledger): Promise<Set<SentLine>> {
  const paid = new Set<SentLine>();
  for (const line of left.flatMap(({ lines }) => lines)) {
    const entry = ledger.has(line.key) ? await ledger.get(line.key) : undefined;
    if (entry && (entry.asked ?? 1) >= (line.asked ?? 1)) paid.add(line);
  }
  return paid;
}
