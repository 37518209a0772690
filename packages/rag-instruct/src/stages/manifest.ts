import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Embedder, RagInstructError } from "@rag-instruct/core";
import { withoutSecrets } from "@rag-instruct/core/calls";
import {
  hashReviews,
  type RunFolder,
  type RunManifest,
  readRunManifest,
  type StageResult,
  writeRunManifest,
} from "@rag-instruct/core/node";
import { fingerprint, leftOutWithin } from "@rag-instruct/corpus";
import { type EmbeddingChoice, vectorPaths } from "@rag-instruct/embed/options";
import { isExemplarSet, offlineModelId, recordedModelId } from "@rag-instruct/simulate";
import { isEndpoint, isGguf, isOnHub, isStandInChoice } from "../config/model-choice.ts";
import { aboutOf, type Config, configSchema, exemplarNames, hasCorpus, type ResolvedConfig } from "../config/schema.ts";
import { fingerprintBenchmarks, fingerprintExemplars } from "../run/inputs.ts";
import { retrievalOf } from "../run/kept-settings.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { version } from "../version.ts";
import type { PipelineStage } from "./stage.ts";

const outputs = [
  "exemplars.jsonl",
  "exemplars-rejected.jsonl",
  "plan.jsonl",
  "pairs.jsonl",
  "rejected.jsonl",
  "decontamination.json",
  "train.jsonl",
  "unassembled.jsonl",
  "noise.json",
  "set-report.json",
  "report.html",
  "exports",
];

/** Options that decide the outputs; what only a program can hold is described elsewhere and left out. */
interface ManifestOptions extends Omit<Partial<Config>, "corpus" | "pairs" | "exemplars"> {
  counts: ResolvedConfig["counts"];
  corpus: Omit<ResolvedConfig["corpus"], "from"> | false;
  /** Names of bundled sets and of files. */
  exemplars?: readonly string[];
}

/** What `manifest.json` holds. */
export type Manifest = RunManifest<ManifestOptions>;
// What is said of what stands in for a model.
const notices: Readonly<Record<string, string>> = {
  [offlineModelId]: "made with the offline model: for trying the flow, not for training",
  [recordedModelId]: "replies recorded in advance, the output of no product: for trying the flow, not for training",
};

/**
 * What the run was made from and what it made, to `manifest.json`. It holds no time and no place, so that two runs of the
 * same inputs, seed and replies have the same manifest.
 */
export function manifestStage(config: ResolvedConfig, results: readonly StageResult[]): PipelineStage {
  const model = nameModel(config.model);
  return {
    name: "manifest",
    inputs: async () => ({ version, reviews: await hashReviews(config.to) }),
    outputs: ["manifest.json"],
    async run({ folder }) {
      const written = await writeRunManifest<ManifestOptions>(
        {
          generator: `rag-instruct ${version}`,
          model: describeModel(model),
          notice: notices[model.modelId],
          options: optionsOf(config),
          inputs: describeInputs(config, folder),
          paradigms: Object.fromEntries(Object.values(config.paradigms).map(({ id, version }) => [id, version])),
        },
        { folder, stages: results.map((result) => withoutPlace(result, config)), files: outputs },
      );
      return { counts: { files: Object.keys(written.outputs).length } };
    },
  };
}

/** What was left out is told from the documents that were given, which lie elsewhere on another machine. */
function withoutPlace(result: StageResult, { corpus }: ResolvedConfig): StageResult {
  return { ...result, leftOut: result.leftOut && leftOutWithin(result.leftOut, corpus.from) };
}

function optionsOf({ counts, engine, analyzer, ...config }: ResolvedConfig): Manifest["options"] {
  const { model, embeddings } = config;
  const { from: _, ...reading } = config.corpus;
  const retrieval = retrievalOf({ ...config, counts, engine, analyzer });
  const decides = (name: keyof Config) => aboutOf(configSchema.shape[name])?.decides === true;
  return {
    counts,
    ...Object.fromEntries(Object.entries(config).filter(([name]) => decides(name as keyof Config))),
    corpus: hasCorpus(config) ? reading : false,
    exemplars: exemplarNames(config.exemplars)?.map((name) => (isExemplarSet(name) ? name : basename(name))),
    retrieval: typeof retrieval === "object" ? { ...retrieval, library: undefined } : retrieval,
    settings: withoutSecrets(config.settings),
    model: modelWithoutPlace(model),
    embeddings: embeddings && !("embed" in embeddings) ? embeddingWithoutPlace(embeddings) : undefined,
  };
}

function modelWithoutPlace(model: ResolvedConfig["model"]): Config["model"] {
  if (isStandInChoice(model)) return model;
  if (isGguf(model)) return { gguf: isOnHub(model.gguf) ? model.gguf : basename(model.gguf) };
  return isEndpoint(model) ? model : undefined;
}

function embeddingWithoutPlace(choice: Exclude<EmbeddingChoice, Embedder>): EmbeddingChoice {
  const vectors = vectorPaths(choice)?.map((path) => basename(path));
  return vectors ? { ...choice, vectors } : choice;
}

/** As the stages that read them recorded them: they may be gone. */
function describeInputs({ exemplars, benchmarks }: ResolvedConfig, folder: RunFolder): Manifest["inputs"] {
  const inputsOf = (stage: string) => folder.last(stage)?.inputs ?? {};
  return {
    corpus: inputsOf("ingest").files as string,
    exemplars: exemplarNames(exemplars) && (inputsOf("exemplars").from as string),
    benchmarks:
      Object.keys(benchmarks).length > 0 ? (inputsOf("synthesize").benchmarks as Record<string, string>) : undefined,
  };
}

/** What a second person needs to repeat a run: its settings, without the places of its inputs. */
export interface Repeat {
  settings: Partial<Config>;
  manifest: Manifest;
}

/** Reads a `manifest.json`. Throws `file-missing` and `bad-input`. */
export async function readManifest(path: string): Promise<Repeat> {
  const manifest = await readRunManifest<ManifestOptions>(path);
  const { counts, corpus, exemplars, ...options } = manifest.options;
  const settings: Partial<Config> = { ...options, pairs: counts, corpus: corpus as Config["corpus"] };
  // A file is named without its place, and has to be given again.
  if (exemplars?.every(isExemplarSet)) settings.exemplars = exemplars;
  return { manifest, settings };
}

/** Throws `bad-input` where documents or exemplars are not those that the manifest was made from. */
export async function checkRepeat(
  { inputs }: Manifest,
  { corpus, exemplars, benchmarks }: ResolvedConfig,
): Promise<void> {
  const differs = (what: string) =>
    new RagInstructError(
      "bad-input",
      `these ${what} are not those of the manifest; repeat it with the same files, or run without --from`,
    );
  const documents = corpus.from.length > 0 ? await fingerprint(corpus.from, corpus) : undefined;
  if (documents !== inputs.corpus) throw differs("documents");
  if (inputs.exemplars !== undefined && (await fingerprintExemplars(exemplars)) !== inputs.exemplars)
    throw differs("exemplars (name them with --exemplars)");
  if (!isDeepStrictEqual(await fingerprintBenchmarks(benchmarks), inputs.benchmarks ?? {}))
    throw differs("benchmarks (name them with --benchmark)");
}
