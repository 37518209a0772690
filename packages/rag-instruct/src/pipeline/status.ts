import type { SpendingByPurpose } from "@rag-instruct/core";
import { readRunFolder, recordedStatus, requireRun, type StageStatus, stageStatuses } from "@rag-instruct/core/node";
import { readCost } from "@rag-instruct/viewer";
import type { ResolvedConfig } from "../config/schema.ts";
import { manifestStage } from "../stages/manifest.ts";
import { stageNames, stagesOf } from "./pipeline.ts";

/** How a run stands. */
export interface RunStatus {
  to: string;
  stages: readonly StageStatus[];
  /** What all calls came to, by what they were for. */
  cost: SpendingByPurpose;
  /** What could not be checked, and so counts as unchanged. */
  unchecked?: string;
}

/**
 * How a run stands: its stages, what they counted, what they cost, and what the next run would make again and why. Nothing is made, and
 * no lock is needed. Where documents or other inputs are gone, stages count as unchanged by them. Throws `file-missing` where there is no run.
 * @param config the run's settings; without them, what a folder records is taken as it is
 */
export async function runStatus(
  to: string,
  { config, signal }: { config: ResolvedConfig | undefined; signal?: AbortSignal },
): Promise<RunStatus> {
  await requireRun(to);
  const folder = await readRunFolder(to);
  const cost = await readCost(to);
  if (config) {
    const stages = [...stagesOf(config, folder), manifestStage(config, [])];
    return { to, cost, ...(await stageStatuses(stages, { folder, signal })) };
  }
  const recorded = stageNames.filter((name) => folder.last(name));
  const stages = recorded.map((name) => recordedStatus(name, folder.last(name)));
  return { to, stages, cost, unchecked: "the run keeps no settings" };
}
