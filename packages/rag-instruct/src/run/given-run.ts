import { join } from "node:path";
import { hashOf, type Pair } from "@rag-instruct/core";
import {
  adoptStages,
  isRunFolder,
  openOutcomeFiles,
  openRunFolder,
  type Replace,
  type RunFolder,
  readRunFolder,
  refuseLoss,
  type StageOrigin,
  type StageRecord,
} from "@rag-instruct/core/node";
import { fingerprint, listRecordFiles } from "@rag-instruct/corpus";
import { pairStakes, readPairs } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { keepSettings } from "./kept-settings.ts";

// What finds noise documents for pairs, whoever wrote them.
const foundBy = ["ingest", "embed", "index", "share"];
// For the report, which says where a question repeats its exemplar.
const shown = "exemplars.jsonl";

/** What pairs that a run did not write itself are kept in. */
export const givenFiles: readonly string[] = ["pairs.jsonl", "rejected.jsonl"];

/** The command that puts pairs in the place of those that a run writes. */
type GivenBy = "verify" | "assemble";

/** Pairs that are in a folder, and where they come from. */
interface GivenPairs {
  folder: RunFolder;
  /** Settings of the run whose passages the pairs were written from, with the folder of the pairs as `to`; undefined where none is known. */
  config: ResolvedConfig | undefined;
  /** The folder of that run. */
  from: string | undefined;
  /** What stands for the stage that writes pairs elsewhere. */
  pairs: Pick<StageRecord, "inputs" | "lineage" | "counts" | "seconds"> & { files: readonly string[] };
  by: GivenBy;
}

/**
 * Makes a folder of pairs a run of its own, which `assemble`, `export` and `search` take as it is, also when the first run is
 * gone: the passages and indexes of that run are linked into it, or copied where the file system has no links.
 */
export async function makeGivenRun({ folder, config, from, pairs, by }: GivenPairs): Promise<void> {
  const { inputs, lineage, counts, seconds, files } = pairs;
  if (config && from !== undefined) {
    const source = await readRunFolder(from);
    await adoptStages(foundBy, { from: source, into: folder, files: by === "verify" ? [shown] : [] });
  }
  const outputs = await folder.describe(files);
  const key = hashOf([inputs, outputs]);
  await folder.record("synthesize", { key, lineage, inputs, outputs, counts, seconds, given: by });
  if (config) await keepSettings(config);
}

/** The pairs in the place of those that a run writes. Throws `file-exists` where they would replace others, and that is not allowed. */
export async function checkGiven(
  { by, files, ...rest }: { by: GivenBy; files: readonly string[]; level?: string },
  { folder, replace }: { folder: RunFolder; replace: Replace },
): Promise<StageOrigin> {
  const inputs = { pairs: await fingerprint(files, { isWhole: true }), ...rest };
  const origin = { key: "", lineage: hashOf([by, inputs.pairs]), inputs };
  const given = { name: "synthesize", needs: [], inputs, outputs: givenFiles, stakes: pairStakes("synthesize") };
  const stage = { ...given, run: async () => ({ counts: {} }) };
  await refuseLoss([{ stage, ...origin, before: undefined }], { stages: [stage], folder, replace });
  return origin;
}

/** Pairs made elsewhere, and what their noise is drawn from. */
interface ForeignPairs {
  /** Files, folders and globs of records as `readPairs` takes them, or runs. */
  pairs: readonly string[];
  /** Paradigm of records that name none. */
  paradigm: string;
  /** The folder of a run whose passages and indexes are used. @default the documents of the settings */
  from?: string;
  replace: Replace;
  signal?: AbortSignal;
}

/**
 * Puts pairs made elsewhere into a run folder, whose documents or those of another run give them their noise. Throws what `readPairs`
 * throws, and `file-exists` as `verify` does.
 */
export async function givePairs(
  config: ResolvedConfig,
  { pairs, paradigm, from, replace, signal }: ForeignPairs,
): Promise<void> {
  const start = performance.now();
  const named = pairs.map(async (path) => ((await isRunFolder(path)) ? join(path, givenFiles[0]!) : path));
  const files = await listRecordFiles(await Promise.all(named));
  await using folder = await openRunFolder(config.to);
  const checked = await checkGiven({ by: "assemble", files }, { folder, replace });
  const [accepted, refused] = givenFiles.map((name) => folder.path(name)) as [string, string];
  await using written = await openOutcomeFiles<Pair>({ accepted, refused });
  for await (const value of readPairs(files, { paradigm, signal }))
    await written.add({ status: "accepted", id: value.id, value });
  await folder.begin("synthesize", checked);
  await folder.replacing("synthesize");
  await written.commit();
  const { requested, accepted: kept } = written.tally();
  const counts = { requested, accepted: kept, rejected: 0, failed: 0 };
  const seconds = Math.round(performance.now() - start) / 1000;
  await makeGivenRun({
    folder,
    config,
    from,
    pairs: { ...checked, counts, seconds, files: givenFiles },
    by: "assemble",
  });
}
