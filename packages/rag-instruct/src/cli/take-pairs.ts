import { join } from "node:path";
import { badOption, programName } from "@rag-instruct/core";
import { isRunFolder, openRunFolder, type Replace } from "@rag-instruct/core/node";
import { fingerprint, listRecordFiles } from "@rag-instruct/corpus";
import { asAccepted, openGivenPairs, readPairs } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { keepSettings } from "../run/kept-settings.ts";
import type { CommandContext, RunFlags } from "./command.ts";
import { takeRun } from "./named-run.ts";
import { replaceOf } from "./questions.ts";
import { readRunSettings, readSettings } from "./settings.ts";

// Examples of them are made without a word on how their documents are to their questions.
const unstated = "unstated";

/**
 * Puts the pairs that a command line names into a run, where `--corpus` says what their noise is drawn from, and gives that run's
 * settings; undefined without `--corpus`. Throws `bad-option`.
 */
export async function takePairs(
  named: readonly string[],
  { corpus, ...flags }: RunFlags & { corpus?: string[] },
  { signal }: Pick<CommandContext, "signal">,
): Promise<ResolvedConfig | undefined> {
  if (corpus === undefined) return undefined;
  if (named.length === 0)
    throw badOption(
      `--corpus is for pairs made elsewhere; name their files: ${programName()} assemble pairs.json --corpus docs/`,
    );
  const { run: from, rest: documents } = await takeRun(corpus, {});
  if (from !== undefined && documents.length > 0)
    throw badOption(`--corpus names the run ${from} and documents beside it; name one of them`);
  const settings = from === undefined ? readSettings({ flags, documents }) : readRunSettings(from, flags);
  const known = await settings;
  const config = { ...known, to: flags.to ?? (from === undefined ? known.to : join(from, "assembled")) };
  const { paradigms = [] } = flags;
  await givePairs(config, {
    pairs: named,
    paradigm: paradigms[0] ?? unstated,
    from,
    replace: replaceOf(flags),
    signal,
  });
  return config;
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
async function givePairs(
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
