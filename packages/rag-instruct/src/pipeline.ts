import type { OnProgress } from "@rag-instruct/core";
import { type Config, resolveConfig } from "./config.ts";
import { describeModel, resolveModel } from "./models.ts";
import { openRunFolder } from "./run-folder.ts";
import { runStages, type Stage, type StageContext, type StageResult } from "./stage.ts";
import { assembleStage } from "./stages/assemble.ts";
import { indexStage } from "./stages/build-index.ts";
import { exportStage } from "./stages/export.ts";
import { ingestStage } from "./stages/ingest.ts";
import { planStage } from "./stages/plan.ts";
import { exemplarsStage } from "./stages/read-exemplars.ts";
import { synthesizeStage } from "./stages/synthesize.ts";
import { manifestStage } from "./stages/write-manifest.ts";
import { reportStage } from "./stages/write-report.ts";

/** What a run came to. */
export interface RunSummary {
  /** The run folder. */
  to: string;
  /** Provider and id of the model. */
  model: string;
  /** In the order in which they ran. */
  stages: StageResult[];
}

/** Options of {@link ragInstruct}. */
export interface RunOptions {
  onProgress?: OnProgress;
  /** Called as each stage ends. */
  onStage?: (result: StageResult) => void;
  signal?: AbortSignal;
}

/**
 * The whole method, from documents to training data, into one run folder. Stages whose inputs have not changed are skipped,
 * replies that were paid for are never paid for again, and a run that was interrupted goes on where it stopped.
 * Throws a RagInstructError that says what to do; nothing half-written is left.
 */
export async function ragInstruct(
  config: Config,
  { onProgress = () => {}, onStage, signal }: RunOptions = {},
): Promise<RunSummary> {
  const resolved = resolveConfig(config);
  const model = describeModel(resolveModel(resolved.model));
  const making: Stage[] = [
    await ingestStage(resolved),
    indexStage(),
    await exemplarsStage(resolved),
    planStage(resolved),
    synthesizeStage(resolved),
    assembleStage(resolved),
    exportStage(resolved),
    reportStage(resolved),
  ];
  await using folder = await openRunFolder(resolved.to);
  const context: StageContext = { folder, signal, onProgress };
  const results: StageResult[] = [];
  for await (const result of runStages([...making, manifestStage(resolved, results)], context)) {
    results.push(result);
    onStage?.(result);
  }
  return { to: resolved.to, model, stages: results };
}
