import { RagInstructError } from "@rag-instruct/core";
import type { ModelConfig, Pooling, Prompts } from "./model-config.ts";
import type { Preset } from "./presets.ts";

/** What a user may state of a model whose files do not. */
export interface ModelStatements {
  pooling?: Pooling;
  /** Scale every vector to length 1. @default the preset's; false where `pooling` alone is given */
  normalize?: boolean;
  /** Texts put before queries and passages. */
  prompts?: Prompts;
  /** Most tokens of a text, special ones included; at most what the model takes. */
  maxTokens?: number;
  /**
   * Leading values that are kept of a vector, before it is scaled to length 1: for models trained so that these stand for the whole
   * (Matryoshka; Kusupati et al. 2022). @default all
   */
  dimensions?: number;
}

/** How a model is run. */
export interface ModelSettings extends Required<Omit<ModelStatements, "pooling" | "dimensions">> {
  /** Leading values kept; all where it is undefined. */
  dimensions: number | undefined;
  /** Unknown for a graph that is said to pool by nobody, and so must pool by itself. */
  pooling: Pooling | undefined;
  /** The user says how to pool, and the files do not: what the graph pools by itself is not taken. */
  poolsHere: boolean;
  /** Name of a module that only a graph of the whole model runs. */
  moduleInGraph: string | undefined;
  lowerCase: boolean;
  padId: number;
  firstPosition: number;
}

interface Sources {
  files: ModelConfig;
  preset: Preset | undefined;
  stated: ModelStatements;
}

/**
 * Puts together what files, preset and user say: the files come first, then the user, then the preset.
 * Throws `bad-option` when the user contradicts the files, saying both, and when nobody says what must be known.
 */
export function resolveSettings(folder: string, sources: Sources): ModelSettings {
  const { files, preset, stated } = sources;
  checkStated(folder, sources);
  const pooling = files.pooling ?? stated.pooling ?? preset?.pooling;
  const mayBeUnit = files.similarity === "cosine" ? stated.normalize : undefined;
  // Who says how to pool and no more, describes a model without a step after that.
  const pooledOnly = stated.pooling === undefined ? undefined : false;
  const normalize = mayBeUnit ?? files.normalize ?? stated.normalize ?? preset?.normalize ?? pooledOnly;
  const maxTokens = stated.maxTokens ?? files.maxTokens;
  if (normalize === undefined || maxTokens === undefined) {
    const missing = Object.entries({ pooling, normalize, maxTokens }).flatMap(([name, value]) =>
      value === undefined ? [name] : [],
    );
    throw new RagInstructError(
      "bad-option",
      `the files in ${folder} do not say ${missing.join(", ")}; give it, or a preset such as contriever-msmarco`,
    );
  }
  const prompts = files.prompts ?? stated.prompts ?? preset?.prompts ?? { query: "", passage: "" };
  checkUse(folder, { files, normalize, prompts });
  const { lowerCase, padId, firstPosition, moduleInGraph } = files;
  const poolsHere = files.pooling === undefined && stated.pooling !== undefined;
  const { dimensions } = stated;
  return {
    pooling,
    poolsHere,
    moduleInGraph,
    normalize,
    maxTokens,
    prompts,
    dimensions,
    lowerCase,
    padId,
    firstPosition,
  };
}

function checkStated(folder: string, { files, stated }: Sources): void {
  for (const field of ["pooling", "normalize", "prompts"] as const) {
    const [own, wanted] = [files[field], stated[field]].map((value) => JSON.stringify(value));
    if (own === undefined || wanted === undefined || own === wanted) continue;
    // The length of a vector is nothing to the cosine.
    if (field === "normalize" && stated.normalize && files.similarity === "cosine") continue;
    throw new RagInstructError("bad-option", `${field} is ${wanted} where the files in ${folder} say ${own}`);
  }
  const { maxTokens: limit = Number.POSITIVE_INFINITY } = files;
  if (stated.maxTokens === undefined || stated.maxTokens <= limit) return;
  throw new RagInstructError(
    "bad-option",
    `maxTokens is ${stated.maxTokens} where the files in ${folder} allow ${limit}`,
  );
}

/** Throws `unknown-format` for models that are used in a way that is not possible here. */
function checkUse(
  folder: string,
  { files, normalize, prompts }: { files: ModelConfig; normalize: boolean; prompts: Prompts },
): void {
  if (files.poolsPrompt === false && (prompts.query || prompts.passage)) {
    throw new RagInstructError(
      "unknown-format",
      `the pooling's config.json in ${folder} leaves the prompt out of the pooling, which is not done here`,
    );
  }
  const { similarity } = files;
  if (similarity === "manhattan" || (similarity === "euclidean" && !normalize)) {
    throw new RagInstructError(
      "unknown-format",
      `config_sentence_transformers.json in ${folder} compares by ${similarity} distance; search here is by inner product`,
    );
  }
}

/** Throws `bad-option` for a count that is given and no whole number from 1 on. */
export function checkCounts(counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (count === undefined || (Number.isInteger(count) && count > 0)) continue;
    throw new RagInstructError("bad-option", `${name} is ${count}; give a whole number from 1 on`);
  }
}
