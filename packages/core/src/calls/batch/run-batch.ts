import { setTimeout as sleep } from "node:timers/promises";
import { APICallError } from "ai";
import { RagInstructError } from "../../errors.ts";
import type { Batch, BatchAnswer, BatchApi, BatchStatus } from "./batch-api.ts";
import type { BatchLine, BatchSettings } from "./batch-queue.ts";
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

// What an endpoint has just made it may not know everywhere: looks, and downloads, that may find nothing.
const maxMissing = 5;

async function watch(run: BatchRun, id: string): Promise<Batch> {
  const { record, api, reach, settings, closing, abandoned } = run;
  const { from, to } = settings.poll;
  let missing = 0;
  for (let wait = from; ; wait = Math.min(to, wait * 2)) {
    if (abandoned.aborted) await cancelIfAbandoned(run);
    const batch = await reach((signal) => api.get(id, signal));
    missing = batch ? 0 : missing + 1;
    if (missing > maxMissing) throw lost(`batch ${id} with ${record.lines.length} requests`, run);
    const { completed = 0, failed = 0 } = batch?.request_counts ?? {};
    settings.onProgress?.({
      stage: "batch",
      done: completed + failed,
      total: record.lines.length,
      note: `${id} ${batch?.status ?? "is not known yet"}`,
    });
    if (batch && ends.has(batch.status)) return batch;
    const signal = abandoned.aborted ? closing : AbortSignal.any([closing, abandoned]);
    await sleep(wait, undefined, { signal }).catch(() => closing.throwIfAborted());
  }
}

const windowUnits: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** What the endpoint does not know of any more. As long as the batch has time its answers may still come, and are paid for. */
function lost(what: string, { record, records, settings }: BatchRun): RagInstructError {
  const [, amount, unit = ""] = /^(\d+)([hd])$/.exec(settings.window) ?? [];
  const window = amount === undefined ? Number.POSITIVE_INFINITY : Number(amount) * windowUnits[unit]!;
  const isOver = Date.now() > record.preparedAt + window;
  const help = isOver
    ? `its time is over: delete ${records.recordPath(record.name)} to ask its requests again`
    : "run again later, since its answers may still come";
  return new RagInstructError(
    "breaker-open",
    `the endpoint does not know ${what}; ask the one that it was sent to, or else ${help}`,
  );
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
// A line that is torn in this many downloads will be torn in the next.
const maxDownloads = 3;

async function collect(run: BatchRun, batch: Batch, take: TakeAnswer): Promise<Map<string, BatchLine>> {
  const open = new Map(run.lines);
  for (const file of [batch.output_file_id, batch.error_file_id]) {
    if (file && open.size > 0) await new AnswerFile(file, { run, batch, open, take }).collect();
  }
  return open;
}

/** One file of answers, from which open lines are taken in; a download that breaks off is begun again and goes on behind what it gave. */
class AnswerFile {
  readonly #id: string;
  readonly #run: BatchRun;
  readonly #batch: Batch;
  readonly #open: Map<string, BatchLine>;
  readonly #take: TakeAnswer;
  /** What no further download can mend. */
  #fatal: { error: unknown } | undefined;
  #missing = 0;
  #downloads = 0;

  constructor(
    id: string,
    { run, batch, open, take }: { run: BatchRun; batch: Batch; open: Map<string, BatchLine>; take: TakeAnswer },
  ) {
    this.#id = id;
    this.#run = run;
    this.#batch = batch;
    this.#open = open;
    this.#take = take;
  }

  async collect(): Promise<void> {
    try {
      await this.#run.reach((signal) => this.#download(signal));
    } catch (error) {
      throw this.#fatal ? this.#fatal.error : error;
    }
  }

  async #download(signal: AbortSignal): Promise<void> {
    let answers = 0;
    let torn = 0;
    try {
      for await (const answer of this.#run.api.answers(this.#id, signal)) {
        if (!answer) torn++;
        else {
          answers++;
          await this.#takeIn(answer);
        }
        if (this.#open.size === 0) return;
      }
    } catch (error) {
      throw this.#fatal || !isMissing(error) ? error : this.#nextAfterMissing();
    }
    // Lines that are torn may have been so on the way; what stays torn costs those requests alone.
    if (torn === 0) return;
    const message = `${torn} lines of the answers of batch ${this.#batch.id} cannot be read`;
    if (++this.#downloads < maxDownloads) throw new Error(message);
    if (answers > 0) return;
    throw this.#giveUp(
      new RagInstructError("breaker-open", `${message}, and no other line is there; run again to collect them`),
    );
  }

  async #takeIn({ custom_id, response }: BatchAnswer): Promise<void> {
    const line = this.#open.get(custom_id);
    if (!line || !response) return;
    try {
      await this.#take(line, response);
    } catch (error) {
      throw this.#giveUp(error);
    }
    this.#open.delete(custom_id);
  }

  #nextAfterMissing(): unknown {
    const what = `file ${this.#id} with answers of batch ${this.#batch.id}`;
    // A RagInstructError would end the attempts, and another download may succeed.
    if (++this.#missing <= maxMissing) return new Error(`the endpoint does not know ${what} yet`);
    return this.#giveUp(lost(what, this.#run));
  }

  #giveUp(error: unknown): unknown {
    this.#fatal = { error };
    return error;
  }
}

function isMissing(error: unknown): boolean {
  return APICallError.isInstance(error) && error.statusCode === 404;
}
