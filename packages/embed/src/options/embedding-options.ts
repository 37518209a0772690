import { existsSync } from "node:fs";
import { basename, isAbsolute, resolve } from "node:path";
import { type Embedder, isObject } from "@rag-instruct/core";
import type { Recall } from "@rag-instruct/core/node";
import { count, endpoint, option, text, z } from "@rag-instruct/core/options";

const promptsShape = {
  query: option(z.string(), "Put before a question."),
  passage: option(z.string(), "Put before a passage."),
};

/** Texts put before what is embedded. */
export interface PromptsChoice extends z.output<z.ZodObject<typeof promptsShape>> {}
const prompts: z.ZodType<PromptsChoice, PromptsChoice> = z.strictObject(promptsShape);

// What a model that runs here and one behind an address have in common.
const anyEmbeddingShape = {
  preset: option(text.optional(), "Preset whose pooling and prompts hold where the folder's own files say nothing.", {
    otherwise: "that of the model that is downloaded, or that a folder's config.json names",
  }),
  prompts: option(prompts.optional(), "Texts put before questions and passages, as the model was trained with them.", {
    otherwise: "the model's own, else none",
  }),
  batchSize: option(count.optional(), "Texts in a batch, or in one call of an endpoint.", {
    otherwise: "as many as fit, or 64; fewer where an endpoint takes fewer",
  }),
  vectors: option(
    z.union([text, z.array(text).min(1).readonly()]).optional(),
    "Vectors of the passages that are there already, made by this model: files, folders or globs of published pickles, NumPy, JSON lines or Parquet, plain or in a .tar.",
    { otherwise: "none: passages are embedded" },
  ),
};

const localEmbeddingShape = {
  model: option(text, "Folder with an ONNX graph, a preset such as contriever-msmarco, or owner/name on the hub."),
  quantized: option(z.boolean().optional(), "Run the int8 graph.", { otherwise: "false" }),
  graph: option(text.optional(), "Name of another graph of the model, such as model_fp16.onnx.", {
    otherwise: '"model.onnx"',
  }),
  pooling: option(
    z.enum(["mean", "cls", "last-token", "max", "mean-sqrt", "weighted-mean"]).optional(),
    "How vectors of tokens become that of a text, where the folder's own files do not say.",
    { otherwise: "the preset's" },
  ),
  normalize: option(z.boolean().optional(), "Scale vectors to length 1, where the folder's own files do not say.", {
    otherwise: "the preset's; false with a pooling of yours",
  }),
  maxTokens: option(count.optional(), "Tokens of a text at most.", { otherwise: "what the model takes" }),
  dimensions: option(
    count.optional(),
    "Leading values kept of each vector, for models trained for that (Matryoshka).",
    {
      otherwise: "all",
    },
  ),
  ...anyEmbeddingShape,
};

/** A model folder, preset or hub id that is run here by onnxruntime-node, downloaded once where it is not on this machine. */
export interface LocalEmbedding extends z.output<z.ZodObject<typeof localEmbeddingShape>> {}

const embeddingEndpointShape = {
  ...endpoint.shape,
  dimensions: option(count, "Dimensions of its vectors."),
  ...anyEmbeddingShape,
};

/** An embedding model behind an OpenAI-compatible address. */
export interface EmbeddingEndpoint extends z.output<z.ZodObject<typeof embeddingEndpointShape>> {}

/** What turns texts to vectors: a model that runs here, an endpoint, or an embedder object. */
export type EmbeddingChoice = Embedder | LocalEmbedding | EmbeddingEndpoint;

/** Schema of an {@link EmbeddingChoice}. */
export const embeddingModel: z.ZodType<EmbeddingChoice, EmbeddingChoice> = z.union(
  [
    z.custom<Embedder>((value) => isObject(value) && "embed" in value),
    z.strictObject(localEmbeddingShape),
    z.strictObject(embeddingEndpointShape),
  ],
  { error: 'must be { model: "folder or preset" }, { name, baseUrl, dimensions }, or an embedder object' },
);

/** A hash of the files behind paths, such as `fingerprint` of `@rag-instruct/corpus` gives. With `isWhole` the content of large files counts too. */
export type Fingerprint = (paths: readonly string[], options?: { isWhole?: boolean }) => Promise<string>;

/** What a choice is called in messages. */
export function nameEmbedding(choice: EmbeddingChoice): string {
  if ("embed" in choice) return choice.id;
  return "model" in choice ? choice.model : choice.name;
}

/** The paths of vectors that are there already; undefined where passages are embedded. */
export function vectorPaths(choice: EmbeddingChoice | undefined): readonly string[] | undefined {
  if (choice === undefined || "embed" in choice || choice.vectors === undefined) return undefined;
  return [choice.vectors].flat();
}

/**
 * A choice whose folders are named from the root, so that they mean the same from everywhere; a preset or hub id stays.
 * @param folder what its paths are relative to. @default the working directory
 */
export function placeEmbedding(choice: EmbeddingChoice, folder = "."): EmbeddingChoice {
  if ("embed" in choice) return choice;
  const vectors = vectorPaths(choice)?.map((path) => resolve(folder, path));
  if (!("model" in choice)) return { ...choice, vectors };
  const { model } = choice;
  // A name that is no folder here is a preset, or one on the hub.
  const isPath = existsSync(resolve(folder, model)) || /^\.{1,2}[\\/]/.test(model);
  return { ...choice, model: isPath ? resolve(folder, model) : model, vectors };
}

/**
 * What identifies the vectors of a choice, for the key of a stage. No key of an endpoint is part of it.
 * @param options.recall reads a model folder, or gives what is recorded of one that is gone
 */
export async function describeEmbedding(
  choice: EmbeddingChoice,
  { recall, fingerprint }: { recall: Recall; fingerprint: Fingerprint },
): Promise<Record<string, unknown>> {
  if ("embed" in choice) return { embedder: choice.id };
  const { preset, prompts } = choice;
  const paths = vectorPaths(choice);
  const vectors = paths && (await recall("vectors", () => fingerprint(paths)));
  if (!("model" in choice)) {
    const { name, baseUrl, dimensions } = choice;
    return { name, dimensions, baseUrl: baseUrl?.replace(/\/+$/, ""), preset, prompts, vectors };
  }
  const { model, quantized = false, graph, pooling, normalize, maxTokens, dimensions } = choice;
  // One that is called as its folder is the folder's own, whether it was said or not.
  const stated = preset === basename(model) ? undefined : preset;
  const how = { quantized, graph, preset: stated, pooling, normalize, prompts, maxTokens, dimensions, vectors };
  const isFolder = isAbsolute(model) || existsSync(model);
  return isFolder
    ? { folder: await recall("folder", () => fingerprint([model], { isWhole: true })), ...how }
    : { model, ...how };
}
