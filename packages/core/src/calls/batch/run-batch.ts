import { setTimeout as sleep } from "node:timers/promises";
import { APICallError } from "ai";
import { RagInstructError } from "../../errors.ts";
import type { Batch, BatchAnswer, BatchApi, BatchStatus } from "./batch-api.ts";
import type { BatchLine, BatchSettings } from "./batch-line.ts";
import type { BatchRecord, BatchRecords } from "./batch-records.ts";

/** One batch, and what carries it to its end. */
export interface BatchRun {
  record: BatchRecord;
  /** Its lines by key. */
  lines: ReadonlyMap<string, BatchLine>;
  api: BatchApi;
  records: BatchRecords;
  settings: BatchSettings;
  /** Makes one call of the API at the pace of all others, again and again until it is answered. */
  reach<T>(action: (signal: AbortSignal) => Promise<T>, options?: { signal?: AbortSignal }): Promise<T>;
  /** Aborts when the calls are closed. */
  closing: AbortSignal;
  /** Aborts when nobody waits for any of its lines any more. */
  abandoned: AbortSignal;
}

const ends: ReadonlySet<BatchStatus> = new Set<BatchStatus>(["completed", "failed", "expired", "cancelled"]);

/** Takes an answer in; its line is done with then. */
export type TakeAnswer = (line: BatchLine, answer: NonNullable<BatchAnswer["response"]>) => Promise<void>;

/**
 * Carries a batch whose requests are uploaded from wherever it stands to its end, and hands on the answers. Every step is on disk before the next one begins, so
 * that another process can go on from there.
 * @returns the batch as it ended, and the lines without an answer
 */
export async function runBatch(
  run: BatchRun,
  take: TakeAnswer,
): Promise<{ batch: Batch; unanswered: Map<string, BatchLine> }> {
  try {
    const batch = await watch(run, run.record.batchId ?? (await create(run)));
    return { batch, unanswered: await collect(run, batch, take) };
  } finally {
    if (run.closing.aborted) await cancelIfAbandoned(run);
  }
}

/** Finds a batch that was created just before the process was killed, so that its id is not on disk. */
export async function adopt({ record, api, reach, records }: BatchRun): Promise<boolean> {
  if (record.batchId !== undefined) return true;
  if (record.fileId === undefined) return false;
  const found = await reach((signal) => api.find(record.name, { since: record.preparedAt / 1000, signal }));
  if (!found) {
    const { fileId } = record;
    await reach((signal) => api.removeFile(fileId, signal)).catch(() => {});
    return false;
  }
  record.batchId = found.id;
  await records.save(record);
  return true;
}

/** Uploads the requests. Where the endpoint finds their file too large, its answer is returned and nothing of it stays there. */
export async function upload({ record, api, reach, records }: BatchRun): Promise<APICallError | undefined> {
  const { name } = record;
  const answer = await reach((signal) =>
    api.upload(records.requestsPath(name), { name, signal }).catch((error) => {
      // The endpoint's answer about this file: it may take another one.
      if (APICallError.isInstance(error) && error.statusCode === tooLarge) return error;
      throw error;
    }),
  );
  if (typeof answer !== "string") return answer;
  record.fileId = answer;
  await records.save(record);
  return undefined;
}

const tooLarge = 413;

async function create({ record, api, reach, records, settings }: BatchRun): Promise<string> {
  const { name, fileId = "", preparedAt } = record;
  let tries = 0;
  // Not aborted by the signal: a batch that is created and whose id is not recorded would be paid for and lost.
  const signal = new AbortController().signal;
  const batch = await reach(
    async (signal) => {
      const made = tries++ > 0 ? await api.find(name, { since: preparedAt / 1000, signal }) : undefined;
      return made ?? api.create({ fileId, name, window: settings.window, signal });
    },
    { signal },
  );
  record.batchId = batch.id;
  await records.save(record);
  return batch.id;
}

async function watch(run: BatchRun, id: string): Promise<Batch> {
  const { record, api, reach, records, settings, closing, abandoned } = run;
  const { from, to } = settings.poll;
  for (let wait = from; ; wait = Math.min(to, wait * 2)) {
    if (abandoned.aborted) await cancelIfAbandoned(run);
    const batch = await reach((signal) => api.get(id, signal));
    if (!batch) {
      throw new RagInstructError(
        "breaker-open",
        `the endpoint does not know batch ${id}, which was sent to it; ask the one that it was sent to, or delete ${records.recordPath(record.name)} to pay for its ${record.lines.length} requests again`,
      );
    }
    const { completed = 0, failed = 0 } = batch.request_counts ?? {};
    settings.onProgress?.({
      stage: "batch",
      done: completed + failed,
      total: record.lines.length,
      note: `${id} ${batch.status}`,
    });
    if (ends.has(batch.status)) return batch;
    const signal = abandoned.aborted ? closing : AbortSignal.any([closing, abandoned]);
    await sleep(wait, undefined, { signal }).catch(() => closing.throwIfAborted());
  }
}

/** Asks the endpoint to stop, once. A cancelled batch still gives what was answered before. */
async function cancelIfAbandoned({ record, api, records, settings, abandoned }: BatchRun): Promise<void> {
  const { batchId } = record;
  if (!abandoned.aborted || settings.onAbort === "leave" || batchId === undefined || record.cancelled) return;
  record.cancelled = true;
  await records.save(record);
  // Whether the endpoint obeys or not, the batch is collected when it has ended.
  await api.cancel(batchId, AbortSignal.timeout(cancelTimeout)).catch(() => {});
}

const cancelTimeout = 10_000;
// A file that could not be read this many times will not be readable later.
const maxDownloads = 3;

async function collect(run: BatchRun, batch: Batch, take: TakeAnswer): Promise<Map<string, BatchLine>> {
  const open = new Map(run.lines);
  for (const file of [batch.output_file_id, batch.error_file_id]) {
    if (file && open.size > 0) await collectFile(file, { run, batch, open, take });
  }
  return open;
}

/** Takes in what one file says of the open lines; a download that breaks off is begun again and goes on behind what it gave. */
async function collectFile(
  file: string,
  { run, batch, open, take }: { run: BatchRun; batch: Batch; open: Map<string, BatchLine>; take: TakeAnswer },
): Promise<void> {
  let fatal: { error: unknown } | undefined;
  let unreadable = 0;
  const takeIn: TakeAnswer = (line, answer) =>
    take(line, answer).catch((error) => {
      fatal = { error };
      throw error;
    });
  async function download(signal: AbortSignal): Promise<void> {
    for await (const { custom_id, response } of run.api.answers(file, signal)) {
      const line = open.get(custom_id);
      if (!line || !response) continue;
      await takeIn(line, response);
      open.delete(custom_id);
      if (open.size === 0) return;
    }
  }
  async function downloadOnce(signal: AbortSignal): Promise<void> {
    try {
      await download(signal);
    } catch (error) {
      if (fatal || !RagInstructError.is(error, "bad-record")) throw error;
      const message = `the answers of batch ${batch.id} cannot be read: ${error.message}`;
      // A RagInstructError would end the attempts, and another download may succeed.
      if (++unreadable < maxDownloads) throw new Error(message);
      fatal = { error: new RagInstructError("breaker-open", message, { cause: error }) };
      throw error;
    }
  }
  try {
    await run.reach(downloadOnce);
  } catch (error) {
    throw fatal ? fatal.error : error;
  }
}
