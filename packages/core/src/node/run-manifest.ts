import { readFile } from "node:fs/promises";
import { RagInstructError } from "../errors.ts";
import type { LeftOut } from "../outcome.ts";
import type { ReviewFigures } from "../reviews.ts";
import { mergeSpending, type SpendingByPurpose } from "../spending.ts";
import { isObject } from "../types.ts";
import { writeAtomic } from "./atomic.ts";
import { filesBehind, hashFile, isThere } from "./files.ts";
import { readReviews } from "./review-log.ts";
import type { RunFolder, StageRecord } from "./run-folder.ts";

/** Name of the file in a run folder that says what it was made from and what was made. */
export const manifestFile = "manifest.json";

/** What `manifest.json` holds. It holds no time and no place, so that two runs of the same inputs and replies have the same manifest. */
export interface RunManifest<Options extends object = Record<string, unknown>> {
  generator: string;
  model: string;
  notice?: string;
  /** Options that decide the outputs. */
  options: Options;
  /** Hashes of the input files' names and contents. */
  inputs: { corpus: string; exemplars?: string; benchmarks?: Record<string, string> };
  /** Versions, by id. */
  paradigms: Record<string, string>;
  /** With how much each left out, by reason, and where. */
  stages: Record<
    string,
    {
      key: string;
      counts: Record<string, number>;
      leftOut?: Record<string, number>;
      /** The first places of each reason, relative to the documents that were given. */
      leftOutAt?: Record<string, readonly string[]>;
      cost?: SpendingByPurpose;
    }
  >;
  /** How people judged the pairs, where any did. */
  reviews?: ReviewFigures;
  /** What all calls came to that the outputs rest on, by what they were for. */
  cost: SpendingByPurpose;
  outputs: Record<string, { bytes: number; sha256: string }>;
}

/** What a manifest says that does not follow from the folder and its stages. */
export type ManifestHead<Options extends object> = Omit<
  RunManifest<Options>,
  "stages" | "reviews" | "cost" | "outputs"
>;

/** Writes the manifest of a run folder: with its stages as they ended, places of no machine in them, and the hashes of those files that are there, also in folders. */
export async function writeRunManifest<Options extends object>(
  head: ManifestHead<Options>,
  {
    folder,
    stages,
    files,
  }: { folder: RunFolder; stages: readonly (StageRecord & { name: string })[]; files: readonly string[] },
): Promise<RunManifest<Options>> {
  const outputs: RunManifest["outputs"] = {};
  for (const given of files) {
    if (!(await isThere(folder.path(given)))) continue;
    for (const name of await filesBehind(folder.path(), given)) outputs[name] = await hashFile(folder.path(name));
  }
  const reviews = (await readReviews(folder.path("."))).figures();
  const manifest: RunManifest<Options> = {
    ...head,
    stages: Object.fromEntries(
      stages.map(({ name, key, counts, leftOut, cost }) => {
        const byReason = <T>(read: (entry: LeftOut) => T) =>
          leftOut && Object.fromEntries(leftOut.map((entry) => [entry.reason, read(entry)]));
        const lost = { leftOut: byReason(({ count }) => count), leftOutAt: byReason(({ places }) => places) };
        return [name, { key, counts, ...lost, cost }];
      }),
    ),
    reviews: reviews.reviewed > 0 ? reviews : undefined,
    cost: mergeSpending(stages.map(({ cost = {} }) => cost)),
    outputs,
  };
  await writeAtomic(folder.path(manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** Reads a `manifest.json`. Throws `file-missing`, and `bad-input` for anything else. The type of the options is the caller's claim. */
export async function readRunManifest<Options extends object>(path: string): Promise<RunManifest<Options>> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; name the manifest.json of a run`, { cause });
  });
  const unfit = new RagInstructError("bad-input", `${path} is not the manifest of a run`);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && isObject(value.options) && isObject(value.inputs) && isObject(value.outputs))
      return value as unknown as RunManifest<Options>;
  } catch {
    throw unfit;
  }
  throw unfit;
}

/** Names of the files that came out with other bytes than the manifest has, and a sentence on it. */
export function compareOutputs(
  before: Pick<RunManifest, "outputs">,
  now: Pick<RunManifest, "outputs">,
): { differing: string[]; verdict: string } {
  const names = new Set([...Object.keys(before.outputs), ...Object.keys(now.outputs)]);
  const differing = [...names].filter((name) => before.outputs[name]?.sha256 !== now.outputs[name]?.sha256);
  if (differing.length === 0) return { differing, verdict: "Every file has the bytes that the manifest tells of." };
  const { length: all } = Object.keys(now.outputs);
  return {
    differing,
    verdict: `${differing.length} of ${all} files differ from the manifest's: ${differing.join(", ")}.`,
  };
}
