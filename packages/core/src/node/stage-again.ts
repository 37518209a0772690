import { type Replace, refuseLoss } from "./refuse-loss.ts";
import type { RunFolder, StageRecord } from "./run-folder.ts";
import { checkRecorded, type Stage, type StageResult, type StageWork } from "./stages.ts";

/** Options of {@link stageAgain}. */
export interface StageAgainOptions {
  folder: RunFolder;
  /** Every stage of the run, by which it is told whether the stage is finished. */
  stages: readonly Stage[];
  replace: Replace;
  /** Whether it gives out a part of what it would give out in a run, which then makes it again. @default false */
  isPart?: boolean;
  /** Does the stage's work; `replacing` is to be called before what is made is put in its place. */
  work(replacing: () => Promise<void>): Promise<StageWork>;
}

/**
 * Does the work of a stage outside of a run, on what there is: none before it is made. Skipped where it is finished and nothing has
 * changed; what was made from files that were changed by hand, or of a part, is made again by the next run. Throws as `refuseLoss` does.
 */
export async function stageAgain(
  stage: Stage,
  { folder, stages, replace, isPart = false, work }: StageAgainOptions,
): Promise<StageResult> {
  const made = await checkRecorded(stages.find(({ name }) => name === stage.name)!, { stages, folder });
  if (made?.before && !isPart) return { name: stage.name, skipped: true, ...made.before };
  const origin = made ?? { key: "", lineage: "", inputs: {} };
  await refuseLoss([{ stage, ...origin, before: undefined }], { stages: [stage], folder, replace });
  const start = performance.now();
  const { counts, files = stage.outputs } = await work(() => folder.replacing(stage.name));
  const record: StageRecord = {
    key: made?.isCurrent && !isPart ? made.key : "",
    lineage: origin.lineage,
    inputs: origin.inputs,
    outputs: await folder.describe(files),
    counts,
    seconds: Math.round(performance.now() - start) / 1000,
  };
  if (made) await folder.record(stage.name, record);
  return { name: stage.name, skipped: false, ...record };
}
