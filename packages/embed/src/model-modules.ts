import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { numberOf, readJson, readJsonIfThere } from "./model-files.ts";
import type { Pooling } from "./pooling.ts";

/** The ways of pooling by their names in sentence-transformers, and the flags of its older files. */
const poolings: Readonly<Record<string, { pooling: Pooling; flag: string }>> = {
  mean: { pooling: "mean", flag: "pooling_mode_mean_tokens" },
  cls: { pooling: "cls", flag: "pooling_mode_cls_token" },
  lasttoken: { pooling: "last-token", flag: "pooling_mode_lasttoken" },
  max: { pooling: "max", flag: "pooling_mode_max_tokens" },
  mean_sqrt_len_tokens: { pooling: "mean-sqrt", flag: "pooling_mode_mean_sqrt_len_tokens" },
  weightedmean: { pooling: "weighted-mean", flag: "pooling_mode_weightedmean_tokens" },
};
const runHere = ["Transformer", "Pooling", "Normalize"];
/** Has no effect but in training. */
const inert = ["Dropout"];

/** What the modules of a model say of it. */
export interface ModuleConfig {
  pooling?: Pooling;
  /** False where prompts are read by the model and then left out of the pooling. */
  poolsPrompt?: boolean;
  normalize?: boolean;
  /** Name of a module that only a graph of the whole model runs. */
  moduleInGraph?: string;
  /** Size of the vectors that the pooling takes in. */
  pooledDimensions?: number;
}

/** Reads `modules.json` and the configuration of the pooling it names. */
export async function readModules(folder: string): Promise<ModuleConfig> {
  const path = join(folder, "modules.json");
  const listed: unknown = await readJsonIfThere(path);
  if (listed === undefined) return {};
  if (!Array.isArray(listed)) throw new RagInstructError("file-corrupt", `${path} is no list of modules`);
  const modules = (listed as { type?: string; path?: string }[]).map(({ type, path: place = "" }) => {
    return { kind: String(type).split(".").at(-1)!, place };
  });
  const kinds = modules.map(({ kind }) => kind).filter((kind) => !inert.includes(kind));
  const pooling = modules.find(({ kind }) => kind === "Pooling");
  const other = kinds.find((kind) => !runHere.includes(kind));
  const order = kinds.filter((kind) => runHere.includes(kind));
  if (order.join() !== runHere.filter((kind) => order.includes(kind)).join()) {
    throw new RagInstructError(
      "unknown-format",
      `${path} names the modules ${order.join(", ")}; that order is not run here`,
    );
  }
  return {
    ...(pooling ? await readPooling(join(folder, pooling.place, "config.json")) : {}),
    ...(other === undefined ? {} : { moduleInGraph: other }),
    normalize: kinds.includes("Normalize"),
  };
}

async function readPooling(path: string): Promise<ModuleConfig> {
  const config = await readJson(path);
  const flags = Object.keys(config).filter((field) => field.startsWith("pooling_mode_") && config[field] === true);
  const names = config.pooling_mode === undefined ? undefined : [config.pooling_mode].flat().map(String);
  const asked = names ?? flags.map((flag) => nameOf(flag) ?? flag);
  const known = poolings[asked[0] ?? ""];
  if (asked.length !== 1 || !known) {
    const what = names?.join(" and ") || flags.join(" and ") || "no pooling";
    throw new RagInstructError(
      "unknown-format",
      `${path} asks for ${what}; known is one of ${Object.keys(poolings).join(", ")}`,
    );
  }
  if (names && flags.length > 0 && flags.join() !== known.flag) {
    throw new RagInstructError(
      "unknown-format",
      `${path}: pooling_mode is ${asked[0]} where ${flags.join(" and ")} is true`,
    );
  }
  const pooledDimensions = numberOf(config.word_embedding_dimension) ?? numberOf(config.embedding_dimension);
  return {
    pooling: known.pooling,
    poolsPrompt: config.include_prompt !== false,
    pooledDimensions,
  };
}

function nameOf(flag: string): string | undefined {
  return Object.keys(poolings).find((name) => poolings[name]!.flag === flag);
}
