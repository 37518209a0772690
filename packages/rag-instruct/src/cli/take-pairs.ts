import { join } from "node:path";
import { badOption, programName } from "@rag-instruct/core";
import { isRunFolder, openRunFolder } from "@rag-instruct/core/node";
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
 * Puts the pairs that a command line names, by files, folders, globs or runs, into a run, where `--corpus` says what their noise is drawn from, and gives that run's
 * settings; undefined without `--corpus`. Throws `bad-option`, what `readPairs` throws, and `file-exists` as `verify` does.
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
  const known = await (from === undefined ? readSettings({ flags, documents }) : readRunSettings(from, flags));
  const config = { ...known, to: flags.to ?? (from === undefined ? known.to : join(from, "assembled")) };
  const paths = named.map(async (path) => ((await isRunFolder(path)) ? join(path, "pairs.jsonl") : path));
  const files = await listRecordFiles(await Promise.all(paths));
  await using folder = await openRunFolder(config.to);
  const inputs = { pairs: await fingerprint(files, { isWhole: true }) };
  await using given = await openGivenPairs({ folder, by: "assemble", inputs, replace: replaceOf(flags) });
  const pairs = readPairs(files, { paradigm: flags.paradigms?.[0] ?? unstated, signal });
  for await (const _ of given.writing(asAccepted(pairs)));
  await given.commit();
  await given.record(from);
  await keepSettings(config);
  return config;
}
