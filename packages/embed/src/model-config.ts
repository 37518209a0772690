import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { numberOf, readJson, readJsonIfThere } from "./model-files.ts";
import { type ModuleConfig, readModules } from "./model-modules.ts";

/** Texts put before what is embedded. */
export interface Prompts {
  query: string;
  passage: string;
}

/** By what the makers of a model compare its vectors. */
export type Similarity = "cosine" | "dot" | "euclidean" | "manhattan";

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
    const stated = await readJsonIfThere(join(folder, file));
    lowerCase ||= stated?.do_lower_case === true;
    const limit = numberOf(stated?.max_seq_length);
    if (limit === undefined) continue;
    if (positionTables.has(String(config.model_type)) && positions !== undefined && limit > positions) {
      const says = `${join(folder, file)} allows ${limit} tokens where config.json has ${positions} positions`;
      throw new RagInstructError("unknown-format", `${says}; correct the one that is wrong`);
    }
    return { maxTokens: limit, lowerCase };
  }
  const tokenizer = await readJsonIfThere(join(folder, "tokenizer_config.json"));
  const limits = [positions, numberOf(tokenizer?.model_max_length)];
  const maxTokens = Math.min(...limits.filter((limit) => limit !== undefined && limit > 0).map(Number));
  return { lowerCase, maxTokens: maxTokens < noLimit ? maxTokens : undefined };
}

/** Prompts and similarity. */
async function readUse(folder: string): Promise<Pick<ModelConfig, "prompts" | "similarity">> {
  const path = join(folder, "config_sentence_transformers.json");
  const config = await readJsonIfThere(path);
  const { similarity_fn_name: similarity } = config ?? {};
  return {
    similarity: typeof similarity === "string" ? similarityOf(similarity, path) : undefined,
    ...(config ? readPrompts(config, path) : {}),
  };
}

function similarityOf(name: string, path: string): Similarity {
  const known = ["cosine", "dot", "euclidean", "manhattan"] as const;
  const similarity = known.find((one) => one === name || `${one}_product` === name);
  if (similarity) return similarity;
  throw new RagInstructError("unknown-format", `${path} compares by ${name}; known are ${known.join(", ")}`);
}

function readPrompts(config: Record<string, unknown>, path: string): Pick<ModelConfig, "prompts"> {
  const prompts = (config.prompts ?? {}) as Record<string, unknown>;
  const named = (name: string) => {
    const prompt = prompts[name] ?? undefined;
    if (prompt === undefined || typeof prompt === "string") return prompt;
    throw new RagInstructError("unknown-format", `${path}: the prompt ${name} is ${JSON.stringify(prompt)}, no text`);
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
  if (query || passage) return { prompts: { query: query ?? "", passage: passage ?? "" } };
  // A prompt for all texts: a model that names one for queries or passages means those alone.
  const both = standard === undefined || query !== undefined || passage !== undefined ? "" : named(standard);
  return both ? { prompts: { query: both, passage: both } } : {};
}
