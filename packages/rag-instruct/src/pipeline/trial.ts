import { join, relative } from "node:path";
import { badOption, shellWord } from "@rag-instruct/core";
import { readRunFolder } from "@rag-instruct/core/node";
import { withInstructions, withoutInstructions } from "@rag-instruct/paradigms";
import { expectedCallsLines, previewItem } from "@rag-instruct/simulate";
import type { RunTrial } from "@rag-instruct/viewer";
import type { ResolvedConfig } from "../config/schema.ts";
import { expectRun } from "../run/expected.ts";
import { writeConfig } from "../run/kept-settings.ts";
import { fewOf, previewRun } from "./preview.ts";

/** Trying a planned run in the viewer: a pair of each paradigm at a time, under instructions that are changed there. */
export function trialOf(config: ResolvedConfig): RunTrial {
  const { instructions: given } = config;
  if (given !== undefined && typeof given !== "string")
    throw badOption("instructions by paradigm are changed in the config: preview without --view");
  const bare = withoutInstructions(config.paradigms, given ?? "");
  const under = (text: string): ResolvedConfig => {
    const instructions = text.trim() === "" ? undefined : text;
    return { ...config, instructions, paradigms: withInstructions(bare, instructions ?? {}) };
  };
  return {
    instructions: given ?? "",
    async price(text) {
      const folder = await readRunFolder(config.to);
      const all = under(text);
      const few = await expectRun(fewOf(all), { folder, stages: ["synthesize"] });
      const whole = await expectRun(all, { folder, stages: ["synthesize", "assemble"] });
      const lineOf = (expected: typeof few) => expectedCallsLines(expected, config.budget).join(";");
      const { usd, isFree } = few;
      return { line: lineOf(few), whole: lineOf(whole), usd, isFree, pairs: Object.keys(fewOf(all).counts).length };
    },
    async make(text, { signal }) {
      const all = under(text);
      const { previews } = await previewRun(all, { signal });
      return previews.map((preview) => previewItem(preview, all.paradigms));
    },
    async keep(text) {
      const path = join(config.to, "config.json");
      await writeConfig(path, under(text));
      const file = relative(process.cwd(), path) || path;
      return { file, command: `rag-instruct run --config ${shellWord(file)}` };
    },
  };
}
