import { describeCalibration, type Pair } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";
import type { ExportStageOptions } from "@rag-instruct/format";
import { calibrate, describeUnproved, hashDecisions } from "@rag-instruct/simulate";
import { hasCorpus, type ResolvedConfig } from "../config/schema.ts";
import { openAnyRetriever, openPassages } from "../run/retriever.ts";
import type { StageContext } from "./stage.ts";

/** What the exports of a run are made with. */
export function exportOptions(config: ResolvedConfig): ExportStageOptions<StageContext> {
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
    helps: (paradigm) => config.paradigms[paradigm]?.relation.documentsAre !== "useless",
    openRetriever: (context) => openAnyRetriever(config, context),
    openPassages: async (folder) => (hasCorpus(config) ? openPassages(config, folder) : undefined),
    limits: (folder) => describeUnproved(readJsonl<Pair>(folder.path("pairs.jsonl"), { mayBeMissing: true })),
  };
}
