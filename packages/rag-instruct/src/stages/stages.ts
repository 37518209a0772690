import { basename } from "node:path";
import { amount, describeCalibration, type Pair, RagInstructError } from "@rag-instruct/core";
import { withoutSecrets } from "@rag-instruct/core/calls";
import { isThere, type RunFolder, readJsonl } from "@rag-instruct/core/node";
import { fingerprint, ingestStage, listInputFiles, openPassageStore } from "@rag-instruct/corpus";
import { embedStage } from "@rag-instruct/embed";
import { describeEmbedding, vectorPaths } from "@rag-instruct/embed/options";
import { assembleStage, type ExportStageOptions, exportStage, type Provenance } from "@rag-instruct/format";
import { bm25Stage, engineStage } from "@rag-instruct/retrieve";
import { connectChoice, isBuiltEngine } from "@rag-instruct/retrieve/options";
import { shareStage } from "@rag-instruct/retrieve/pgvector";
import {
  buildTrajectories,
  calibrate,
  describeUnproved,
  exemplarsStage,
  hashDecisions,
  hashReplaced,
  isExemplarSet,
  openFailures,
  planStage,
  proveNoise,
  readNoise,
  readReplaced,
  synthesizeStage,
} from "@rag-instruct/simulate";
import { exemplarNames, hasCorpus, type ResolvedConfig, wantedCounts } from "../config/schema.ts";
import { exemplarSource, fingerprintBenchmarks, fingerprintExemplars, openForbiddenFiles } from "../run/inputs.ts";
import { describeModel, nameModel, openEmbedder } from "../run/models.ts";
import {
  engineFolder,
  indexFolder,
  openAnyRetriever,
  openFolderRetriever,
  openPassages,
  sharedFile,
  vectorFolder,
} from "../run/retriever.ts";
import { reportStage } from "./report.ts";
import type { PipelineStage, StageContext } from "./stage.ts";

/** Every stage but the manifest, which needs what they came to. */
export function makingStages(config: ResolvedConfig): PipelineStage[] {
  const ofCorpus = hasCorpus(config) ? [ingestStage(config.corpus), ...indexingStages(config)] : [];
  return [...ofCorpus, ...writingStages(config)];
}

function indexingStages(config: ResolvedConfig): PipelineStage[] {
  const { embeddings, postgres, concurrency, corpus, retrieval, engine } = config;
  const stages: PipelineStage[] = [];
  const openStore = (folder: RunFolder) => openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
  if (embeddings) {
    const paths = vectorPaths(embeddings);
    const embed = embedStage<StageContext>({
      inputs: (recall) => describeEmbedding(embeddings, { recall, fingerprint }),
      to: vectorFolder,
      openEmbedder: (context) => openEmbedder(embeddings, context),
      openPassages: openStore,
      vectors: paths && (() => filesOf(paths)),
      concurrency: ({ workers }) => (workers ? concurrency : 1),
    });
    stages.push(embed);
  }
  if (embeddings && retrieval !== "bm25" && isBuiltEngine(engine))
    stages.push(engineStage(engine, { vectors: vectorFolder, to: engineFolder }));
  if (!config.retriever)
    stages.push(bm25Stage({ to: indexFolder, analyzer: config.analyzer, openPassages: openStore }));
  if (postgres) {
    const { from: _, ...reading } = corpus;
    const share = shareStage({
      ...postgres,
      reading,
      vectors: retrieval !== "bm25" && engine.engine === "pgvector" ? vectorFolder : undefined,
      to: sharedFile,
      connect: () => connectChoice(postgres),
      openPassages: openStore,
    });
    stages.push(share);
  }
  return stages;
}

/** Files and folders as they are, and the files of globs. */
async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files = paths.map(async (path) =>
    (await isThere(path)) ? path : (await listInputFiles(path)).map((file) => file.path),
  );
  return (await Promise.all(files)).flat();
}

function writingStages(config: ResolvedConfig): PipelineStage[] {
  const { exemplars, benchmarks, language, verify, turns, duplicates, seed, budget, noiseAnswers } = config;
  const counts = wantedCounts(config);
  const isJudged = config.filter === "model";
  const isChecked = verify !== "lexical";
  const model = describeModel(nameModel(config.model));
  const settings = withoutSecrets(config.settings);
  const openRetriever = (context: StageContext) => openAnyRetriever(config, context);
  return [
    exemplarsStage({
      filter: config.filter,
      where: exemplarNames(exemplars)?.join(", ") ?? "config: exemplars",
      inputs: async (recall) => ({
        filter: isJudged ? config.filter : config.filter === "rules",
        model: isJudged ? model : undefined,
        settings: isJudged ? settings : undefined,
        sample: config.sample,
        seed: config.sample && seed,
        from: await recall("from", () => fingerprintExemplars(exemplars)),
      }),
      open: () => exemplarSource(config),
    }),
    planStage({
      ...config,
      counts,
      retrieval: config.retriever ? `by ${config.retriever.id}` : config.retrieval,
      openRetriever,
      openPassages: async (folder) => (hasCorpus(config) ? openPassages(config, folder) : undefined),
    }),
    synthesizeStage({
      inputs: async (recall) => ({
        model,
        settings,
        counts,
        language: language ?? null,
        budget: budget ?? null,
        verify,
        duplicates,
        turns: turns > 1 ? turns : undefined,
        // Later turns are given up without an end to the run.
        stopWhen: turns > 1 ? config.stopWhen : undefined,
        replaced: await hashReplaced(config.to),
        benchmarks: await recall("benchmarks", () => fingerprintBenchmarks(benchmarks)),
      }),
      caller: { model, verify, concurrency: config.concurrency },
      conversations: { turns, seed, openRetriever: (context) => openFolderRetriever(config, context) },
      openForbidden:
        Object.keys(benchmarks).length > 0 ? (context) => openForbiddenFiles(benchmarks, context) : undefined,
      counts,
      paradigms: config.paradigms,
      language,
      verify: { level: verify },
      duplicates: duplicates === false ? undefined : { threshold: duplicates, seed },
      deadline: config.deadline * 1000,
      stopWhen: config.stopWhen || undefined,
      askAgain: config.askAgain,
    }),
    assembleStage({
      ...config,
      openRetriever,
      openFailures,
      openPassages: async (folder) => (hasCorpus(config) ? openPassages(config, folder) : undefined),
      checking: isChecked
        ? { noiseSample: config.noiseSample, noiseAnswers: noiseAnswers || undefined, model, budget: budget ?? null }
        : undefined,
      check: isChecked
        ? async (examples, { model, calls, onProgress, signal }: StageContext) => {
            const asking = { model, calls: await calls.open(), paradigms: config.paradigms, seed, signal };
            const replaced = (await readReplaced(config.to)).values();
            const checked = proveNoise({ ...asking, examples, sample: config.noiseSample, replaced, onProgress });
            return noiseAnswers > 0 ? readNoise(checked, { ...asking, share: noiseAnswers }) : checked;
          }
        : undefined,
    }),
    exportStage(exportOptions(config)),
    reportStage(config),
  ];
}

/** Throws `corpus-too-small` where a corpus cannot fill an example: its search index is of use all the same. */
export function requireExample(passages: number, { documents }: Pick<ResolvedConfig, "documents">): void {
  if (passages >= documents) return;
  throw new RagInstructError(
    "corpus-too-small",
    `the corpus has ${amount(passages, "passage")} and a training example needs ${documents}; add documents, or lower --n-docs`,
  );
}

/** What the exports of a run are made with. */
export function exportOptions(config: ResolvedConfig): ExportStageOptions<StageContext> {
  return {
    ...config,
    // Without a corpus there is no noise to fill up with.
    documents: hasCorpus(config) || config.retriever ? config.documents : "any",
    exemplars: exemplarNames(config.exemplars)?.map(provenanceOf),
    checking: config,
    checked: {
      hash: () => hashDecisions(config.to),
      describe: async () => describeCalibration(await calibrate(config.to)),
    },
    helps: (paradigm) => !/^(?:useless|lacking)$/.test(config.paradigms[paradigm]?.relation.documentsAre ?? ""),
    openRetriever: (context) => openAnyRetriever(config, context),
    findTrajectories: (pairs, search) => buildTrajectories({ ...config, ...config.trajectories, ...search, pairs }),
    openPassages: async (folder) => (hasCorpus(config) ? openPassages(config, folder) : undefined),
    limits: (folder) => describeUnproved(readJsonl<Pair>(folder.path("pairs.jsonl"), { mayBeMissing: true })),
  };
}

function provenanceOf(name: string): Provenance {
  return isExemplarSet(name)
    ? { name: `the set “${name}” of rag-instruct`, license: "Apache-2.0" }
    : { name: basename(name), license: "none stated" };
}
