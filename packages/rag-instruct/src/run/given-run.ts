import { join } from "node:path";
import { isRunFolder, openRunFolder, type Replace } from "@rag-instruct/core/node";
import { fingerprint, listRecordFiles } from "@rag-instruct/corpus";
import { asAccepted, openGivenPairs, readPairs } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { keepSettings } from "./kept-settings.ts";

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
  const named = pairs.map(async (path) => ((await isRunFolder(path)) ? join(path, "pairs.jsonl") : path));
  const files = await listRecordFiles(await Promise.all(named));
  await using folder = await openRunFolder(config.to);
  const inputs = { pairs: await fingerprint(files, { isWhole: true }) };
  await using given = await openGivenPairs({ folder, by: "assemble", inputs, replace });
  for await (const _ of given.writing(asAccepted(readPairs(files, { paradigm, signal }))));
  await given.commit();
  await given.record(from);
  await keepSettings(config);
}
