import { readdir, stat } from "node:fs/promises";
import { writeAtomic } from "@rag-instruct/core/node";
import { offlineModelId } from "@rag-instruct/simulate";
import type { Config, ModelChoice, ResolvedConfig } from "../config.ts";
import { fingerprintBenchmarks } from "../forbidden-files.ts";
import { describeModel, endpointAddress, isEndpoint, nameModel } from "../models.ts";
import { hashFile } from "../outputs.ts";
import type { RunFolder } from "../run-folder.ts";
import type { Stage, StageResult } from "../stage.ts";
import { version } from "../version.ts";
import { fingerprint, isThere } from "./fingerprint.ts";

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
];

/** What `manifest.json` holds. */
export interface Manifest {
  generator: string;
  model: string;
  notice?: string;
  /** Settings that decide the outputs; objects of a program are described elsewhere and left out. */
  options: Pick<
    ResolvedConfig,
    | "counts"
    | "documents"
    | "beyond"
    | "depth"
    | "exports"
    | "seed"
    | "retrieval"
    | "filter"
    | "verify"
    | "duplicates"
    | "noiseSample"
  > & {
    language?: string;
    corpus: Pick<ResolvedConfig["corpus"], "format" | "words">;
    model?: ModelChoice;
    embeddings?: Exclude<Config["embeddings"], undefined>;
  };
  /** Hashes of the input files' names and contents. */
  inputs: { corpus: string; exemplars?: string; benchmarks?: Record<string, string> };
  paradigms: Record<string, string>;
  stages: Record<string, { key: string; counts: Record<string, number> }>;
  outputs: Record<string, { bytes: number; sha256: string }>;
}

/**
 * What the run was made from and what it made, to `manifest.json`. It holds no time and no place, so that two runs of the
 * same inputs, seed and replies have the same manifest.
 */
export function manifestStage(config: ResolvedConfig, results: readonly StageResult[]): Stage {
  const model = nameModel(config.model);
  return {
    name: "manifest",
    inputs: { version },
    outputs: ["manifest.json"],
    async run({ folder }) {
      const manifest: Manifest = {
        generator: `rag-instruct ${version}`,
        model: describeModel(model),
        notice:
          model.modelId === offlineModelId
            ? "made with the offline model: for trying the flow, not for training"
            : undefined,
        options: optionsOf(config),
        inputs: await describeInputs(config),
        paradigms: Object.fromEntries(Object.values(config.paradigms).map(({ id, version }) => [id, version])),
        stages: Object.fromEntries(results.map(({ name, key, counts }) => [name, { key, counts }])),
        outputs: await describeFiles(folder),
      };
      await writeAtomic(folder.path("manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
      return { counts: { files: Object.keys(manifest.outputs).length } };
    },
  };
}

function optionsOf(config: ResolvedConfig): Manifest["options"] {
  const { counts, language, documents, beyond, depth, exports, seed, retrieval, corpus, model, embeddings } = config;
  const { filter, verify, duplicates, noiseSample } = config;
  return {
    counts,
    documents,
    beyond,
    depth,
    exports,
    seed,
    retrieval,
    filter,
    verify,
    duplicates,
    noiseSample,
    language,
    corpus: { format: corpus.format, words: corpus.words },
    model: model === "offline" ? model : isEndpoint(model) ? withoutSecrets(model) : undefined,
    embeddings: embeddings && !("embed" in embeddings) ? withoutSecrets(embeddings) : undefined,
  };
}

/** An address may carry a name and a password. */
function withoutSecrets<T extends object>(choice: T): T {
  if (!("baseUrl" in choice) || typeof choice.baseUrl !== "string") return choice;
  const url = new URL(choice.baseUrl);
  url.username = "";
  url.password = "";
  return { ...choice, baseUrl: endpointAddress(url.href) };
}

async function describeInputs({ corpus, exemplars, benchmarks }: ResolvedConfig): Promise<Manifest["inputs"]> {
  return {
    corpus: await fingerprint(corpus.from),
    exemplars: typeof exemplars === "string" ? await fingerprint([exemplars]) : undefined,
    benchmarks: Object.keys(benchmarks).length > 0 ? await fingerprintBenchmarks(benchmarks) : undefined,
  };
}

async function describeFiles(folder: RunFolder): Promise<Manifest["outputs"]> {
  const exports = (await readdir(folder.path("exports"))).sort().map((name) => `exports/${name}`);
  const described: Manifest["outputs"] = {};
  for (const name of [...outputs, ...exports]) {
    if (!(await isThere(folder.path(name)))) continue;
    described[name] = { bytes: (await stat(folder.path(name))).size, sha256: await hashFile(folder.path(name)) };
  }
  return described;
}
