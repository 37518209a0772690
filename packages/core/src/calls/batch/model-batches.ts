import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { RagInstructError } from "../../errors.ts";
import type { CapturedRequest, TextReply } from "../ask.ts";
import { judgeFailure } from "../failure.ts";
import { openBatchApi } from "./batch-api.ts";
import { type BatchCall, type BatchLine, type BatchTools, openAudience, waitFor } from "./batch-line.ts";
import type { BatchRecord } from "./batch-records.ts";
import { forget, judgeUnanswered, openBatchResults, type Verdict } from "./batch-results.ts";
import { type Draft, openDraftQueue, requestLine } from "./drafts.ts";
import { adopt, type BatchRun, runBatch, upload } from "./run-batch.ts";

/** The batches of one model: an endpoint takes no two models in one batch. */
export interface ModelBatches {
  /** Queues a question, or waits for the batch that it is in already. */
  send(call: BatchCall): Promise<TextReply>;
  /** Goes on with what an earlier process left. */
  resume(left: readonly BatchRecord[]): void;
  /** Resolves when nothing is done any more; after `closing` has aborted. */
  ended(): Promise<void>;
}

/** Opens the way to the batch API that stands beside the address of a captured request. */
export function openModelBatches(
  request: CapturedRequest,
  { model, secrets }: Pick<BatchCall, "model" | "secrets">,
  tools: BatchTools,
): ModelBatches {
  const { records, settings, lines, closing } = tools;
  const { provider, modelId } = model;
  const api = openBatchApi(request);
  const queue = openDraftQueue({ pathOf: records.requestsPath, settings, onDraft: sendDraft });
  const underWay = new Set<Promise<void>>();
  let mayStart: Promise<unknown> = Promise.resolve();
  let refusedAlone = 0;

  /** Sees to it that work which nobody awaits ends before these batches do, and that its failure is everybody's. */
  function track(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error) => {
        if (!closing.aborted) tools.stop(error);
      })
      .finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  }
  async function add(line: BatchLine): Promise<void> {
    line.audience = undefined;
    const captured = await line.waiter?.call.capture();
    if (!captured || !line.waiter || closing.aborted) return forget(line, lines);
    const text = requestLine(line.key, api.path, captured);
    if (Buffer.byteLength(text) <= settings.bytes) return queue.add(line, text);
    forget(line, lines);
    line.waiter.reject(new RagInstructError("call-failed", "the request alone is larger than a batch may be"));
  }
  function sendDraft(draft: Draft): void {
    if (closing.aborted || !draft.lines.some(({ waiter }) => waiter)) {
      for (const line of draft.lines) forget(line, lines);
      track(records.remove(draft));
      return;
    }
    const sent = draft.lines.map(({ key, worst }) => ({ key, worst }));
    const record = { name: draft.name, provider, model: modelId, preparedAt: Date.now(), lines: sent };
    track(carry(openRun(record), { isLeft: false }));
  }
  function openRun(record: BatchRecord): BatchRun {
    const audience = openAudience();
    const own = new Map<string, BatchLine>();
    for (const { key } of record.lines) {
      const line = lines.get(key);
      if (!line) continue;
      own.set(key, line);
      line.audience = audience;
      if (line.waiter) audience.join();
    }
    const asked = { name: record.name, model: modelId, secrets, signal: closing };
    return {
      record,
      lines: own,
      api,
      records,
      settings,
      closing,
      abandoned: audience.gone,
      reach: (action, options) => tools.reach(action, { ...asked, ...options }),
    };
  }
  async function carry(run: BatchRun, { isLeft }: { isLeft: boolean }): Promise<void> {
    await mayStart;
    closing.throwIfAborted();
    const { record } = run;
    if (isLeft && !(await adopt(run))) {
      await records.remove(record);
      for (const line of run.lines.values()) await add(line);
      return;
    }
    if (!isLeft) {
      await records.save(record);
      const refusal = await upload(run);
      if (refusal) return halve(run, judgeFailure(refusal, await secrets()).error.message);
      refusedAlone = 0;
    }
    const results = openBatchResults({ model, secrets }, { ...tools, sendAgain });
    const { batch, unanswered } = await runBatch(run, results.take);
    for (const line of unanswered.values()) results.settle(line, judgeUnanswered(batch, record, line.key));
    await tools.sync();
    await records.remove(record);
    if (results.wereTooMany) slowDown(run);
    results.check();
  }
  /** Sends a line in another batch, unless it was in enough of them. */
  function sendAgain(line: BatchLine, { why, counts, mayBePaid }: Verdict & { kind: "again" | "too-many" }): void {
    if (counts) line.tries++;
    if (mayBePaid) line.hold?.spendAll();
    if (!line.waiter || line.tries >= settings.attempts) {
      forget(line, lines);
      line.waiter?.reject(new RagInstructError("call-failed", `no answer in ${line.tries} batches: ${why}`));
      return;
    }
    tools.onAgain();
    const { reject } = line.waiter;
    track((line.hold?.renew() ?? Promise.resolve()).then(() => add(line), reject));
  }
  /** After the endpoint has found a file too large: sends its requests in files of half the size, and refuses one that was alone in it. */
  async function halve({ record, lines: own }: BatchRun, why: string): Promise<void> {
    const { size } = await stat(records.requestsPath(record.name));
    await records.remove(record);
    const [line] = own.values();
    if (record.lines.length > 1) {
      queue.maxBytes = Math.min(queue.maxBytes, Math.ceil(size / 2));
      for (const line of own.values()) await add(line);
      return queue.flush();
    }
    const message = `the request alone is larger than the endpoint takes: ${why}`;
    if (++refusedAlone >= tools.breakAfter) {
      throw new RagInstructError(
        "breaker-open",
        `${refusedAlone} requests in a row were refused, the last: ${message}`,
      );
    }
    if (line) forget(line, lines);
    line?.waiter?.reject(new RagInstructError("call-failed", message));
  }
  /** After the endpoint has taken no more: waits for another batch to end, or sends half as many after a while. */
  function slowDown({ lines: { size } }: BatchRun): void {
    const isAlone = underWay.size <= 1;
    if (isAlone) queue.maxRequests = Math.max(1, Math.ceil(size / 2));
    mayStart = isAlone ? sleep(settings.poll.to, undefined, { signal: closing }) : Promise.race(underWay);
    mayStart.catch(() => {});
  }

  return {
    async send(call) {
      const { key, worst } = call;
      const known = lines.get(key);
      if (known) return waitFor(known, call);
      const line: BatchLine = { key, worst, hold: await call.hold(), tries: 0 };
      lines.set(key, line);
      const reply = waitFor(line, call);
      add(line).catch((error) => {
        forget(line, lines);
        line.waiter?.reject(error);
      });
      return reply;
    },
    resume(left) {
      for (const record of left) track(carry(openRun(record), { isLeft: true }));
    },
    async ended() {
      queue.flush();
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
