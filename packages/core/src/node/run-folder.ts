import { existsSync } from "node:fs";
import { access, constants, copyFile, link, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import { programName } from "../in-words.ts";
import type { LeftOut } from "../outcome.ts";
import type { SpendingByPurpose } from "../spending.ts";
import { isObject } from "../types.ts";
import { writeAtomic } from "./atomic.ts";
import { describeFiles, isThere, type OutputFile } from "./files.ts";
import { lockFile, lockFolder, removeTorn } from "./lock.ts";

const stagesFile = "stages.json";

/** What a stage is made from. */
export interface StageOrigin {
  /** Hash of its inputs, and of the keys of the stages before it. */
  key: string;
  /** The same hash without the inputs that may change while what was paid for stays useful. */
  lineage: string;
  /** Options, and hashes of input files, which need not be there any more. */
  inputs: Readonly<Record<string, unknown>>;
}

/** Reads an input by its name; of files that are gone it gives what the run recorded, where that will do. */
export type Recall = <T>(name: string, read: () => Promise<T>) => Promise<T>;

/** A finished stage: what it was made from, and what it left. */
export interface StageRecord extends StageOrigin {
  /** Files of the run folder that it wrote. */
  outputs: Record<string, OutputFile>;
  counts: Record<string, number>;
  /** What it found or chose that is no count, in a few words, such as "in German". */
  note?: string;
  /** What it passed over, by reason with the first ten places: of `ingest` files, records, passages and bytes. */
  leftOut?: LeftOut[];
  /** Pairs wanted and made by paradigm, and why some are missing. */
  paradigms?: Record<string, { wanted: number; accepted: number; short: number; reasons: Record<string, number> }>;
  /** What all calls came to that its outputs rest on, by what they were for, those of earlier runs among them. */
  cost?: SpendingByPurpose;
  seconds: number;
  /** Items that a later run would try once more. */
  open?: number;
  /** The command that wrote these outputs instead of the stage. They are taken as they are, even where the stage would now be made from something else. */
  given?: string;
  /** What its paid calls took when it last made any; a dry run goes by them. */
  paid?: PaidCalls;
}

/** Paid calls of one stage. */
export interface PaidCalls {
  model: string;
  /** How far pairs were verified, which decides on the calls a pair. */
  verify?: string;
  /** Turns that a pair might grow to, which decides on them too. @default 1 */
  turns?: number;
  /** Most calls at the same time. */
  concurrency: number;
  /** Replies paid for, and replies taken from the ledger. */
  made: number;
  reused: number;
  /** Of the replies paid for. */
  inputTokens: number;
  outputTokens: number;
  seconds: number;
}

/** One run's folder. */
export interface RunFolder extends AsyncDisposable {
  path(...parts: string[]): string;
  /** The record of a stage whose outputs are all still there, and still the same. */
  finished(stage: string, key: string): Promise<StageRecord | undefined>;
  /** The record of a stage as it last ended, whatever has changed since. */
  last(stage: string): StageRecord | undefined;
  /** What a stage that has never ended was begun with. */
  begun(stage: string): StageOrigin | undefined;
  /** To be called before a stage that has never ended writes anything, so that what it leaves is known to be its own. */
  begin(stage: string, origin: StageOrigin): Promise<void>;
  /** To be called before outputs are put in place of earlier ones: whoever is killed meanwhile has changed nothing by hand. */
  replacing(stage: string): Promise<void>;
  record(stage: string, record: StageRecord): Promise<void>;
  /** Outputs of a stage that have changed since it made them. */
  edited(stage: string): Promise<string[]>;
  /** What is behind the names of files and folders. */
  describe(outputs: readonly string[]): Promise<Record<string, OutputFile>>;
}

/** Opens or makes a run folder and locks it against a second run until closed. Throws `file-unwritable` and `folder-locked`. */
export async function openRunFolder(folder: string): Promise<RunFolder> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new RagInstructError("file-unwritable", `cannot write into ${folder}; choose another folder with --to`, {
      cause: error,
    });
  }
  const lock = await lockFolder(folder);
  try {
    await removeTorn(folder);
    // The ledger's lock is taken over and given back where its holder is dead; where it is not, nothing is begun.
    await (await lockFile(join(folder, "ledger.jsonl"))).close();
  } catch (error) {
    await lock.close();
    throw error;
  }
  return { ...(await readRunFolder(folder)), [Symbol.asyncDispose]: () => lock.close() };
}

/** A run folder as it is, without a lock, to look at what is finished. */
export async function readRunFolder(folder: string): Promise<RunFolder> {
  const path = (...parts: string[]) => join(folder, ...parts);
  const stages = await readStages(path(stagesFile));
  const describe = (outputs: readonly string[]) => describeFiles(folder, outputs);
  const save = () => writeAtomic(path(stagesFile), `${JSON.stringify(stages, null, 2)}\n`);
  const last = (stage: string) => (stages[stage]?.state === "begun" ? undefined : stages[stage]);
  return {
    path,
    describe,
    last,
    async finished(stage, key) {
      const record = last(stage);
      if (record?.key !== key || record.state !== undefined) return undefined;
      const now = await describe(Object.keys(record.outputs)).catch(() => undefined);
      return isDeepStrictEqual(now, record.outputs) ? record : undefined;
    },
    begun: (stage) => (stages[stage]?.state === "begun" ? stages[stage] : undefined),
    async begin(stage, origin) {
      if (last(stage)) return;
      stages[stage] = { ...origin, key: "", outputs: {}, counts: {}, seconds: 0, state: "begun" };
      await save();
    },
    async replacing(stage) {
      const record = last(stage);
      if (!record) return;
      stages[stage] = { ...record, state: "replacing" };
      await save();
    },
    async record(stage, record) {
      stages[stage] = record;
      await save();
    },
    async edited(stage) {
      const { state, outputs = {} } = last(stage) ?? {};
      if (state === "replacing") return [];
      const there = Object.keys(outputs).filter((name) => existsSync(path(name)));
      const now = await describe(there);
      return there.filter((name) => !isDeepStrictEqual(now[name], outputs[name]));
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A stage in `stages.json`: one that has ended, is replacing what it left before, or has only begun. */
type KeptStage = StageRecord & { state?: "begun" | "replacing" };

async function readStages(file: string): Promise<Record<string, KeptStage>> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    // A file that cannot be read counts as empty; the next stage that ends writes it anew.
    return {};
  }
}

/** Whether stages of a run have ended in a folder. A folder of documents may hold another kind of `stages.json`, which does not count. */
export async function isRunFolder(path: string): Promise<boolean> {
  const records: unknown = await readFile(join(path, stagesFile), "utf8")
    .then(JSON.parse)
    .catch(() => undefined);
  if (!isObject(records)) return false;
  const [first] = Object.values(records);
  return isObject(first) && "key" in first && "outputs" in first;
}

// What a run of any kind leaves, also one that a program made without the pipeline.
const runFiles = [stagesFile, "train.jsonl", "pairs.jsonl", "rejected.jsonl", "plan.jsonl"];

/** Whether a folder has anything of a run that can be shown or given out. */
export async function runHere(path: string): Promise<boolean> {
  for (const name of runFiles) if (await isThere(join(path, name))) return true;
  return false;
}

/** Throws `file-missing` where {@link runHere} finds nothing. */
export async function requireRun(path: string): Promise<void> {
  if (await runHere(path)) return;
  const why = (await isThere(path)) ? `${path} holds no run` : `there is no run ${path}`;
  throw new RagInstructError("file-missing", `${why}; name the folder of one, or make it with: ${programName()} run`);
}

/**
 * Removes what interruptions left of an output: `<name>-<digits>.partial` and whatever begins so.
 * @param kept whole name of the one that will be resumed. @default none is kept
 */
export async function removePartials(folder: RunFolder, name: string, kept?: string): Promise<void> {
  for (const entry of await readdir(folder.path())) {
    const isPartial = new RegExp(`^${name}-[0-9a-f]+\\.partial`).test(entry);
    if (isPartial && !(kept && entry.startsWith(kept))) await rm(folder.path(entry), { recursive: true });
  }
}

/**
 * Takes finished stages of another run over, so that they need not be made again, also when that run is gone: their outputs are linked into
 * the folder, or copied where the file system has no links, and recorded. A stage that is not whole there is passed over.
 * @param options.files other files that are taken along where they are there. @default none
 */
export async function adoptStages(
  names: readonly string[],
  { from, into, files = [] }: { from: RunFolder; into: RunFolder; files?: readonly string[] },
): Promise<void> {
  for (const name of names) {
    const { key = "" } = from.last(name) ?? {};
    const record = await from.finished(name, key);
    if (!record) continue;
    await into.replacing(name);
    for (const output of Object.keys(record.outputs)) await linkOrCopy(from.path(output), into.path(output));
    await into.record(name, record);
  }
  for (const file of files) if (await isThere(from.path(file))) await linkOrCopy(from.path(file), into.path(file));
}

/** A file in a second place, where it is whole or not at all. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const temporary = `${to}.${hashOf([from, process.pid]).slice(0, 12)}.tmp`;
  await mkdir(dirname(to), { recursive: true });
  await rm(temporary, { force: true });
  try {
    await link(from, temporary).catch(() => copyFile(from, temporary));
    await rename(temporary, to);
  } finally {
    // Two links of one file are left as they are by a rename.
    await rm(temporary, { force: true });
  }
}
