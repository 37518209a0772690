import { type Embedder, isObject } from "@rag-instruct/core";
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
