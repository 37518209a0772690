import { badOption, RagInstructError, trimEndOf } from "@rag-instruct/core";
import type { ModelConfig, Pooling, Prompts } from "./model-config.ts";

/** What the makers of a model say of its use, where its files need not. */
export interface Preset {
  /** Where it stands on the hub. */
  model: string;
  pooling: Pooling;
  normalize: boolean;
  prompts: Prompts;
}

const none: Prompts = { query: "", passage: "" };
const bge: Prompts = { query: "Represent this sentence for searching relevant passages: ", passage: "" };
const e5: Prompts = { query: "query: ", passage: "passage: " };
const nomic: Prompts = { query: "search_query: ", passage: "search_document: " };

function preset(model: string, pooling: Pooling, prompts: Prompts, { normalize = true } = {}): Preset {
  return { model, pooling, normalize, prompts };
}

/**
 * Known models by name. Contriever-MSMARCO is the retriever of the RAG-Instruct paper. Sources, read where they are published:
 * Contriever: `src/contriever.py` of facebookresearch/contriever pools by the mean and scales only when told to, and its README
 * scores by the dot product; `generate_passage_embeddings.py` puts the title and a space before each text, and no prompt.
 * BGE: `1_Pooling/config.json` (first token) and `modules.json` (Normalize) of BAAI/bge-base-en-v1.5 and bge-small-en.
 * E5: the card of intfloat/e5-base-v2 asks for `query: ` and `passage: `, average pooling and unit length.
 * MiniLM: its own files. GTE: the card of thenlper/gte-base takes the average and then, as an option, unit length, without prompts.
 * Nomic: the card of nomic-ai/nomic-embed-text-v1.5 takes the mean and unit length, after `search_query: ` or `search_document: `.
 * The `modules.json` of GTE and Nomic were not at hand: what stands in a model's folder goes before its preset.
 */
export const presets = {
  contriever: preset("facebook/contriever", "mean", none, { normalize: false }),
  "contriever-msmarco": preset("facebook/contriever-msmarco", "mean", none, { normalize: false }),
  "all-MiniLM-L6-v2": preset("sentence-transformers/all-MiniLM-L6-v2", "mean", none),
  "bge-small-en-v1.5": preset("BAAI/bge-small-en-v1.5", "cls", bge),
  "bge-base-en-v1.5": preset("BAAI/bge-base-en-v1.5", "cls", bge),
  "bge-large-en-v1.5": preset("BAAI/bge-large-en-v1.5", "cls", bge),
  "e5-small-v2": preset("intfloat/e5-small-v2", "mean", e5),
  "e5-base-v2": preset("intfloat/e5-base-v2", "mean", e5),
  "e5-large-v2": preset("intfloat/e5-large-v2", "mean", e5),
  "gte-small": preset("thenlper/gte-small", "mean", none),
  "gte-base": preset("thenlper/gte-base", "mean", none),
  "gte-large": preset("thenlper/gte-large", "mean", none),
  "nomic-embed-text-v1.5": preset("nomic-ai/nomic-embed-text-v1.5", "mean", nomic),
} as const satisfies Record<string, Preset>;

/** Name of a {@link presets} entry. */
export type PresetName = keyof typeof presets;

/** The preset of that name, or of that model on the hub. */
export function findPreset(name: string): Preset | undefined {
  if (Object.hasOwn(presets, name)) return presets[name as PresetName];
  return Object.values(presets).find(({ model }) => model === name);
}

/** The preset of the model that the files of a folder say it is, by its id on the hub, or by the last part of another name. */
export function presetOfOrigin(origin: string | undefined): Preset | undefined {
  if (origin === undefined) return undefined;
  const last = trimEndOf(origin, /[\\/]/).split(/[\\/]/).at(-1)!;
  return findPreset(origin) ?? findPreset(last);
}

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
    throw badOption(
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
    throw badOption(`${field} is ${wanted} where the files in ${folder} say ${own}`);
  }
  const { maxTokens: limit = Number.POSITIVE_INFINITY } = files;
  if (stated.maxTokens === undefined || stated.maxTokens <= limit) return;
  throw badOption(`maxTokens is ${stated.maxTokens} where the files in ${folder} allow ${limit}`);
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
    throw badOption(`${name} is ${count}; give a whole number from 1 on`);
  }
}
