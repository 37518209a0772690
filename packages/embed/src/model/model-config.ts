import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { readJsonFile } from "@rag-instruct/core/node";

/**
 * How the vectors of the tokens become the vector of a text. `mean-sqrt` divides their sum by the square root of their
 * number; `weighted-mean` weighs each by its place, from 1 on.
 */
export type Pooling = "mean" | "cls" | "last-token" | "max" | "mean-sqrt" | "weighted-mean";

/** Texts put before what is embedded. */
export interface Prompts {
  query: string;
  passage: string;
}

/** By what the makers of a model compare its vectors. */
type Similarity = "cosine" | "dot" | "euclidean" | "manhattan";

/** What the files of a model folder say of it; `undefined` where they say nothing. */
export interface ModelConfig extends ModuleConfig {
  similarity?: Similarity;
  prompts?: Prompts;
  /** Most tokens, special ones included. */
  maxTokens?: number;
  /** The text is put in lower case before the tokenizer sees it. */
  lowerCase: boolean;
  padId: number;
  /** Number of the first position, for graphs that ask for positions. */
  firstPosition: number;
  /** The model that `config.json` says this is, or was made from. */
  origin?: string;
}

const lengthFiles = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map(
  (kind) => `sentence_${kind}_config.json`,
);
/** Models whose positions begin behind the number of the padding token. */
const positionsAfterPadding = new Set(["roberta", "xlm-roberta", "camembert", "mpnet"]);
/** Models that have a row of a table for each position, and none beyond. */
const positionTables = new Set([...positionsAfterPadding, "bert", "distilbert", "electra", "albert"]);
/** Tokenizers without a limit state a huge number. */
const noLimit = 1e9;

/**
 * Reads `config.json`, `modules.json` and the files it points to, `sentence_bert_config.json`, `tokenizer_config.json` and
 * `config_sentence_transformers.json`. Throws `file-missing`, `file-corrupt`, and `unknown-format` for files that contradict
 * each other and for what is not run here.
 */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const config = await readJson(join(folder, "config.json"));
  const padId = numberOf(config.pad_token_id) ?? 0;
  const firstPosition = positionsAfterPadding.has(String(config.model_type)) ? padId + 1 : 0;
  return {
    ...(await readLimits(folder, { config, firstPosition })),
    ...(await readModules(folder)),
    ...(await readUse(folder)),
    padId,
    firstPosition,
    origin: typeof config._name_or_path === "string" ? config._name_or_path : undefined,
  };
}

async function readLimits(
  folder: string,
  { config, firstPosition }: { config: Record<string, unknown>; firstPosition: number },
): Promise<Pick<ModelConfig, "maxTokens" | "lowerCase">> {
  const allPositions = numberOf(config.max_position_embeddings);
  const positions = allPositions === undefined ? undefined : allPositions - firstPosition;
  let lowerCase = false;
  for (const file of lengthFiles) {
    const stated = await readJsonFile<Record<string, unknown>>(join(folder, file));
    lowerCase ||= stated?.do_lower_case === true;
    const limit = numberOf(stated?.max_seq_length);
    if (limit === undefined) continue;
    if (positionTables.has(String(config.model_type)) && positions !== undefined && limit > positions) {
      const says = `${join(folder, file)} allows ${limit} tokens where config.json has ${positions} positions`;
      throw new RagInstructError("unknown-format", `${says}; correct the one that is wrong`);
    }
    return { maxTokens: limit, lowerCase };
  }
  const tokenizer = await readJsonFile<Record<string, unknown>>(join(folder, "tokenizer_config.json"));
  const limits = [positions, numberOf(tokenizer?.model_max_length)];
  const maxTokens = Math.min(...limits.filter((limit) => limit !== undefined && limit > 0).map(Number));
  return { lowerCase, maxTokens: maxTokens < noLimit ? maxTokens : undefined };
}

/** Prompts and similarity. */
async function readUse(folder: string): Promise<Pick<ModelConfig, "prompts" | "similarity">> {
  const path = join(folder, "config_sentence_transformers.json");
  const config = await readJsonFile<Record<string, unknown>>(path);
  const { similarity_fn_name: similarity } = config ?? {};
  return {
    similarity: typeof similarity === "string" ? similarityOf(similarity, path) : undefined,
    prompts: config && readPrompts(config, path),
  };
}

function similarityOf(name: string, path: string): Similarity {
  const known = ["cosine", "dot", "euclidean", "manhattan"] as const;
  const similarity = known.find((one) => one === name || `${one}_product` === name);
  if (similarity) return similarity;
  throw new RagInstructError("unknown-format", `${path} compares by ${name}; known are ${known.join(", ")}`);
}

function readPrompts(config: Record<string, unknown>, path: string): Prompts | undefined {
  const prompts = (config.prompts ?? {}) as Record<string, unknown>;
  const named = (name: string) => {
    const prompt = prompts[name] ?? undefined;
    if (prompt === undefined || typeof prompt === "string") return prompt;
    throw new RagInstructError(
      "unknown-format",
      `${path}: the prompt ${name} is ${JSON.stringify(prompt)}, which is not text`,
    );
  };
  const query = named("query");
  const passage = named("document") ?? named("passage") ?? named("corpus");
  const standard = typeof config.default_prompt_name === "string" ? config.default_prompt_name : undefined;
  if (standard !== undefined && !Object.hasOwn(prompts, standard)) {
    const names = Object.keys(prompts).join(", ") || "none";
    const says = `${path}: default_prompt_name is ${standard} where prompts has ${names}`;
    throw new RagInstructError("unknown-format", `${says}; correct the one that is wrong`);
  }
  // Newer files list both names with nothing behind them, which says nothing.
  if (query || passage) return { query: query ?? "", passage: passage ?? "" };
  // A prompt for all texts: a model that names one for queries or passages means those alone.
  const both = standard === undefined || query !== undefined || passage !== undefined ? "" : named(standard);
  return both ? { query: both, passage: both } : undefined;
}

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
interface ModuleConfig {
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
async function readModules(folder: string): Promise<ModuleConfig> {
  const path = join(folder, "modules.json");
  const listed: unknown = await readJsonFile<Record<string, unknown>>(path);
  if (listed === undefined) return {};
  if (!Array.isArray(listed)) throw new RagInstructError("file-corrupt", `${path} is not a list of modules`);
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
  const pooled = pooling ? await readPooling(join(folder, pooling.place, "config.json")) : undefined;
  return {
    ...pooled,
    moduleInGraph: other,
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

/** A JSON file of a model. Throws `file-missing` and `file-corrupt`. */
async function readJson(path: string): Promise<Record<string, unknown>> {
  const value = await readJsonFile<Record<string, unknown>>(path);
  if (value !== undefined) return value;
  throw new RagInstructError("file-missing", `${path} is not there; the folder must be laid out as on the hub`);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
