import { join, relative } from "node:path";
import { programName, shellWord, tokensAbout } from "@rag-instruct/core";
import { lazyCalls } from "@rag-instruct/core/calls";
import { readRunFolder } from "@rag-instruct/core/node";
import { paradigmById, promptOfPair, relationOf, withInstructions, withoutInstructions } from "@rag-instruct/paradigms";
import { checkLexically, expectedCallsLines, previewItem, verdictOf, verdictTokens } from "@rag-instruct/simulate";
import {
  type EditedItem,
  type EditJudge,
  pairOfItem,
  type RunTrial,
  serveViewer,
  type TrialInstructions,
  type Viewer,
  type ViewerTools,
} from "@rag-instruct/viewer";
import { resolveConfig } from "../config/load.ts";
import { isStandInChoice } from "../config/model-choice.ts";
import type { Config, ResolvedConfig } from "../config/schema.ts";
import { expectOf, expectRun } from "../run/expected.ts";
import { keptSettings, writeConfig } from "../run/kept-settings.ts";
import { callsOptions, openModel } from "../run/models.ts";

import { fewOf, previewRun } from "./preview.ts";

/** The rules and the free checks of our paradigms, for whoever reviews. */
export const reviewTools = {
  ruleOf: (id) => relationOf(id),
  checkEdit(item) {
    const { paradigm: id, exemplar } = item;
    if (relationOf(id) === undefined) return { ok: true };
    const verdict = checkLexically(pairOfItem(item), { paradigm: paradigmById(id), exemplar });
    return verdict.ok ? { ok: true } : { ok: false, reason: verdict.reason, detail: verdict.detail };
  },
} satisfies ViewerTools;

/** Serves run folders to one browser on this machine. */
export function viewRuns(
  runs: readonly string[],
  options: { port?: number; trial?: RunTrial; signal?: AbortSignal } = {},
): Promise<Viewer> {
  return serveViewer({ ...options, ...reviewTools, runs, judgeOf, promptOf: (request) => promptOfPair(request) });
}

/** Judges edited pairs by the model of a run; undefined where the run names none that can judge. */
async function judgeOf(run: string): Promise<EditJudge | undefined> {
  const kept = await keptSettings(run, { orAsked: true });
  if (!kept) return undefined;
  const config = resolveConfig({ ...kept, corpus: kept.corpus ?? { from: run }, to: run } as Config);
  if (isStandInChoice(config.model)) return undefined;
  return { price: async (item) => priceOf(item, config), ask: (item, options) => ask(item, { config, ...options }) };
}

function priceOf(item: EditedItem, config: ResolvedConfig) {
  const { question, answer, documents } = pairOfItem(item);
  const inputTokens = tokensAbout(question, answer, ...documents.map(({ text }) => text));
  const asked = { what: "one verdict", calls: 1, inputTokens, outputTokens: verdictTokens };
  const expected = expectOf([config.model], asked, config);
  const { usd, isFree } = expected;
  return { line: expectedCallsLines(expected, config.budget).join(";"), usd, isFree };
}

/** Verdicts have a ledger of their own: that of the run is its alone while it is at work. */
async function ask(item: EditedItem, { config, signal }: { config: ResolvedConfig; signal?: AbortSignal }) {
  await using opened = lazyCalls(callsOptions(config, join(config.to, "judged.jsonl")));
  await using held = await openModel(config.model, { signal });
  const { paradigms, language } = config;
  const judging = { model: held.model, calls: await opened.open(), paradigms, language, signal };
  return await verdictOf(pairOfItem(item), { ...judging, exemplar: item.exemplar });
}

/** Trying a planned run in the viewer: a pair of each paradigm at a time, under instructions that are changed there. */
export function trialOf(config: ResolvedConfig): RunTrial {
  const { instructions: given = "" } = config;
  const bare = withoutInstructions(config.paradigms, given);
  const none = Object.fromEntries(["", ...Object.keys(fewOf(config).counts)].map((id) => [id, ""]));
  const under = (texts: TrialInstructions): ResolvedConfig => {
    const instructions = instructionsFrom(texts, Object.keys(bare));
    return { ...config, instructions, paradigms: withInstructions(bare, instructions ?? {}) };
  };
  return {
    instructions: { ...none, ...(typeof given === "string" ? { "": given } : given) },
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
      return { file, command: `${programName()} run --config ${shellWord(file)}` };
    },
  };
}

/** Instructions as a config says them: one text for all paradigms, or, where one has its own, a text for each that has any. */
function instructionsFrom({ "": all = "", ...own }: TrialInstructions, ids: readonly string[]): Config["instructions"] {
  if (Object.values(own).every((text) => text.trim() === "")) return all.trim() === "" ? undefined : all;
  const texts = ids.map((id) => [id, [all, own[id] ?? ""].filter((text) => text.trim() !== "").join("\n")]);
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
}
