import { accepted, counted, type Pair, RagInstructError, type Tally } from "@rag-instruct/core";
import { readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { assembleExamples } from "@rag-instruct/format";
import type { ResolvedConfig } from "../config.ts";
import { openRetriever } from "../retriever.ts";
import type { Stage } from "../stage.ts";
import { toJsonl } from "./jsonl-lines.ts";

/** Pairs with noise documents, to `train.jsonl`. */
export function assembleStage(config: ResolvedConfig): Stage {
  const { documents, beyond, depth, seed } = config;
  return {
    name: "assemble",
    inputs: { documents, beyond, depth, seed },
    outputs: ["train.jsonl"],
    async run(context) {
      const { folder, signal, onProgress } = context;
      await using retriever = await openRetriever(config, context);
      const outcomes = assembleExamples({
        pairs: readJsonl<Pair>(folder.path("pairs.jsonl")),
        retriever,
        documents,
        beyond,
        depth,
        seed,
        onProgress,
        ...(signal ? { signal } : {}),
      });
      const stream = counted(outcomes);
      const roles = { source: 0, noise: 0, unknown: 0 };
      async function* examples() {
        for await (const example of accepted(stream.outcomes)) {
          for (const { role } of example.documents) roles[role]++;
          yield example;
        }
      }
      await writeAtomic(folder.path("train.jsonl"), toJsonl(examples()));
      const { accepted: made, rejected } = stream.tally();
      if (made === 0) throw noneAssembled(stream.tally());
      return { counts: { examples: made, rejected, "source documents": roles.source, "noise documents": roles.noise } };
    },
  };
}

function noneAssembled({ requested, reasons }: Tally): RagInstructError {
  const why = Object.entries(reasons)
    .map(([reason, count]) => `${count} × ${reason}`)
    .join(", ");
  return new RagInstructError(
    "corpus-too-small",
    `none of ${requested} pairs found its noise documents (${why}); add documents to the corpus`,
  );
}
