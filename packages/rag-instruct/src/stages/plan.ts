import type { Exemplar } from "@rag-instruct/core";
import { readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { openPassageStore } from "@rag-instruct/corpus";
import { planTasks } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config.ts";
import type { Stage } from "../stage.ts";
import { openRetriever } from "./build-index.ts";
import { toJsonl } from "./jsonl-lines.ts";

/** Exemplar × paradigm × source documents, to `plan.jsonl`. */
export function planStage({ counts, paradigms, seed }: ResolvedConfig): Stage {
  const versions = Object.values(paradigms).map(({ id, version }) => [id, version]);
  return {
    name: "plan",
    inputs: { counts, versions, seed },
    outputs: ["plan.jsonl"],
    async run({ folder, signal, onProgress }) {
      await using retriever = await openRetriever(folder);
      await using store = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
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
        ...(signal ? { signal } : {}),
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
