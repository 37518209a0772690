import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { readJson, readJsonIfThere } from "./model-files.ts";

/** How the vectors of the tokens become the vector of a text. */
export type Pooling = "mean" | "cls" | "last-token" | "max";

/** Texts put before what is embedded. */
export interface Prompts {
  query: string;
  passage: string;
}

/** What the files of a model folder say of it; `undefined` where they say nothing. */
export interface ModelConfig {
  pooling?: Pooling;
  normalize?: boolean;
  prompts?: Prompts;
  /** Most tokens, special ones included. */
  maxTokens?: number;
  dimensions?: number;
  /** The text is put in lower case before the tokenizer sees it. */
  lowerCase: boolean;
  padId: number;
  /** Number of the first position, for graphs that ask for positions. */
  firstPosition: number;
}

const poolingFlags: Readonly<Record<string, Pooling>> = {
  pooling_mode_mean_tokens: "mean",
  pooling_mode_cls_token: "cls",
  pooling_mode_lasttoken: "last-token",
  pooling_mode_max_tokens: "max",
};
const poolingNames: Readonly<Record<string, Pooling>> = {
  mean: "mean",
  cls: "cls",
  lasttoken: "last-token",
  max: "max",
};
const lengthFiles = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map(
  (kind) => `sentence_${kind}_config.json`,
);
/** Models whose positions begin behind the number of the padding token. */
const positionsAfterPadding = new Set(["roberta", "xlm-roberta", "camembert", "mpnet"]);
/** Tokenizers without a limit state a huge number. */
const noLimit = 1e9;

/**
 * Reads `config.json`, `modules.json` and the files it points to, `sentence_bert_config.json`, `tokenizer_config.json` and
 * `config_sentence_transformers.json`. Throws `file-missing`, `file-corrupt`, and `unknown-format` for a module we do not run.
 */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const config = await readJson(join(folder, "config.json"));
  const padId = numberOf(config.pad_token_id) ?? 0;
  const dimensions = numberOf(config.hidden_size) ?? numberOf(config.n_embd) ?? numberOf(config.dim);
  return {
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(await readLimits(folder, config)),
    ...(await readModules(folder)),
    ...(await readPrompts(folder)),
    padId,
    firstPosition: positionsAfterPadding.has(String(config.model_type)) ? padId + 1 : 0,
  };
}

async function readModules(folder: string): Promise<Pick<ModelConfig, "pooling" | "normalize" | "dimensions">> {
  const path = join(folder, "modules.json");
  const modules = (await readJsonIfThere(path)) as { type: string; path: string }[] | undefined;
  if (!modules) return {};
  const kinds = modules.map(({ type }) => String(type).split(".").at(-1)!);
  const unknown = kinds.find((kind) => !["Transformer", "Pooling", "Normalize"].includes(kind));
  if (unknown) throw new RagInstructError("unknown-format", `${path} names a module ${unknown}, which is not run here`);
  const pooling = modules[kinds.indexOf("Pooling")];
  return {
    ...(pooling ? await readPooling(join(folder, pooling.path, "config.json")) : {}),
    normalize: kinds.includes("Normalize"),
  };
}

async function readPooling(path: string): Promise<Pick<ModelConfig, "pooling" | "dimensions">> {
  const config = await readJson(path);
  const modes = Object.keys(config).filter((field) => field.startsWith("pooling_mode_") && config[field] === true);
  const named = typeof config.pooling_mode === "string" ? config.pooling_mode : undefined;
  const pooling = named ? poolingNames[named] : modes.length === 1 ? poolingFlags[modes[0]!] : undefined;
  if (!pooling) {
    const asked = named ?? (modes.join(" and ") || "no pooling");
    throw new RagInstructError("unknown-format", `${path} asks for ${asked}; known are mean, cls, last token and max`);
  }
  if (config.include_prompt === false) {
    throw new RagInstructError(
      "unknown-format",
      `${path} leaves the prompt out of the pooling, which is not done here`,
    );
  }
  const dimensions = numberOf(config.word_embedding_dimension) ?? numberOf(config.embedding_dimension);
  return { pooling, ...(dimensions === undefined ? {} : { dimensions }) };
}

async function readLimits(
  folder: string,
  config: Record<string, unknown>,
): Promise<Pick<ModelConfig, "maxTokens" | "lowerCase">> {
  for (const file of lengthFiles) {
    const stated = await readJsonIfThere(join(folder, file));
    const limit = numberOf(stated?.max_seq_length);
    const lowerCase = stated?.do_lower_case === true;
    if (limit !== undefined) return { maxTokens: limit, lowerCase };
  }
  const tokenizer = await readJsonIfThere(join(folder, "tokenizer_config.json"));
  const limits = [numberOf(config.max_position_embeddings), numberOf(tokenizer?.model_max_length)];
  const maxTokens = Math.min(...limits.filter((limit) => limit !== undefined && limit > 0).map(Number));
  return { lowerCase: false, ...(maxTokens < noLimit ? { maxTokens } : {}) };
}

async function readPrompts(folder: string): Promise<Pick<ModelConfig, "prompts">> {
  const config = await readJsonIfThere(join(folder, "config_sentence_transformers.json"));
  const prompts = (config?.prompts ?? {}) as Record<string, string>;
  const standard = prompts[String(config?.default_prompt_name)];
  const query = prompts.query ?? standard;
  const passage = prompts.passage ?? prompts.document ?? prompts.corpus ?? standard;
  // Newer files list both names with nothing behind them, which says nothing.
  if (!query && !passage) return {};
  return { prompts: { query: query ?? "", passage: passage ?? "" } };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
