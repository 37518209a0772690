import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { badOption, RagInstructError } from "../../errors.ts";
import { writeAtomic } from "../../node/atomic.ts";
import type { RunStamp } from "../ledger-runs.ts";
import type { WorstCase } from "../paid-call.ts";

/** What is known of a batch that is not collected yet, as it stands on disk. */
export interface BatchRecord {
  /** Our own name for it, in the metadata of the batch. */
  name: string;
  provider: string;
  model: string;
  /** Milliseconds since 1970 when its file was complete. */
  preparedAt: number;
  /** Each request in the order of the file. */
  lines: SentLine[];
  fileId?: string;
  batchId?: string;
  /** Whether we asked the endpoint to cancel it. */
  cancelled?: true;
}

/** One request: its ledger key, what it may take at most, whether no list price holds for it, and in which run it is asked. */
export interface SentLine extends RunStamp {
  key: string;
  worst?: WorstCase;
  isLocal?: boolean;
}

/** The folder beside a ledger that holds its open batches. */
export interface BatchRecords {
  /** Those that an earlier process left. */
  readonly left: readonly BatchRecord[];
  /** Path of the file with a batch's requests. */
  requestsPath(name: string): string;
  recordPath(name: string): string;
  save(record: BatchRecord): Promise<void>;
  remove(record: Pick<BatchRecord, "name">): Promise<void>;
}

const folderOf = (ledger: string) => `${ledger}.batches`;

/** Opens the records beside a ledger, and throws out files that no record speaks of. Throws `file-corrupt`. */
export async function openBatchRecords(ledger: string): Promise<BatchRecords> {
  const folder = folderOf(ledger);
  const left = await readRecordsIn(folder);
  const known = new Set(left.map(({ name }) => `${name}.json`));
  for (const file of await readdir(folder).catch(() => [])) {
    if (!known.has(file)) await rm(join(folder, file), { force: true });
  }
  const records: BatchRecords = {
    left,
    requestsPath: (name) => join(folder, `${name}.jsonl`),
    recordPath: (name) => join(folder, `${name}.json`),
    save: (record) => writeAtomic(records.recordPath(record.name), JSON.stringify(record)),
    async remove({ name }) {
      await rm(records.recordPath(name), { force: true });
      await rm(records.requestsPath(name), { force: true });
      // Stays while there are others.
      await rmdir(folder).catch(() => {});
    },
  };
  return records;
}

/** Throws `bad-option` when batches of a ledger are still under way, and nobody would collect them. */
export async function refuseOpenBatches(ledger: string): Promise<void> {
  const [record] = await readRecordsIn(folderOf(ledger));
  if (!record) return;
  const id = record.batchId ?? record.name;
  throw badOption(
    `batch ${id} with ${record.lines.length} requests is not collected yet; run with batch: true to collect it`,
  );
}

async function readRecordsIn(folder: string): Promise<BatchRecord[]> {
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith(".json")).sort();
  return Promise.all(names.map((file) => readRecord(join(folder, file))));
}

async function readRecord(path: string): Promise<BatchRecord> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as BatchRecord;
  } catch (cause) {
    const message = `${path} does not say what was sent to the batch API; put it right, so that its answers can be collected. Only when no batch of yours is under way at the endpoint, delete it: its requests are asked again then`;
    throw new RagInstructError("file-corrupt", message, { cause });
  }
}
