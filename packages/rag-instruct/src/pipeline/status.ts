import { isDeepStrictEqual } from "node:util";
import { RagInstructError, type SpendingByPurpose } from "@rag-instruct/core";
import { type RunFolder, readRunFolder, requireRun, type StageOrigin, type StageRecord } from "@rag-instruct/core/node";
import { readCost } from "@rag-instruct/viewer";
import type { ResolvedConfig } from "../config/schema.ts";
import { manifestStage } from "../stages/manifest.ts";
import { type CheckedStage, checkStages, needsOf, type Stage } from "../stages/stage.ts";
import { stageNames, stagesOf } from "./pipeline.ts";

/** How a stage of a run stands. */
export interface StageStatus {
  name: string;
  /** `done`: the next run skips it; `again`: the next run makes it anew; `missing`: it has not been made. */
  state: "done" | "again" | "missing";
  /** Why it is not done. */
  why?: string;
  /** As it last ended. */
  counts: Readonly<Record<string, number>>;
  seconds: number;
}

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
  if (!config) {
    const recorded = stageNames.filter((name) => folder.last(name));
    const stages = recorded.map((name) => statusOf(name, { record: folder.last(name), why: undefined }));
    return { to, stages, cost, unchecked: "the run keeps no settings" };
  }
  const stages = [...stagesOf(config, folder), manifestStage(config, [])];
  const known = await checkStages(stages, { folder, signal, retries: "unusable" }).catch((error: unknown) => {
    if (!RagInstructError.is(error)) throw error;
    return error.message;
  });
  const checked = typeof known === "string" ? await asRecorded(stages, folder) : known;
  const statuses: StageStatus[] = [];
  for (const each of checked) {
    const { name } = each.stage;
    const needed = needsOf(each.stage, stages);
    const first = statuses.find((status) => needed.includes(status.name) && status.state !== "done");
    const record = folder.last(name);
    const why = each.before && !first ? undefined : await whyAgain(each, { folder, record, first: first?.name });
    statuses.push(statusOf(name, { record, why }));
  }
  return { to, stages: statuses, cost, unchecked: typeof known === "string" ? known : undefined };
}

function statusOf(
  name: string,
  { record, why }: { record: StageRecord | undefined; why: string | undefined },
): StageStatus {
  const state = !record ? "missing" : why === undefined ? "done" : "again";
  return { name, state, why, counts: record?.counts ?? {}, seconds: record?.seconds ?? 0 };
}

/** Stages by their records alone, for inputs that cannot be read. */
async function asRecorded(stages: readonly Stage[], folder: RunFolder): Promise<CheckedStage[]> {
  return Promise.all(
    stages.map(async (stage) => {
      const { key = "", lineage = "", inputs = {} } = folder.last(stage.name) ?? {};
      return { stage, key, lineage, inputs, before: await folder.finished(stage.name, key) };
    }),
  );
}

async function whyAgain(
  { stage, inputs }: CheckedStage,
  { folder, record, first }: { folder: RunFolder; record: StageRecord | undefined; first: string | undefined },
): Promise<string> {
  if (!record) return folder.begun(stage.name) ? "it was begun and has not ended" : "it has not been made";
  const edited = await folder.edited(stage.name);
  if (edited.length > 0) return `${edited.join(", ")} was changed by hand`;
  const changed = changes(record.inputs, inputs);
  if (changed.length > 0) return changed.join(", ");
  if (first !== undefined) return `${first} comes before it`;
  if (record.open) return `${record.open} replies could not be used, and are asked for again`;
  return "its files are not there as it left them";
}

function changes(before: StageOrigin["inputs"] = {}, now: StageOrigin["inputs"]): string[] {
  const names = Object.keys({ ...before, ...now }).filter((name) => !isDeepStrictEqual(before[name], plain(now[name])));
  return names.map((name) => `${name} ${shown(before[name])} → ${shown(now[name])}`);
}

/** A value as it is read back from a file. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}
