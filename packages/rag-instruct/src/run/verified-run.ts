import { copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { hashOf } from "@rag-instruct/core";
import { isThere, type RunFolder, readRunFolder, type StageRecord } from "@rag-instruct/core/node";
import type { ResolvedConfig } from "../config/schema.ts";
import { keepSettings } from "./kept-settings.ts";

// What finds noise documents for pairs, whoever wrote them.
const foundBy = ["ingest", "embed", "index", "share"];
// For the report, which says where a question repeats its exemplar.
const shown = "exemplars.jsonl";

/** Pairs that are in a folder, and where they come from. */
interface GivenPairs {
  folder: RunFolder;
  /** Settings of the run whose passages the pairs were written from, with the folder of the pairs as `to`; undefined where none is known. */
  config: ResolvedConfig | undefined;
  /** The folder of that run. */
  from: string | undefined;
  /** What stands for the stage that writes pairs elsewhere. */
  pairs: Pick<StageRecord, "inputs" | "lineage" | "counts" | "seconds"> & { files: readonly string[] };
}

/**
 * Makes a folder of verified pairs a run of its own, which `assemble`, `export` and `search` take as it is, also when the first run is
 * gone: the passages and indexes of that run are linked into it, or copied where the file system has no links.
 */
export async function makeVerifiedRun({ folder, config, from, pairs }: GivenPairs): Promise<void> {
  const { inputs, lineage, counts, seconds, files } = pairs;
  if (config && from !== undefined) {
    const source = await readRunFolder(from);
    for (const stage of foundBy) {
      const { key = "" } = source.last(stage) ?? {};
      const record = await source.finished(stage, key);
      if (!record) continue;
      await folder.replacing(stage);
      for (const name of Object.keys(record.outputs)) await bring(source.path(name), folder.path(name));
      await folder.record(stage, record);
    }
    if (await isThere(source.path(shown))) await bring(source.path(shown), folder.path(shown));
  }
  const outputs = await folder.describe(files);
  const key = hashOf([inputs, outputs]);
  await folder.record("synthesize", { key, lineage, inputs, outputs, counts, seconds, given: "verify" });
  if (config) await keepSettings(config);
}

/** Links or copies a file to a place, where it is whole or not at all. */
async function bring(from: string, to: string): Promise<void> {
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
