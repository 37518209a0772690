import type { Embedder, Exemplar } from "@rag-instruct/core";
import type { BudgetLimits, Price, RateLimits } from "@rag-instruct/core/calls";
import type { IngestOptions } from "@rag-instruct/corpus";
import type { ExportFormat, Provenance } from "@rag-instruct/format";
import type { Paradigm } from "@rag-instruct/paradigms";
import type { VerifyLevel } from "@rag-instruct/simulate";
import type { LanguageModel } from "ai";

/** How documents are read; `"auto"` tells by name and content. */
export type DocumentFormatChoice = NonNullable<IngestOptions["format"]>;

/** A model behind an OpenAI-compatible address. */
export interface Endpoint {
  /** Model id as the endpoint knows it. */
  name: string;
  /** Root of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1. @default OpenAI's own */
  baseUrl?: string;
  /** Environment variable that holds the key. @default "OPENAI_API_KEY" */
  keyVariable?: string;
}

/** A language model: an object of the AI SDK, an OpenAI-compatible server, or the offline model. */
export type ModelChoice = Exclude<LanguageModel, string> | "offline" | Endpoint;

/** A model folder, preset or hub id that is run here by onnxruntime-node, fetched once where it is none of this machine's. */
export interface LocalEmbedding {
  /** Folder with an ONNX graph, a preset such as "contriever-msmarco", or owner/name on the hub. */
  model: string;
  /** Run the int8 graph. @default false */
  quantized?: boolean;
}

/** An embedding model behind an OpenAI-compatible address. */
export interface EmbeddingEndpoint extends Endpoint {
  /** Dimensions of its vectors. */
  dimensions: number;
}

/** What turns texts to vectors: a model that runs here, an endpoint, or an embedder object. */
export type EmbeddingChoice = LocalEmbedding | EmbeddingEndpoint | Embedder;

/** How passages are ranked; `hybrid` fuses the other two by reciprocal ranks. */
export type RetrievalKind = "bm25" | "dense" | "hybrid";

/** A PostgreSQL with pgvector that keeps passages and vectors for many machines. */
export interface PostgresChoice {
  /** `postgres://user@host:port/database?sslmode=verify-full`; a password may stand in it, or in PGPASSWORD. @default RAG_INSTRUCT_POSTGRES_URL */
  url?: string;
  /** @default "public" */
  schema?: string;
  /** Table of the passages, whose name begins those of the other tables. @default one of this corpus' own */
  table?: string;
  /** Search vectors by an HNSW graph, approximately, in place of all of them. @default false */
  hnsw?: boolean;
  /** Connections for copying and for reading. @default 4 */
  connections?: number;
}

/** What a run is made of. Everything but `to` and `corpus` has a default. */
export interface Config {
  /** The run folder; made when it is not there. */
  to: string;
  /** Files, folders or globs with documents, and how to read them. */
  corpus: { from: string | string[]; format?: DocumentFormatChoice; words?: number };
  /** A model that turns texts to vectors, for dense and hybrid retrieval. @default none: BM25 needs no model */
  embeddings?: EmbeddingChoice;
  /** @default "hybrid" with `embeddings`, else "bm25" */
  retrieval?: RetrievalKind;
  /** Where passages and vectors are kept for many machines. @default none: in the run folder */
  postgres?: PostgresChoice;
  /** A file with exemplars, or exemplars themselves. @default the project's own demo exemplars */
  exemplars?: string | readonly Exemplar[];
  /** Leave out exemplars of a file whose answer needs no knowledge: code, maths, role play, rewriting … @default true */
  filter?: boolean;
  /** How far each pair is verified: by words for free, by a judging call, or by answers with and without documents. @default "lexical" */
  verify?: VerifyLevel;
  /**
   * Benchmarks whose questions must not be in the data, by id with their files: `{ popqa: "popqa.jsonl" }`. Under `texts` any records
   * or text files. A pair that shares 13 words with one of their texts, or whose question is one, is rejected. @default none
   */
  benchmarks?: Readonly<Record<string, string | readonly string[]>>;
  /** Share of word 3-grams that two pairs have in common from which the later is rejected; false keeps both. @default 0.8 */
  duplicates?: number | false;
  /** Training examples of which a model checks at `judge` and up that no noise document answers the question. @default 400 */
  noiseSample?: number | "all";
  /** @default "offline" */
  model?: ModelChoice;
  /** Pairs wanted: for each paradigm alike, or by paradigm. @default 20 */
  pairs?: number | Readonly<Record<string, number>>;
  /** Paradigms beside the method's five. @default [] */
  paradigms?: readonly Paradigm[];
  /** Language of the pairs, such as "German". @default that of the documents */
  language?: string;
  /** Documents of a training example. @default 10 */
  documents?: number;
  /** Noise is taken from ranks beyond this one. @default 200 */
  beyond?: number;
  /** Depth of the ranking that noise is taken from. @default 250 */
  depth?: number;
  /** Formats written into `exports/`. @default all */
  exports?: readonly ExportFormat[];
  /** Names and licences for the dataset card. @default "none stated", but for the project's own exemplars */
  card?: { name?: string; license?: string; corpus?: Provenance; exemplars?: Provenance };
  /** Most calls to the model at the same time. @default 16 */
  concurrency?: number;
  /** A ceiling over all that the run pays for; with the same ledger, over all runs. @default none */
  budget?: BudgetLimits;
  /** US dollars per million tokens by model id, for a budget in dollars. @default those that are known */
  prices?: Readonly<Record<string, Price>>;
  /** What the endpoint allows in a minute. @default none: the pace follows from what it refuses */
  limits?: RateLimits;
  /** Ask through OpenAI's batch API: for less, within a day; a run that is stopped collects its batches when it is started again. @default false */
  batch?: boolean;
  /** @default 1 */
  seed?: number;
}

/** A config with every default filled in. */
export interface ResolvedConfig {
  to: string;
  corpus: { from: string[]; format: DocumentFormatChoice; words: number };
  embeddings: EmbeddingChoice | undefined;
  retrieval: RetrievalKind;
  postgres: PostgresChoice | undefined;
  exemplars: string | readonly Exemplar[] | undefined;
  filter: boolean;
  verify: VerifyLevel;
  benchmarks: Readonly<Record<string, readonly string[]>>;
  duplicates: number | false;
  noiseSample: number | "all";
  model: ModelChoice;
  counts: Readonly<Record<string, number>>;
  paradigms: Readonly<Record<string, Paradigm>>;
  language: string | undefined;
  documents: number;
  beyond: number;
  depth: number;
  exports: readonly ExportFormat[];
  card: NonNullable<Config["card"]>;
  concurrency: number;
  budget: BudgetLimits | undefined;
  prices: Readonly<Record<string, Price>>;
  limits: RateLimits | undefined;
  batch: boolean;
  seed: number;
}

/** Gives a config file its types. */
export function defineConfig(config: Config): Config {
  return config;
}
