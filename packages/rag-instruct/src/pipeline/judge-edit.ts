import { join } from "node:path";
import { tokensAbout } from "@rag-instruct/core";
import { lazyCalls } from "@rag-instruct/core/calls";
import { expectedCallsLines, verdictOf, verdictTokens } from "@rag-instruct/simulate";
import { type EditedItem, type EditJudge, editedPair } from "@rag-instruct/viewer";
import { resolveConfig } from "../config/load.ts";
import { isStandInChoice } from "../config/model-choice.ts";
import type { Config, ResolvedConfig } from "../config/schema.ts";
import { callsOptions } from "../run/calls.ts";
import { expectOf } from "../run/expected.ts";
import { keptSettings } from "../run/kept-settings.ts";
import { openModel } from "../run/models.ts";

/** Judges edited pairs by the model of a run; undefined where the run names none that can judge. */
export async function judgeOf(run: string): Promise<EditJudge | undefined> {
  const kept = await keptSettings(run, { orAsked: true });
  if (!kept) return undefined;
  const config = resolveConfig({ ...kept, corpus: kept.corpus ?? { from: run }, to: run } as Config);
  if (isStandInChoice(config.model)) return undefined;
  return { price: async (item) => priceOf(item, config), ask: (item, options) => ask(item, { config, ...options }) };
}

function priceOf(item: EditedItem, config: ResolvedConfig) {
  const { question, answer, documents } = editedPair(item);
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
  return await verdictOf(editedPair(item), { ...judging, exemplar: item.exemplar });
}
