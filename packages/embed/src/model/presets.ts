import { trimEndOf } from "@rag-instruct/core";
import type { Pooling, Prompts } from "./model-config.ts";

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
