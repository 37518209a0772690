import type { Pair } from "@rag-instruct/core";
import { readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { assembleExamples } from "@rag-instruct/format";
import type { ResolvedConfig } from "../config.ts";
import type { Stage } from "../stage.ts";
import { openRetriever } from "./build-index.ts";
import { toJsonl } from "./jsonl-lines.ts";

/** Pairs with noise documents, to `train.jsonl`. */
export function assembleStage({ documents, beyond, depth, seed }: ResolvedConfig): Stage {
  return {
    name: "assemble",
    inputs: { documents, beyond, depth, seed },
    outputs: ["train.jsonl"],
    async run({ folder, signal, onProgress }) {
      await using retriever = await openRetriever(folder);
      const examples = assembleExamples({
        pairs: readJsonl<Pair>(folder.path("pairs.jsonl")),
        retriever,
        documents,
        beyond,
        depth,
        seed,
        ...(signal ? { signal } : {}),
      });
      const tally = { examples: 0, "source documents": 0, "noise documents": 0 };
      async function* counted() {
        for await (const example of examples) {
          tally.examples++;
          for (const { role } of example.documents) tally[`${role} documents`]++;
          onProgress({ stage: "assemble", done: tally.examples });
          yield example;
        }
      }
      await writeAtomic(folder.path("train.jsonl"), toJsonl(counted()));
      return { counts: tally };
    },
  };
}
