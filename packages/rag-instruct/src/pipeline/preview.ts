import type { SpendingByPurpose } from "@rag-instruct/core";
import { lazyCalls } from "@rag-instruct/core/calls";
import { openRunFolder, readJsonl } from "@rag-instruct/core/node";
import { paradigms as five } from "@rag-instruct/paradigms";
import { type Preview, previewPairs, type SynthesisTask, sharedOut } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { expectRun } from "../run/expected.ts";
import { openForbiddenFiles } from "../run/inputs.ts";
import { callsOptions, openModel } from "../run/models.ts";
import { type RunOptions, runResolved } from "./pipeline.ts";

/** A few pairs of a run, and what they cost. */
export interface RunPreview {
  previews: Preview[];
  cost: SpendingByPurpose;
}

/** Options of {@link previewRun}. */
interface PreviewRunOptions
  extends Pick<RunOptions, "beforeCalls" | "onStage" | "onProgress" | "paying" | "replace" | "signal"> {
  /** Pairs, from the first of the plan on. @default one of each paradigm */
  count?: number;
}

/**
 * Makes what a run makes up to its plan, and writes a few of the pairs, with prompt, reply and checks. The replies are kept in the
 * ledger of the run, which does not pay for them again. Throws what a run throws.
 */
export async function previewRun(config: ResolvedConfig, options: PreviewRunOptions): Promise<RunPreview> {
  const { count, beforeCalls, paying, signal, onProgress = () => {} } = options;
  const { paradigms, language, verify, benchmarks, model } = config;
  await runResolved(config, { ...options, until: "plan" });
  await using folder = await openRunFolder(config.to);
  const few = fewOf(config, count);
  const asked = Object.values(few.counts).reduce((sum, each) => sum + each, 0);
  const beforeFirst =
    beforeCalls && (async () => beforeCalls(await expectRun(few, { folder, stages: ["synthesize"], signal })));
  await using opened = lazyCalls({ ...callsOptions(config, folder.path("ledger.jsonl"), paying), beforeFirst });
  const forbidden = await openForbiddenFiles(benchmarks, { signal, onProgress });
  const calls = await opened.open();
  await using held = await openModel(model, { signal, onProgress });
  const previews: Preview[] = [];
  const written = previewPairs({
    tasks: readJsonl<SynthesisTask>(folder.path("plan.jsonl")),
    model: held.model,
    calls,
    count,
    paradigms,
    language,
    verify: { level: verify },
    forbidden: forbidden?.texts,
    signal,
  });
  for await (const preview of written) {
    previews.push(preview);
    onProgress({ stage: "preview", done: previews.length, total: asked });
  }
  return { previews, cost: await calls.spending() };
}

/** A run of a few pairs, shared out over the paradigms that are wanted. @param count @default one of each */
export function fewOf(config: ResolvedConfig, count?: number): ResolvedConfig {
  const { counts } = config;
  const wanted = Object.keys(counts).filter((id) => counts[id]! > 0);
  const ids = wanted.length > 0 ? wanted : Object.keys(five);
  return { ...config, noiseSample: 0, noiseAnswers: 0, counts: sharedOut(count ?? ids.length, ids) };
}
