import { type Exemplar, hashOf, RagInstructError } from "@rag-instruct/core";
import { openOutcomeFiles, readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { fingerprint } from "@rag-instruct/corpus";
import {
  demoExemplars,
  filterExemplars,
  planTasks,
  rejectedExemplar,
  type UnreadExemplar,
} from "@rag-instruct/simulate";
import { exemplarPaths, type ResolvedConfig } from "../config/schema.ts";
import { exemplarSource } from "../run/exemplar-source.ts";
import { openSettings } from "../run/model-settings.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { openFolderRetriever, openPassages } from "../run/retriever.ts";
import type { PipelineStage } from "./stage.ts";

/** Exemplars from files, from the config or the project's own, to `exemplars.jsonl`; those not kept to `exemplars-rejected.jsonl`. */
export function exemplarsStage(config: ResolvedConfig): PipelineStage {
  const { exemplars = demoExemplars, filter, sample, seed, settings } = config;
  const paths = exemplarPaths(exemplars);
  const isJudged = filter === "model";
  return {
    name: "exemplars",
    needs: [],
    inputs: async (recall) => ({
      filter: isJudged ? filter : filter === "rules",
      model: isJudged ? describeModel(nameModel(config.model)) : undefined,
      settings: isJudged ? openSettings(settings) : undefined,
      sample,
      seed: sample && seed,
      from: await recall("from", async () => (paths ? fingerprint(paths) : hashOf(exemplars))),
    }),
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
      const { source, ...options } = await exemplarSource(config);
      const judging = isJudged ? { model, calls: await calls.open() } : {};
      for await (const outcome of filterExemplars(source, { ...options, ...judging, filter, signal })) {
        await files.add(outcome);
        if (isJudged) onProgress({ stage: "exemplars", done: files.tally().requested });
      }
      const { requested, accepted, rejected, failed } = files.tally();
      if (accepted === 0) throw noneLeft(paths, rejected + failed);
      await replacing();
      await files.commit();
      const counts: Record<string, number> = { read: requested, exemplars: accepted, rejected };
      if (failed > 0) counts.failed = failed;
      return { counts };
    },
  };
}

function noneLeft(paths: readonly string[] | undefined, rejected: number): RagInstructError {
  const where = paths?.join(", ") ?? "config: exemplars";
  if (rejected === 0)
    return new RagInstructError("bad-input", `${where} has no exemplars; give a file with at least one`);
  return new RagInstructError(
    "bad-input",
    `none of the ${rejected} rows of ${where} is an instruction whose answer needs knowledge; give other exemplars, or --no-filter to take them as they are`,
  );
}

/** Exemplar × paradigm × source documents, to `plan.jsonl`. */
export function planStage(config: ResolvedConfig): PipelineStage {
  const { counts, paradigms, seed, retrieval, retriever: own, reuse } = config;
  const versions = Object.values(paradigms).map(({ id, version }) => [id, version]);
  return {
    name: "plan",
    needs: ["ingest", "embed", "engine", "index", "share", "exemplars"],
    inputs: { counts, versions, seed, retrieval: own ? `by ${own.id}` : retrieval, reuse: reuse || undefined },
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
      const { folder, signal, onProgress } = context;
      await context.replacing();
      await using retriever = await openFolderRetriever(config, context);
      await using store = await openPassages(config, folder);
      const tally = { tasks: 0, reserves: 0, unplanned: 0 };
      const tasks = planTasks({
        exemplars: readJsonl<Exemplar>(folder.path("exemplars.jsonl")),
        retriever,
        passages: () => store.all(),
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
