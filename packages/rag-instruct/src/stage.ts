import { hashOf, type OnProgress } from "@rag-instruct/core";
import type { RunFolder, StageRecord } from "./run-folder.ts";

/** One step of the pipeline. */
export interface Stage {
  name: string;
  /** Everything its outputs depend on besides the stages before it, as JSON. */
  inputs: unknown;
  /** Files it leaves in the run folder. */
  outputs: readonly string[];
  /** Does the work. `counts` depend on the inputs alone; `spent` is what it took this time. */
  run(context: StageContext): Promise<{ counts: Record<string, number>; spent?: Record<string, number> }>;
}

/** What a stage works with. */
export interface StageContext {
  folder: RunFolder;
  signal: AbortSignal | undefined;
  onProgress: OnProgress;
}

/** How a stage ended. */
export interface StageResult extends StageRecord {
  name: string;
  /** True when nothing had changed and nothing was done. */
  skipped: boolean;
  /** What it took this time, such as paid calls. */
  spent?: Record<string, number>;
}

/** Runs stages in order; each is skipped when neither its inputs nor any stage before it has changed. */
export async function* runStages(stages: readonly Stage[], context: StageContext): AsyncGenerator<StageResult> {
  let chain = "";
  for (const stage of stages) {
    context.signal?.throwIfAborted();
    const key = hashOf([chain, stage.name, stage.inputs]);
    chain = key;
    const before = await context.folder.finished(stage.name, key);
    if (before) {
      yield { name: stage.name, skipped: true, ...before };
      continue;
    }
    const start = performance.now();
    const { counts, spent } = await stage.run(context);
    const seconds = Math.round(performance.now() - start) / 1000;
    const record: StageRecord = { key, outputs: await context.folder.sizes(stage.outputs), counts, seconds };
    await context.folder.record(stage.name, record);
    yield { name: stage.name, skipped: false, ...record, ...(spent ? { spent } : {}) };
  }
}
