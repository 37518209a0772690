import { describeCalibration, type Pair } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";
import type { ExportStageOptions } from "@rag-instruct/format";
import { calibrate, describeUnproved, hashDecisions } from "@rag-instruct/simulate";
import { hasCorpus, type ResolvedConfig } from "../config/schema.ts";

/** What the exports of a run are made with. */
export function exportOptions(config: ResolvedConfig): ExportStageOptions {
  const ours = { name: "the exemplars of rag-instruct", license: "Apache-2.0" };
  return {
    ...config,
    // Without a corpus there is no noise to fill up with.
    documents: hasCorpus(config) || config.retriever ? config.documents : "any",
    exemplars: config.exemplars === undefined ? ours : undefined,
    checking: config,
    checked: {
      hash: () => hashDecisions(config.to),
      describe: async () => describeCalibration(await calibrate(config.to)),
    },
    limits: (folder) => describeUnproved(readJsonl<Pair>(folder.path("pairs.jsonl"), { mayBeMissing: true })),
  };
}
