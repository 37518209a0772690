import { type Embedder, isObject, RagInstructError } from "@rag-instruct/core";
import type { AnalyzerName, VectorEngine } from "@rag-instruct/retrieve";
import type { LanguageModel } from "ai";
import { z } from "zod";

/** What an option says of itself beside its type and default. */
export interface About {
  /** Whole sentences. */
  description: string;
  /** What its default is, in words, where that is not one value. */
  otherwise?: string;
  /** A value that a new config shows. @default the option's own default */
  example?: unknown;
  /** Whether it decides the outputs: then `manifest.json` keeps it, so that a run can be repeated. */
  decides?: true;
  flags?: readonly Flag[];
}

/** A flag of the command line that sets an option. */
export interface Flag {
  /** As the help shows it: `--pairs <number>`. A `<number>` is a whole one, `<dollars>` an amount; `<file,...>` may be given more than once or as a list with commas. */
  name: string;
  /** @default the option's description */
  text?: string;
  /** Environment variable that is read where the flag is not given. */
  env?: string;
  /** Whether the text of another flag says what it does, so that help does not list it. @default false */
  isInAnother?: boolean;
}

/** What is said of an option; undefined for a schema that is not an option. */
export function aboutOf(schema: z.ZodType): About | undefined {
  return schema.meta() as About | undefined;
}

/** A schema with what is said of it. */
export function option<S extends z.ZodType>(schema: S, description: string, about: Omit<About, "description"> = {}): S {
  return schema.meta({ description, ...about });
}

/** A text that says something. */
export const text = z.string().min(1);

/** A whole number from 1 on. */
export const count = z.int().min(1);

// Shapes are constants with types of their own, so that the comments of their fields reach the published declarations.

const endpointShape = {
  /** Model id as the endpoint knows it. */
  name: option(text, "Model id as the endpoint knows it."),
  /** Root of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1. @default OpenAI's own */
  baseUrl: option(
    z
      .url({ protocol: /^https?$/, error: "must be an address such as http://127.0.0.1:11434/v1" })
      .refine((url) => !/^\w+:\/\/[^/?#]*@/.test(url), {
        error: "must hold no user and password; name the variable that holds the key in keyVariable",
      })
      .optional(),
    "Root of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1.",
    { otherwise: "OpenAI's own" },
  ),
  /** Environment variable that holds the key. @default "OPENAI_API_KEY" */
  keyVariable: option(text.optional(), "Environment variable that holds the key.", { otherwise: '"OPENAI_API_KEY"' }),
};

/** A model behind an OpenAI-compatible address. */
export interface Endpoint extends z.output<z.ZodObject<typeof endpointShape>> {}

const ggufShape = {
  /** A GGUF file, which is run here by node-llama-cpp; or hf:owner/name/file.gguf, which is downloaded once. */
  gguf: option(
    text,
    "A GGUF file, which is run here by node-llama-cpp; or hf:owner/name/file.gguf, which is downloaded once.",
  ),
  /** The graphics card's interface; false for the CPU alone. @default "auto" */
  gpu: option(
    z.union([z.enum(["auto", "cuda", "metal", "vulkan"]), z.literal(false)]).optional(),
    "The graphics card's interface; false for the CPU alone.",
    { otherwise: '"auto"' },
  ),
  /** Threads of the CPU. @default one less than there are cores */
  threads: option(count.optional(), "Threads of the CPU.", { otherwise: "one less than there are cores" }),
  /** Tokens of prompt and reply together at most. @default what the model was trained with */
  contextTokens: option(count.optional(), "Tokens of prompt and reply together at most.", {
    otherwise: "what the model was trained with",
  }),
};

/** A model that runs here, from a GGUF file. */
export interface GgufChoice extends z.output<z.ZodObject<typeof ggufShape>> {}

/** What stands in for a language model, free and at once: the offline model, or the replies recorded in advance for the demo's documents. */
export type StandIn = "offline" | "recorded";

/** A language model: an object of the AI SDK, an OpenAI-compatible server, a GGUF file, or what stands in for one. */
export type ModelChoice = Exclude<LanguageModel, string> | StandIn | Endpoint | GgufChoice;

/** Schema of a {@link ModelChoice}. */
export const languageModel: z.ZodType<ModelChoice, ModelChoice> = z.union(
  [
    z.literal("offline"),
    z.literal("recorded"),
    z.custom<Exclude<LanguageModel, string>>((value) => isObject(value) && "doGenerate" in value),
    z.strictObject(endpointShape),
    z.strictObject(ggufShape),
  ],
  {
    error:
      'must be "offline", { name: "gpt-4o-mini" }, { name, baseUrl }, or a model object of the AI SDK, or { gguf: "model.gguf" }',
  },
);

/** Whether a choice stands in for a model. */
export function isStandInChoice(choice: ModelChoice): choice is StandIn {
  return typeof choice === "string";
}

/** Whether a choice is a model object, which only a program can hold. */
export function isModelObject(choice: ModelChoice): choice is Exclude<LanguageModel, string> {
  return typeof choice === "object" && "doGenerate" in choice;
}

/** Whether a choice names an endpoint, rather than being a model object. */
export function isEndpoint(choice: ModelChoice): choice is Endpoint {
  return typeof choice === "object" && "name" in choice && !isModelObject(choice);
}

/** Whether a choice is a GGUF file. */
export function isGguf(choice: ModelChoice): choice is GgufChoice {
  return typeof choice === "object" && "gguf" in choice;
}

/** Whether the name of a model is that of a GGUF file, on this machine or on the hub. */
export function isGgufName(name: string): boolean {
  return /\.gguf$/i.test(name) || isOnHub(name);
}

/** Whether a GGUF file is on the hub. */
export function isOnHub(gguf: string): boolean {
  return gguf.startsWith("hf:");
}

/** An address without a closing slash. */
export function endpointAddress(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "");
}

/** The name of an endpoint in ledger keys: host and port, and the path where it is another than `/v1`. */
export function endpointName(baseUrl: string): string {
  const { host, pathname, search } = new URL(endpointAddress(baseUrl));
  return `${host}${pathname === "/v1" || pathname === "/" ? "" : pathname}${search}`;
}

const settingsShape = {
  /** Temperature of sampling, 0 to 2. @default the endpoint's own */
  temperature: option(z.number().min(0).max(2).optional(), "Temperature of sampling, 0 to 2.", {
    otherwise: "the endpoint's own",
  }),
  /** Share of probability that tokens are sampled from, 0 to 1. @default the endpoint's own */
  topP: option(z.number().min(0).max(1).optional(), "Share of probability that tokens are sampled from, 0 to 1.", {
    otherwise: "the endpoint's own",
  }),
  /** Tokens of one reply at most, thinking included. @default 2048, and 8192 where that cut a reply off; 4096 in batches */
  maxOutputTokens: option(count.optional(), "Tokens of one reply at most, thinking included.", {
    otherwise: "2048, and 8192 where that cut a reply off; 4096 in batches",
  }),
  /** Seed of the endpoint's sampling, where it takes one. @default none */
  seed: option(z.int().optional(), "Seed of the endpoint's sampling, where it takes one.", { otherwise: "none" }),
  /** Texts at which a reply ends. @default none */
  stop: option(z.array(text).readonly().optional(), "Texts at which a reply ends.", { otherwise: "none" }),
  /** How much a reasoning model thinks. @default the endpoint's own */
  reasoningEffort: option(
    z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).optional(),
    "How much a reasoning model thinks.",
    { otherwise: "the endpoint's own" },
  ),
  /** Headers of every request. One that holds a key is kept in no file. @default none */
  headers: option(
    z.record(z.string(), z.string()).readonly().optional(),
    "Headers of every request. One that holds a key is kept in no file.",
    { otherwise: "none" },
  ),
  /** Fields of every request's JSON body, for what only this endpoint knows. @default none */
  body: option(
    z.record(z.string(), z.unknown()).readonly().optional(),
    "Fields of every request's JSON body, for what only this endpoint knows.",
    { otherwise: "none" },
  ),
};

/** How the language model is asked. */
export interface SettingsChoice extends z.output<z.ZodObject<typeof settingsShape>> {}

/** Schema of {@link SettingsChoice}. */
export const modelSettings: z.ZodType<SettingsChoice, SettingsChoice> = z.strictObject(settingsShape);

const promptsShape = {
  /** Put before a question. */
  query: option(z.string(), "Put before a question."),
  /** Put before a passage. */
  passage: option(z.string(), "Put before a passage."),
};

/** Texts put before what is embedded. */
export interface PromptsChoice extends z.output<z.ZodObject<typeof promptsShape>> {}
const prompts: z.ZodType<PromptsChoice, PromptsChoice> = z.strictObject(promptsShape);

// What a model that runs here and one behind an address have in common.
const anyEmbeddingShape = {
  /** Preset whose pooling and prompts hold where the folder's own files say nothing. @default that of the model that is downloaded, or that a folder's config.json names */
  preset: option(text.optional(), "Preset whose pooling and prompts hold where the folder's own files say nothing.", {
    otherwise: "that of the model that is downloaded, or that a folder's config.json names",
  }),
  /** Texts put before questions and passages, as the model was trained with them. @default the model's own, else none */
  prompts: option(prompts.optional(), "Texts put before questions and passages, as the model was trained with them.", {
    otherwise: "the model's own, else none",
  }),
  /** Texts in a batch, or in one call of an endpoint. @default as many as fit, or 64; fewer where an endpoint takes fewer */
  batchSize: option(count.optional(), "Texts in a batch, or in one call of an endpoint.", {
    otherwise: "as many as fit, or 64; fewer where an endpoint takes fewer",
  }),
  /** Vectors of the passages that are there already, made by this model: files, folders or globs of published pickles, NumPy, JSON lines or Parquet, plain or in a .tar. @default none: passages are embedded */
  vectors: option(
    z.union([text, z.array(text).min(1).readonly()]).optional(),
    "Vectors of the passages that are there already, made by this model: files, folders or globs of published pickles, NumPy, JSON lines or Parquet, plain or in a .tar.",
    { otherwise: "none: passages are embedded" },
  ),
};

const localEmbeddingShape = {
  /** Folder with an ONNX graph, a preset such as contriever-msmarco, or owner/name on the hub. */
  model: option(text, "Folder with an ONNX graph, a preset such as contriever-msmarco, or owner/name on the hub."),
  /** Run the int8 graph. @default false */
  quantized: option(z.boolean().optional(), "Run the int8 graph.", { otherwise: "false" }),
  /** Name of another graph of the model, such as model_fp16.onnx. @default "model.onnx" */
  graph: option(text.optional(), "Name of another graph of the model, such as model_fp16.onnx.", {
    otherwise: '"model.onnx"',
  }),
  /** How vectors of tokens become that of a text, where the folder's own files do not say. @default the preset's */
  pooling: option(
    z.enum(["mean", "cls", "last-token", "max", "mean-sqrt", "weighted-mean"]).optional(),
    "How vectors of tokens become that of a text, where the folder's own files do not say.",
    { otherwise: "the preset's" },
  ),
  /** Scale vectors to length 1, where the folder's own files do not say. @default the preset's; false with a pooling of yours */
  normalize: option(z.boolean().optional(), "Scale vectors to length 1, where the folder's own files do not say.", {
    otherwise: "the preset's; false with a pooling of yours",
  }),
  /** Tokens of a text at most. @default what the model takes */
  maxTokens: option(count.optional(), "Tokens of a text at most.", { otherwise: "what the model takes" }),
  /** Leading values kept of each vector, for models trained for that (Matryoshka). @default all */
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
  ...endpointShape,
  /** Dimensions of its vectors. */
  dimensions: option(count, "Dimensions of its vectors."),
  ...anyEmbeddingShape,
};

/** An embedding model behind an OpenAI-compatible address. */
export interface EmbeddingEndpoint extends z.output<z.ZodObject<typeof embeddingEndpointShape>> {}

/** What turns texts to vectors: a model that runs here, an endpoint, or an embedder object. */
export type EmbeddingChoice = Embedder | LocalEmbedding | EmbeddingEndpoint;

/** The paths of vectors that are there already; undefined where passages are embedded. */
export function vectorPaths(choice: EmbeddingChoice | undefined): readonly string[] | undefined {
  if (choice === undefined || "embed" in choice || choice.vectors === undefined) return undefined;
  return [choice.vectors].flat();
}

/** Schema of an {@link EmbeddingChoice}. */
export const embeddingModel: z.ZodType<EmbeddingChoice, EmbeddingChoice> = z.union(
  [
    z.custom<Embedder>((value) => isObject(value) && "embed" in value),
    z.strictObject(localEmbeddingShape),
    z.strictObject(embeddingEndpointShape),
  ],
  { error: 'must be { model: "folder or preset" }, { name, baseUrl, dimensions }, or an embedder object' },
);

const analyzers = [
  "auto",
  "simple",
  "english",
  "arabic",
  "armenian",
  "bulgarian",
  "danish",
  "dutch",
  "finnish",
  "french",
  "german",
  "greek",
  "hindi",
  "hungarian",
  "indonesian",
  "irish",
  "italian",
  "lithuanian",
  "nepali",
  "norwegian",
  "portuguese",
  "romanian",
  "russian",
  "serbian",
  "spanish",
  "swedish",
  "tamil",
  "turkish",
  "ukrainian",
] as const satisfies readonly ("auto" | AnalyzerName)[];

const retrievalShape = {
  /** How passages are ranked; "hybrid" fuses the other two by reciprocal ranks. @default "hybrid" with embeddings, else "bm25" */
  kind: option(
    z.enum(["bm25", "dense", "hybrid"]).optional(),
    'How passages are ranked; "hybrid" fuses the other two by reciprocal ranks.',
    { otherwise: '"hybrid" with embeddings, else "bm25"' },
  ),
  /** How BM25 reads words: as those of a language, or simply as they are; "auto" goes by the language of most passages. @default "auto" */
  analyzer: option(
    z.enum(analyzers).optional(),
    'How BM25 reads words: as those of a language, or simply as they are; "auto" goes by the language of most passages.',
    { otherwise: '"auto"' },
  ),
  /** What searches the vectors: all of them, exactly; FAISS by faiss-node; a graph by usearch; or pgvector in PostgreSQL. @default "exact", or "pgvector" with a PostgreSQL */
  engine: option(
    z.enum(["exact", "faiss", "usearch", "pgvector"]).optional(),
    "What searches the vectors: all of them, exactly; FAISS by faiss-node; a graph by usearch; or pgvector in PostgreSQL.",
    { otherwise: '"exact", or "pgvector" with a PostgreSQL' },
  ),
  /** Of "exact": "int8" goes through 7-bit codes first, which are kept beside the vectors. @default "float32" */
  precision: option(
    z.enum(["float32", "int8"]).optional(),
    'Of "exact": "int8" goes through 7-bit codes first, which are kept beside the vectors.',
    { otherwise: '"float32"' },
  ),
  /** Of "exact": bytes that vectors and codes may take in memory. @default 268435456 */
  memory: option(count.optional(), 'Of "exact": bytes that vectors and codes may take in memory.', {
    otherwise: "268435456",
  }),
  /** Of "faiss": its name of the index, such as "IVF4096,SQ8" or "HNSW32". @default "Flat" */
  factory: option(text.optional(), 'Of "faiss": its name of the index, such as "IVF4096,SQ8" or "HNSW32".', {
    otherwise: '"Flat"',
  }),
  /** Of "faiss": cells of an IVF that a search visits. @default an eighth of them */
  nprobe: option(count.optional(), 'Of "faiss": cells of an IVF that a search visits.', {
    otherwise: "an eighth of them",
  }),
  /** Of "faiss": candidates that a search of an HNSW keeps. @default 512 */
  efSearch: option(count.optional(), 'Of "faiss": candidates that a search of an HNSW keeps.', { otherwise: "512" }),
  /** Of "faiss": file of a build of faiss-node's native part. @default that of the package faiss-node */
  library: option(text.optional(), `Of "faiss": file of a build of faiss-node's native part.`, {
    otherwise: "that of the package faiss-node",
  }),
  /** Of "usearch": neighbours of a vector in the graph. @default 16 */
  connectivity: option(count.optional(), 'Of "usearch": neighbours of a vector in the graph.', { otherwise: "16" }),
  /** Of "usearch": candidates kept while a vector is added. @default 128 */
  expansionAdd: option(count.optional(), 'Of "usearch": candidates kept while a vector is added.', {
    otherwise: "128",
  }),
  /** Of "usearch": candidates that a search keeps. @default 512 */
  expansionSearch: option(count.optional(), 'Of "usearch": candidates that a search keeps.', { otherwise: "512" }),
};

/** How passages are ranked, and what searches their vectors. */
export interface RetrievalChoice extends z.output<z.ZodObject<typeof retrievalShape>> {}

/** What searches the vectors of a run, with the options that are given. */
export type EngineChoice = VectorEngine | { engine: "pgvector" };

/** Schema of a {@link RetrievalChoice}, or its kind alone. */
export const retrieval: z.ZodType<RetrievalChoice | RetrievalKind, RetrievalChoice | RetrievalKind> = z.union([
  z.enum(["bm25", "dense", "hybrid"]),
  z.strictObject(retrievalShape),
]);

/** How passages are ranked; `hybrid` fuses the other two by reciprocal ranks. */
export type RetrievalKind = NonNullable<RetrievalChoice["kind"]>;

const engineOptions: Readonly<Record<EngineChoice["engine"], readonly (keyof RetrievalChoice)[]>> = {
  exact: ["precision", "memory"],
  faiss: ["factory", "nprobe", "efSearch", "library"],
  usearch: ["connectivity", "expansionAdd", "expansionSearch"],
  pgvector: [],
};

/** The engine of a choice, with its own options. Throws `bad-option` for an option of another. */
export function engineOf(
  choice: Omit<RetrievalChoice, "kind" | "analyzer">,
  { hasPostgres }: { hasPostgres: boolean },
): EngineChoice {
  const { engine = hasPostgres ? "pgvector" : "exact", ...options } = choice;
  for (const [name, value] of Object.entries(options)) {
    const owner = Object.entries(engineOptions).find(([, names]) => (names as string[]).includes(name))?.[0];
    if (value === undefined || owner === engine) continue;
    throw new RagInstructError("bad-option", `${name} is an option of "${owner}", and the engine is "${engine}"`);
  }
  return { engine, ...options } as EngineChoice;
}

/** Whether an engine searches an index of its own, which must be built. */
export function isBuiltEngine(engine: EngineChoice): engine is Exclude<VectorEngine, { engine: "exact" }> {
  return engine.engine === "faiss" || engine.engine === "usearch";
}

const postgresShape = {
  /** `postgres://user@host:port/database?sslmode=verify-full`; a password may stand in it, or in PGPASSWORD. @default RAG_INSTRUCT_POSTGRES_URL */
  url: option(
    z.url({ protocol: /^postgres(ql)?$/, error: "must be an address such as postgres://user@host/db" }).optional(),
    "`postgres://user@host:port/database?sslmode=verify-full`; a password may stand in it, or in PGPASSWORD.",
    { otherwise: "RAG_INSTRUCT_POSTGRES_URL" },
  ),
  /** Schema of the tables. @default "public" */
  schema: option(text.optional(), "Schema of the tables.", { otherwise: '"public"' }),
  /** Table of the passages, whose name begins those of the other tables. @default one of this corpus' own */
  table: option(text.optional(), "Table of the passages, whose name begins those of the other tables.", {
    otherwise: "one of this corpus' own",
  }),
  /** Search vectors by an HNSW graph, approximately, in place of all of them. @default false */
  hnsw: option(z.boolean().optional(), "Search vectors by an HNSW graph, approximately, in place of all of them.", {
    otherwise: "false",
  }),
  /** Connections for copying and for reading. @default 4 */
  connections: option(count.optional(), "Connections for copying and for reading.", { otherwise: "4" }),
};

/** A PostgreSQL with pgvector that keeps passages and vectors for many machines. */
export interface PostgresChoice extends z.output<z.ZodObject<typeof postgresShape>> {}

/** Schema of a {@link PostgresChoice}. */
export const postgres: z.ZodType<PostgresChoice, PostgresChoice> = z.strictObject(postgresShape);
