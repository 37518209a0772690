import { type Exemplar, type PassageStore, RagInstructError, type Retriever } from "@rag-instruct/core";
import type { LazyCalls, ModelObject } from "@rag-instruct/core/calls";
import {
  openOutcomeFiles,
  type RunContext,
  type RunFolder,
  readJsonl,
  type Stage,
  type StageTools,
  writeAtomic,
} from "@rag-instruct/core/node";
import { type FilterExemplarsOptions, filterExemplars, rejectedExemplar } from "../exemplars/filter-exemplars.ts";
import type { UnreadExemplar } from "../exemplars/read.ts";
import { type PlanOptions, planTasks } from "./plan-tasks.ts";

/** What a stage that asks a model is given: the model, and the run's paid calls. */
export interface AskingContext extends RunContext, StageTools {
  model: ModelObject;
  calls: LazyCalls;
}

/** Options of {@link exemplarsStage}. */
export interface ExemplarsStageOptions extends Pick<FilterExemplarsOptions, "filter"> {
  /** What the exemplars and the model that judges them are, as the stage's inputs. */
  inputs: Stage["inputs"];
  /** What exemplars are read from, and how. */
  open(): Promise<
    Pick<FilterExemplarsOptions, "sample" | "seed" | "mayHoldNone"> & {
      source: readonly string[] | readonly Exemplar[];
    }
  >;
  /** Where they come from, for an error. */
  where: string;
}

/**
 * The stage of a run that keeps exemplars in `exemplars.jsonl`, and those that it leaves out in `exemplars-rejected.jsonl`. With the filter
 * "model" it asks the run's model.
 */
export function exemplarsStage<Context extends AskingContext>(options: ExemplarsStageOptions): Stage<Context> {
  const { inputs, filter, where } = options;
  const isJudged = filter === "model";
  return {
    name: "exemplars",
    needs: [],
    inputs,
    outputs: ["exemplars.jsonl", "exemplars-rejected.jsonl"],
    stakes: {
      edited: { "exemplars.jsonl": () => "name a file of your own with --exemplars" },
      causes: {
        from: "the exemplars are others",
        filter: "other exemplars would be left out",
        model: "another model would judge the exemplars",
        sample: "the exemplars would be another sample",
      },
    },
    async run({ folder, signal, replacing, model, calls, onProgress }) {
      await using files = await openOutcomeFiles<Exemplar, Exemplar | UnreadExemplar>({
        accepted: folder.path("exemplars.jsonl"),
        refused: folder.path("exemplars-rejected.jsonl"),
        refusedLine: rejectedExemplar,
      });
      const { source, ...reading } = await options.open();
      const judging = isJudged ? { model, calls: await calls.open() } : {};
      for await (const outcome of filterExemplars(source, { ...reading, ...judging, filter, signal })) {
        await files.add(outcome);
        if (isJudged) onProgress({ stage: "exemplars", done: files.tally().requested });
      }
      const { requested, accepted, rejected, failed } = files.tally();
      if (accepted === 0) throw noneLeft(where, rejected + failed);
      await replacing();
      await files.commit();
      const counts: Record<string, number> = { read: requested, exemplars: accepted, rejected };
      if (failed > 0) counts.failed = failed;
      return { counts };
    },
  };
}

function noneLeft(where: string, rejected: number): RagInstructError {
  const why =
    rejected === 0
      ? `${where} has no exemplars; give a file with at least one`
      : `none of the ${rejected} rows of ${where} is an instruction whose answer needs knowledge; give other exemplars, or --no-filter to take them as they are`;
  return new RagInstructError("bad-input", why);
}

/** Options of {@link planStage}. */
export interface PlanStageOptions<Context> extends Pick<PlanOptions, "counts" | "reuse"> {
  paradigms: NonNullable<PlanOptions["paradigms"]>;
  seed: number;
  /** How passages are ranked. */
  retrieval: string;
  /** Open what ranks passages, and the passages; undefined where exemplars bring their documents. */
  openRetriever(context: Context): Promise<(Retriever & AsyncDisposable) | undefined>;
  openPassages(folder: RunFolder): Promise<(PassageStore & AsyncDisposable) | undefined>;
}

/** The stage of a run that makes exemplars, paradigms and source documents to the tasks of `plan.jsonl`. */
export function planStage<Context extends RunContext & StageTools>(options: PlanStageOptions<Context>): Stage<Context> {
  const { counts, paradigms, seed, retrieval, reuse } = options;
  const versions = Object.values(paradigms).map(({ id, version }) => [id, version]);
  return {
    name: "plan",
    needs: ["ingest", "embed", "engine", "index", "share", "exemplars"],
    inputs: { counts, versions, seed, retrieval, reuse: reuse || undefined },
    keeps: ["counts"],
    outputs: ["plan.jsonl"],
    stakes: {
      causes: {
        versions: "the prompts or paradigms are others",
        seed: "the seed is another",
        retrieval: "passages would be ranked in another way",
      },
    },
    async run(context) {
      const { folder, signal, onProgress, replacing } = context;
      await replacing();
      await using retriever = await options.openRetriever(context);
      await using store = await options.openPassages(folder);
      const tally = { tasks: 0, reserves: 0, unplanned: 0 };
      const tasks = planTasks({
        exemplars: readJsonl<Exemplar>(folder.path("exemplars.jsonl")),
        retriever,
        passages: store && (() => store.all()),
        counts,
        paradigms,
        seed,
        reuse,
        onUnplanned: () => {
          tally.unplanned++;
        },
        signal,
      });
      async function* lines() {
        for await (const task of tasks) {
          tally[task.reserve ? "reserves" : "tasks"]++;
          onProgress({ stage: "plan", done: tally.tasks + tally.reserves });
          yield `${JSON.stringify(task)}\n`;
        }
      }
      await writeAtomic(folder.path("plan.jsonl"), lines());
      return { counts: tally };
    },
  };
}
