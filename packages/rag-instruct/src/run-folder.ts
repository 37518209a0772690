import { access, constants, mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { lockFolder, writeAtomic } from "@rag-instruct/core/node";

/** A finished stage: the hash of what it was made from, and what it left. */
export interface StageRecord {
  key: string;
  /** Files and folders of the run folder that it wrote, with the size of each file. */
  outputs: Record<string, number>;
  counts: Record<string, number>;
  seconds: number;
}

/** One run's folder, locked against a second run until closed. */
export interface RunFolder extends AsyncDisposable {
  path(...parts: string[]): string;
  /** The record of a stage whose outputs are all still there. */
  finished(stage: string, key: string): Promise<StageRecord | undefined>;
  record(stage: string, record: StageRecord): Promise<void>;
  sizes(outputs: readonly string[]): Promise<Record<string, number>>;
}

/** Opens or makes a run folder. Throws `file-unwritable` and `folder-locked`. */
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
  const path = (...parts: string[]) => join(folder, ...parts);
  const stagesFile = path("stages.json");
  const stages = await readStages(stagesFile);

  async function sizes(outputs: readonly string[]): Promise<Record<string, number>> {
    const entries = await Promise.all(outputs.map(async (name) => [name, (await stat(path(name))).size] as const));
    return Object.fromEntries(entries);
  }
  return {
    path,
    sizes,
    async finished(stage, key) {
      const record = stages[stage];
      if (record?.key !== key) return undefined;
      const now = await sizes(Object.keys(record.outputs)).catch(() => undefined);
      const untouched = now && Object.entries(record.outputs).every(([name, size]) => now[name] === size);
      return untouched ? record : undefined;
    },
    async record(stage, record) {
      stages[stage] = record;
      await writeAtomic(stagesFile, `${JSON.stringify(stages, null, 2)}\n`);
    },
    [Symbol.asyncDispose]: () => lock.close(),
  };
}

async function readStages(file: string): Promise<Record<string, StageRecord>> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") await rm(file, { force: true });
    return {};
  }
}
