import { join } from "node:path";
import { badOption } from "@rag-instruct/core";
import type { ResolvedConfig } from "../config/schema.ts";
import { givePairs } from "../run/given-run.ts";
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
      "--corpus is for pairs made elsewhere; name their files: rag-instruct assemble pairs.json --corpus docs/",
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
