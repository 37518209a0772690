import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "../../errors.ts";
import type { Closable } from "../../plug-points.ts";
import type { Account } from "../account.ts";
import type { CapturedRequest, TextReply } from "../ask.ts";
import type { Attempts } from "../attempts.ts";
import type { Hold } from "../budget.ts";
import { judgeFailure } from "../failure.ts";
import type { Ledger } from "../ledger.ts";
import type { Refusals } from "../ledger-runs.ts";
import type { ModelObject } from "../model-http.ts";
import { type BatchApi, openBatchApi } from "./batch-api.ts";
import {
  type BatchCall,
  type BatchLine,
  type BatchSettings,
  type BatchTools,
  type Draft,
  type DraftQueue,
  openAudience,
  openDraftQueue,
  requestLine,
  waitFor,
} from "./batch-queue.ts";
import { type BatchRecord, openBatchRecords, type SentLine } from "./batch-records.ts";
import { type AgainVerdict, forget, judgeUnanswered, openBatchResults } from "./batch-results.ts";
import { adopt, type BatchRun, runBatch, upload } from "./run-batch.ts";

/** Options of {@link openBatches}. */
interface BatchesOptions extends Omit<BatchTools, "lines" | "closing"> {
  /** Requests that an earlier process sent and whose replies the ledger has. */
  paid: ReadonlySet<SentLine>;
  /** Holds room for a request that an earlier process sent. */
  seize(line: SentLine, model: string): Hold | undefined;
}

/** Questions that wait for batches. */
interface Batches extends Closable {
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

/** The batches of one model, because an endpoint takes no two models in one batch. */
class ModelBatches {
  readonly #model: ModelObject;
  readonly #secrets: () => Promise<readonly string[]>;
  readonly #tools: BatchTools;
  readonly #api: BatchApi;
  readonly #queue: DraftQueue;
  readonly #underWay = new Set<Promise<void>>();
  /** What the next batch waits for. */
  #mayStart: Promise<unknown> = Promise.resolve();
  #refusedAlone = 0;

  /** Opens the way to the batch API that stands beside the address of a captured request. */
  constructor(request: CapturedRequest, { model, secrets }: Pick<BatchCall, "model" | "secrets">, tools: BatchTools) {
    this.#model = model;
    this.#secrets = secrets;
    this.#tools = tools;
    this.#api = openBatchApi(request);
    const { records, settings } = tools;
    this.#queue = openDraftQueue({
      pathOf: records.requestsPath,
      settings,
      onDraft: (draft) => this.#sendDraft(draft),
    });
  }

  /** Queues a question, or waits for the batch that it is in already. */
  async send(call: BatchCall): Promise<TextReply> {
    const { lines } = this.#tools;
    const { key, worst, isLocal, stamp } = call;
    const known = lines.get(key);
    if (known) return waitFor(known, call);
    const line: BatchLine = { key, worst, isLocal, stamp, hold: await call.hold(), tries: 0 };
    lines.set(key, line);
    const reply = waitFor(line, call);
    this.#add(line).catch((error) => {
      forget(line, lines);
      line.waiter?.reject(error);
    });
    return reply;
  }

  /** Goes on with what an earlier process left. */
  resume(left: readonly BatchRecord[]): void {
    for (const record of left) this.#track(this.#carry(this.#openRun(record), { isLeft: true }));
  }

  /** Resolves when nothing is done any more; after `closing` has aborted. */
  async ended(): Promise<void> {
    this.#queue.flush();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Sees to it that work which nobody awaits ends before these batches do, and that its failure is everybody's. */
  #track(work: Promise<void>): void {
    const { closing } = this.#tools;
    const tracked: Promise<void> = work
      .catch((error) => {
        if (!closing.aborted) this.#tools.stop(error);
      })
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }
  async #add(line: BatchLine): Promise<void> {
    const { settings, lines, closing } = this.#tools;
    line.audience = undefined;
    const captured = await line.waiter?.call.capture();
    if (!captured || !line.waiter || closing.aborted) return forget(line, lines);
    const text = requestLine(line.key, this.#api.path, captured);
    if (Buffer.byteLength(text) <= settings.bytes) return this.#queue.add(line, text);
    forget(line, lines);
    line.waiter.reject(new RagInstructError("call-failed", "the request alone is larger than a batch may be"));
  }
  #sendDraft(draft: Draft): void {
    const { records, lines, closing } = this.#tools;
    if (closing.aborted || !draft.lines.some(({ waiter }) => waiter)) {
      for (const line of draft.lines) forget(line, lines);
      this.#track(records.remove(draft));
      return;
    }
    const sent = draft.lines.map(({ key, worst, isLocal, stamp }) => ({ key, worst, isLocal, ...stamp }));
    const record = {
      name: draft.name,
      provider: this.#model.provider,
      model: this.#model.modelId,
      preparedAt: Date.now(),
      lines: sent,
    };
    this.#track(this.#carry(this.#openRun(record), { isLeft: false }));
  }
  #openRun(record: BatchRecord): BatchRun {
    const { records, settings, lines, closing } = this.#tools;
    const audience = openAudience();
    const own = new Map<string, BatchLine>();
    for (const { key } of record.lines) {
      const line = lines.get(key);
      if (!line) continue;
      own.set(key, line);
      line.audience = audience;
      if (line.waiter) audience.join();
    }
    const asked = { name: record.name, model: this.#model.modelId, secrets: this.#secrets, signal: closing };
    return {
      record,
      lines: own,
      api: this.#api,
      records,
      settings,
      closing,
      abandoned: audience.gone,
      reach: (action, options) => this.#tools.reach(action, { ...asked, ...options }),
    };
  }
  async #carry(run: BatchRun, { isLeft }: { isLeft: boolean }): Promise<void> {
    const { records, closing } = this.#tools;
    await this.#mayStart;
    closing.throwIfAborted();
    const { record } = run;
    if (isLeft && !(await adopt(run))) {
      await records.remove(record);
      for (const line of run.lines.values()) await this.#add(line);
      return;
    }
    if (!isLeft) {
      await records.save(record);
      const refusal = await upload(run);
      if (refusal) return this.#halve(run, judgeFailure(refusal, await this.#secrets()).error.message);
      this.#refusedAlone = 0;
    }
    const results = openBatchResults(
      { model: this.#model, secrets: this.#secrets },
      { ...this.#tools, sendAgain: (line, verdict) => this.#sendAgain(line, verdict) },
    );
    const { batch, unanswered } = await runBatch(run, results.take);
    for (const line of unanswered.values()) results.settle(line, judgeUnanswered(batch, record, line.key));
    await this.#tools.sync();
    await records.remove(record);
    if (results.wereTooMany) this.#slowDown(run);
    results.check();
  }
  /** Sends a line in another batch, unless it was in enough of them. */
  #sendAgain(line: BatchLine, { why, counts, mayBePaid }: AgainVerdict): void {
    const { settings, lines } = this.#tools;
    if (counts) line.tries++;
    if (mayBePaid) line.hold?.spendAll();
    if (!line.waiter || line.tries >= settings.attempts) {
      forget(line, lines);
      line.waiter?.reject(new RagInstructError("call-failed", `no answer in ${line.tries} batches: ${why}`));
      return;
    }
    this.#tools.onAgain();
    const { reject } = line.waiter;
    this.#track((line.hold?.renew() ?? Promise.resolve()).then(() => this.#add(line), reject));
  }
  /** After the endpoint has found a file too large: sends its requests in files of half the size, and refuses one that was alone in it. */
  async #halve({ record, lines: own }: BatchRun, why: string): Promise<void> {
    const { records, lines } = this.#tools;
    const { size } = await stat(records.requestsPath(record.name));
    await records.remove(record);
    const [line] = own.values();
    if (record.lines.length > 1) {
      this.#queue.maxBytes = Math.min(this.#queue.maxBytes, Math.ceil(size / 2));
      for (const line of own.values()) await this.#add(line);
      return this.#queue.flush();
    }
    const message = `the request alone is larger than the endpoint takes: ${why}`;
    if (++this.#refusedAlone >= this.#tools.breakAfter) {
      throw new RagInstructError(
        "breaker-open",
        `${this.#refusedAlone} requests in a row were refused, the last: ${message}`,
      );
    }
    if (line) forget(line, lines);
    line?.waiter?.reject(new RagInstructError("call-failed", message));
  }
  /** After the endpoint has taken no more: waits for another batch to end, or sends half as many after a while. */
  #slowDown({ lines: { size } }: BatchRun): void {
    const { settings, closing } = this.#tools;
    const isAlone = this.#underWay.size <= 1;
    if (isAlone) this.#queue.maxRequests = Math.max(1, Math.ceil(size / 2));
    this.#mayStart = isAlone ? sleep(settings.poll.to, undefined, { signal: closing }) : Promise.race(this.#underWay);
    this.#mayStart.catch(() => {});
  }
}
