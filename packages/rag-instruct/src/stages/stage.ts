import { hashOf, type OnProgress } from "@rag-instruct/core";
import type { ModelObject } from "@rag-instruct/core/calls";
import type { RunWorkers } from "@rag-instruct/workers";
import { paidBetween, type RunCalls, spentBetween } from "../run/calls.ts";
import type { PaidCalls, RunFolder, StageRecord } from "../run/folder.ts";

/** One step of the pipeline. */
export interface Stage {
  name: string;
  /** Names of the stages whose outputs it reads. @default all stages before it */
  needs?: readonly string[];
  /** Everything its outputs depend on besides the stages it needs, as JSON; a function where that takes reading. */
  inputs: unknown;
  /** Who answers its paid calls, and how many at the same time; a stage without paid calls says nothing. */
  caller?: Pick<PaidCalls, "model" | "verify" | "concurrency">;
  /** Files and folders that it leaves in the run folder. */
  outputs: readonly string[];
  /** Does the work. `counts` depend on the inputs alone; `open` counts what a later run would try once more. */
  run(context: StageContext): Promise<Pick<StageRecord, "counts" | "leftOut" | "open">>;
}

/** What a stage works with. */
export interface StageContext {
  folder: RunFolder;
  signal?: AbortSignal;
  onProgress: OnProgress;
  /** The language model that writes, called from here or by workers. */
  model: ModelObject;
  /** The workers that embed and make the calls, where a run has any. */
  workers: RunWorkers | undefined;
  /** Whether stages are run again for what they left open, for all that they rejected, or for neither. */
  retries: Retries;
  /** The run's paid calls: one ledger, budget and pace for all stages. */
  calls: RunCalls;
}

type Retries = "none" | "unusable" | "all";

/** How a stage ended. */
export interface StageResult extends StageRecord {
  name: string;
  /** True when nothing had changed and nothing was done. */
  skipped: boolean;
  /** What it took this time, such as paid calls. */
  spent?: Record<string, number>;
}

/** The stages that some of them need, they themselves included, in their order. */
export function stagesUntil(stages: readonly Stage[], last: readonly string[]): Stage[] {
  const wanted = new Set(last);
  for (const stage of stages.toReversed()) {
    if (wanted.has(stage.name)) for (const name of needsOf(stage, stages)) wanted.add(name);
  }
  return stages.filter(({ name }) => wanted.has(name));
}

/** Runs stages in order; each is skipped when neither its inputs nor any stage it needs has changed. */
export async function* runStages(stages: readonly Stage[], context: StageContext): AsyncGenerator<StageResult> {
  for await (const { stage, key, before } of checkStages(stages, context)) {
    if (before) {
      yield { name: stage.name, skipped: true, ...before };
      continue;
    }
    const start = performance.now();
    context.onProgress({ stage: stage.name, done: 0 });
    const paidBefore = await context.calls.summary();
    const { counts, leftOut, open } = await stage.run(context);
    const paidAfter = await context.calls.summary();
    const spent = spentBetween(paidBefore, paidAfter);
    const seconds = Math.round(performance.now() - start) / 1000;
    const outputs = await context.folder.describe(stage.outputs);
    const made = stage.caller && paidBetween(paidBefore, paidAfter, { ...stage.caller, seconds });
    const paid = made ?? context.folder.last(stage.name)?.paid;
    const record: StageRecord = { key, outputs, counts, leftOut, seconds, open, paid };
    await context.folder.record(stage.name, record);
    yield { name: stage.name, skipped: false, ...record, spent };
  }
}

/** Each stage with its key and, where nothing has changed since, its record. */
export async function* checkStages(
  stages: readonly Stage[],
  { folder, signal, retries = "none" }: Pick<StageContext, "folder" | "signal"> & { retries?: Retries },
): AsyncGenerator<{ stage: Stage; key: string; before: StageRecord | undefined }> {
  const keys = new Map<string, string>();
  for (const stage of stages) {
    signal?.throwIfAborted();
    const inputs = typeof stage.inputs === "function" ? await stage.inputs() : stage.inputs;
    const key = hashOf([stage.name, inputs, needsOf(stage, stages).map((name) => keys.get(name)!)]);
    keys.set(stage.name, key);
    const before = await folder.finished(stage.name, key);
    yield { stage, key, before: before && isLeftOpen(stage, before, retries) ? undefined : before };
  }
}

function isLeftOpen({ caller }: Stage, { open = 0, counts }: StageRecord, retries: Retries): boolean {
  if (retries === "all") return caller !== undefined && open + (counts.rejected ?? 0) > 0;
  return retries === "unusable" && open > 0;
}

/** What a folder records of a stage, as {@link checkRecorded} finds it. */
interface RecordedStage {
  key: string;
  /** Whether the outputs of the stages that it needs are still those that they left. */
  isCurrent: boolean;
  /** Its record, where it was made on top of them and nothing has changed since. */
  before: StageRecord | undefined;
}

/**
 * A stage by what the folder records of it and of the stages that it needs. No document is read, so that a run can be looked at
 * without them. Undefined where a stage that it needs was never made.
 */
export async function checkRecorded(
  stage: Stage,
  { stages, folder }: { stages: readonly Stage[]; folder: RunFolder },
): Promise<RecordedStage | undefined> {
  const keys: string[] = [];
  let isCurrent = true;
  for (const name of needsOf(stage, stages)) {
    const record = folder.last(name);
    if (record === undefined) return undefined;
    keys.push(record.key);
    isCurrent &&= (await folder.finished(name, record.key)) !== undefined;
  }
  const inputs = typeof stage.inputs === "function" ? await stage.inputs() : stage.inputs;
  const key = hashOf([stage.name, inputs, keys]);
  return { key, isCurrent, before: isCurrent ? await folder.finished(stage.name, key) : undefined };
}

function needsOf(stage: Stage, stages: readonly Stage[]): string[] {
  const there = stages.slice(0, stages.indexOf(stage)).map(({ name }) => name);
  return stage.needs ? there.filter((name) => stage.needs!.includes(name)) : there;
}
