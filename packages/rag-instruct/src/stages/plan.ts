import type { Exemplar, Source } from "@rag-instruct/core";
import { readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { planTasks } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { openPassages, openRetriever } from "../run/retriever.ts";
import type { Stage } from "./stage.ts";

/** Exemplar × paradigm × source documents, to `plan.jsonl`. */
export function planStage(config: ResolvedConfig): Stage {
  const { counts, paradigms, seed, retrieval } = config;
  const versions = Object.values(paradigms).map(({ id, version }) => [id, version]);
  return {
    name: "plan",
    needs: ["ingest", "embed", "index", "share", "exemplars"],
    inputs: { counts, versions, seed, retrieval },
    outputs: ["plan.jsonl"],
    async run(context) {
      const { folder, signal, onProgress } = context;
      await using retriever = await openRetriever(config, context);
      await using store = await openPassages(config, folder);
      const tally = { tasks: 0, reserves: 0, unplanned: 0 };
      const tasks = planTasks({
        exemplars: readJsonl<Exemplar>(folder.path("exemplars.jsonl")),
        retriever,
        passages: () => store.all(),
        counts,
        paradigms,
        seed,
        onUnplanned: () => {
          tally.unplanned++;
        },
        signal,
      });
      async function* counted() {
        for await (const task of tasks) {
          tally[task.reserve ? "reserves" : "tasks"]++;
          onProgress({ stage: "plan", done: tally.tasks + tally.reserves });
          yield task;
        }
      }
      await writeAtomic(folder.path("plan.jsonl"), toJsonl(counted()));
      return { counts: tally };
    },
  };
}

/** Records as JSONL lines, joined into chunks so that a file is not written line by line. */
async function* toJsonl(records: Source<unknown>): AsyncGenerator<string> {
  let chunk = "";
  for await (const record of records) {
    chunk += `${JSON.stringify(record)}\n`;
    if (chunk.length > 65_536) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk) yield chunk;
}
