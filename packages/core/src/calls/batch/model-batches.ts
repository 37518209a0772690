import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "../../errors.ts";
import type { CapturedRequest, TextReply } from "../ask.ts";
import { judgeFailure } from "../failure.ts";
import type { ModelObject } from "../model-http.ts";
import { type BatchApi, openBatchApi } from "./batch-api.ts";
import { type BatchCall, type BatchLine, type BatchTools, openAudience, waitFor } from "./batch-line.ts";
import type { BatchRecord } from "./batch-records.ts";
import { type AgainVerdict, forget, judgeUnanswered, openBatchResults } from "./batch-results.ts";
import { type Draft, type DraftQueue, openDraftQueue, requestLine } from "./drafts.ts";
import { adopt, type BatchRun, runBatch, upload } from "./run-batch.ts";

/** The batches of one model, because an endpoint takes no two models in one batch. */
export class ModelBatches {
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
