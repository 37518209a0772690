import type { LazyCalls, ModelObject } from "@rag-instruct/core/calls";
import type { Retries, RunContext, Stage, StageTools } from "@rag-instruct/core/node";
import type { RunWorkers } from "@rag-instruct/workers";

/** What the stages of a run share. */
export interface PipelineContext extends RunContext {
  /** The language model that writes, called from here or by workers. */
  model: ModelObject;
  /** The workers that embed and make the calls, where a run has any. */
  workers: RunWorkers | undefined;
  /** Whether stages are run again for what they left open, for all that they rejected, or for neither. */
  retries: Retries;
  /** The run's paid calls: one ledger, budget and pace for all stages. */
  calls: LazyCalls;
}

/** What a stage works with. */
export type StageContext = PipelineContext & StageTools;

/** One step of the pipeline. */
export type PipelineStage = Stage<StageContext>;
