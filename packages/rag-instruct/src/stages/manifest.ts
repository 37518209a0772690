import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isObject, mergeSpending, RagInstructError, type SpendingByPurpose } from "@rag-instruct/core";
import { hashFile, isThere, type RunFolder, type StageResult, writeAtomic } from "@rag-instruct/core/node";
import { fingerprint } from "@rag-instruct/corpus";
import { offlineModelId } from "@rag-instruct/simulate";
import { aboutOf, endpointAddress, isEndpoint, isGguf, isOnHub } from "../config/choices.ts";
import { type Config, configSchema, exemplarPaths, type ResolvedConfig } from "../config/schema.ts";
import { fingerprintBenchmarks } from "../run/benchmarks.ts";
import { openSettings } from "../run/model-settings.ts";
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
];

/** What `manifest.json` holds. */
export interface Manifest {
  generator: string;
  model: string;
  notice?: string;
  /** Options that decide the outputs; what only a program can hold is described elsewhere and left out. */
  options: Omit<Partial<Config>, "corpus" | "pairs"> & {
    counts: ResolvedConfig["counts"];
    corpus: Omit<ResolvedConfig["corpus"], "from">;
  };
  /** Hashes of the input files' names and contents. */
  inputs: { corpus: string; exemplars?: string; benchmarks?: Record<string, string> };
  paradigms: Record<string, string>;
  /** With how much each left out, by reason. */
  stages: Record<
    string,
    { key: string; counts: Record<string, number>; leftOut?: Record<string, number>; cost?: SpendingByPurpose }
  >;
  /** What all calls came to that the outputs rest on, by what they were for. */
  cost: SpendingByPurpose;
  outputs: Record<string, { bytes: number; sha256: string }>;
}

/**
 * What the run was made from and what it made, to `manifest.json`. It holds no time and no place, so that two runs of the
 * same inputs, seed and replies have the same manifest.
 */
export function manifestStage(config: ResolvedConfig, results: readonly StageResult[]): PipelineStage {
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
        inputs: describeInputs(config, folder),
        paradigms: Object.fromEntries(Object.values(config.paradigms).map(({ id, version }) => [id, version])),
        stages: Object.fromEntries(
          results.map(({ name, key, counts, leftOut, cost }) => [
            name,
            { key, counts, leftOut: countsOf(leftOut), cost },
          ]),
        ),
        cost: mergeSpending(results.map(({ cost = {} }) => cost)),
        outputs: await describeFiles(folder),
      };
      await writeAtomic(folder.path("manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
      return { counts: { files: Object.keys(manifest.outputs).length } };
    },
  };
}

/** Without the places, which are those of one machine. */
function countsOf(leftOut: StageResult["leftOut"]): Record<string, number> | undefined {
  return leftOut && Object.fromEntries(leftOut.map(({ reason, count }) => [reason, count]));
}

function optionsOf({ counts, ...config }: ResolvedConfig): Manifest["options"] {
  const { model, embeddings } = config;
  const { from: _, ...reading } = config.corpus;
  const decides = (name: keyof Config) => aboutOf(configSchema.shape[name])?.decides === true;
  return {
    counts,
    ...Object.fromEntries(Object.entries(config).filter(([name]) => decides(name as keyof Config))),
    corpus: reading,
    settings: openSettings(config.settings),
    model: modelWithoutPlace(model),
    embeddings: embeddings && !("embed" in embeddings) ? withoutSecrets(embeddings) : undefined,
  };
}

function modelWithoutPlace(model: ResolvedConfig["model"]): Config["model"] {
  if (model === "offline") return model;
  if (isGguf(model)) return { gguf: isOnHub(model.gguf) ? model.gguf : basename(model.gguf) };
  return isEndpoint(model) ? withoutSecrets(model) : undefined;
}

/** An address may carry a name and a password. */
function withoutSecrets<T extends object>(choice: T): T {
  if (!("baseUrl" in choice) || typeof choice.baseUrl !== "string") return choice;
  const url = new URL(choice.baseUrl);
  url.username = "";
  url.password = "";
  return { ...choice, baseUrl: endpointAddress(url.href) };
}

/** As the stages that read them recorded them: they may be gone. */
function describeInputs({ exemplars, benchmarks }: ResolvedConfig, folder: RunFolder): Manifest["inputs"] {
  const inputsOf = (stage: string) => folder.last(stage)?.inputs ?? {};
  return {
    corpus: inputsOf("ingest").files as string,
    exemplars: exemplarPaths(exemplars) && (inputsOf("exemplars").from as string),
    benchmarks:
      Object.keys(benchmarks).length > 0 ? (inputsOf("synthesize").benchmarks as Record<string, string>) : undefined,
  };
}

async function describeFiles(folder: RunFolder): Promise<Manifest["outputs"]> {
  const exports = (await readdir(folder.path("exports"))).sort().map((name) => `exports/${name}`);
  const described: Manifest["outputs"] = {};
  for (const name of [...outputs, ...exports]) {
    if (!(await isThere(folder.path(name)))) continue;
    described[name] = await hashFile(folder.path(name));
  }
  return described;
}

/** What a second person needs to repeat a run: its settings, without the places of its inputs. */
export interface Repeat {
  settings: Partial<Config>;
  manifest: Manifest;
}

/** Reads a `manifest.json`. Throws `file-missing` and `bad-input`. */
export async function readManifest(path: string): Promise<Repeat> {
  const manifest = await readJson(path);
  const { counts, corpus, ...options } = manifest.options;
  return { manifest, settings: { ...options, pairs: counts, corpus: corpus as Config["corpus"] } };
}

/** Throws `bad-input` where documents or exemplars are not those that the manifest was made from. */
export async function checkInputs(
  { inputs }: Manifest,
  { corpus, exemplars, benchmarks }: ResolvedConfig,
): Promise<void> {
  const differs = (what: string) =>
    new RagInstructError(
      "bad-input",
      `these ${what} are not those of the manifest; repeat it with the same files, or run without --from`,
    );
  if ((await fingerprint(corpus.from)) !== inputs.corpus) throw differs("documents");
  const paths = exemplarPaths(exemplars);
  if (inputs.exemplars !== undefined && (!paths || (await fingerprint(paths)) !== inputs.exemplars))
    throw differs(paths ? "exemplars" : "exemplars (name them with --exemplars)");
  if (!isDeepStrictEqual(await fingerprintBenchmarks(benchmarks), inputs.benchmarks ?? {}))
    throw differs("benchmarks (name them with --benchmark)");
}

/** Names of the files that came out with other bytes than the manifest has. */
export function differingOutputs(before: Manifest, now: Manifest): string[] {
  const names = new Set([...Object.keys(before.outputs), ...Object.keys(now.outputs)]);
  return [...names].filter((name) => before.outputs[name]?.sha256 !== now.outputs[name]?.sha256);
}

async function readJson(path: string): Promise<Manifest> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; name the manifest.json of a run`, { cause });
  });
  const unfit = new RagInstructError("bad-input", `${path} is not the manifest of a run`);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && isObject(value.options) && isObject(value.inputs) && isObject(value.outputs))
      return value as unknown as Manifest;
  } catch {
    throw unfit;
  }
  throw unfit;
}
