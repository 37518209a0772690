import { type Exemplar, isObject } from "@rag-instruct/core";
import { exportFormats } from "@rag-instruct/format";
import type { Paradigm } from "@rag-instruct/paradigms";
import { z } from "zod";
import type { Config, DocumentFormatChoice, EmbeddingChoice, ModelChoice, PostgresChoice } from "../config.ts";

const documentFormats = [
  "auto",
  "dpr-tsv",
  "jsonl",
  "json",
  "csv",
  "tsv",
  "parquet",
  "markdown",
  "html",
  "pdf",
  "docx",
  "trec",
  "text",
] as const satisfies readonly DocumentFormatChoice[];

const count = z.int().min(1);
const amount = z.number().min(0);

const endpointShape = {
  name: z.string().min(1),
  baseUrl: z.url({ protocol: /^https?$/, error: "must be an address such as http://127.0.0.1:11434/v1" }).optional(),
  keyVariable: z.string().min(1).optional(),
};

const endpointSchema = z.strictObject(endpointShape);
const localEmbeddingSchema = z.strictObject({ model: z.string().min(1), quantized: z.boolean().optional() });
const embeddingEndpointSchema = z.strictObject({ ...endpointShape, dimensions: count });

/** The schema that fits what stands there, so that an error speaks of that and of nothing else that could stand there. */
function modelSchema(value: unknown): z.ZodType<ModelChoice> {
  if (isObject(value) && !("doGenerate" in value)) return endpointSchema as z.ZodType<ModelChoice>;
  return z.custom<ModelChoice>(
    (model) => model === "offline" || isObject(model),
    'must be "offline", { name: "gpt-4o-mini" }, { name, baseUrl }, or a model object of the AI SDK',
  );
}

function embeddingsSchema(value: unknown): z.ZodType<EmbeddingChoice> {
  if (isObject(value) && "embed" in value) return z.custom<EmbeddingChoice>(isObject);
  if (isObject(value) && "name" in value) return embeddingEndpointSchema as z.ZodType<EmbeddingChoice>;
  if (isObject(value)) return localEmbeddingSchema as z.ZodType<EmbeddingChoice>;
  const otherwise = 'must be { model: "folder or preset" }, { name, baseUrl, dimensions }, or an embedder object';
  return z.custom<EmbeddingChoice>(isObject, otherwise);
}

const postgresSchema: z.ZodType<PostgresChoice> = z.strictObject({
  url: z.url({ protocol: /^postgres(ql)?$/, error: "must be an address such as postgres://user@host/db" }).optional(),
  schema: z.string().min(1).optional(),
  table: z.string().min(1).optional(),
  hnsw: z.boolean().optional(),
  connections: count.optional(),
}) as z.ZodType<PostgresChoice>;

const fields = {
  to: z.string().min(1),
  corpus: z.strictObject({
    from: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    format: z.enum(documentFormats).default("auto"),
    words: count.default(100),
  }),
  retrieval: z.enum(["bm25", "dense", "hybrid"]).optional(),
  postgres: postgresSchema.optional(),
  exemplars: z.union([z.string().min(1), z.array(z.custom<Exemplar>((value) => typeof value === "object"))]).optional(),
  filter: z.boolean().default(true),
  verify: z.enum(["lexical", "judge", "proof"]).default("lexical"),
  benchmarks: z.record(z.string(), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])).default({}),
  duplicates: z.union([z.number().gt(0).max(1), z.literal(false)]).default(0.8),
  noiseSample: z.union([count, z.literal("all")]).default(400),
  pairs: z.union([count, z.record(z.string(), z.int().min(0))]).default(20),
  paradigms: z.array(z.custom<Paradigm>((value) => typeof value === "object")).default([]),
  language: z.string().optional(),
  documents: count.default(10),
  beyond: z.int().min(0).default(200),
  depth: count.default(250),
  exports: z.array(z.enum(exportFormats)).default([...exportFormats]),
  card: z.custom<NonNullable<Config["card"]>>((value) => typeof value === "object").optional(),
  concurrency: count.default(16),
  budget: z.strictObject({ usd: amount.optional(), tokens: amount.optional() }).optional(),
  prices: z
    .record(
      z.string(),
      z.strictObject({ inputPerMillion: amount, outputPerMillion: amount, batchShare: amount.default(1) }),
    )
    .default({}),
  limits: z.strictObject({ requestsPerMinute: amount.optional(), tokensPerMinute: amount.optional() }).optional(),
  batch: z.boolean().default(false),
  seed: z.int().default(1),
};

/** What a config may hold. Functions and objects of other packages are taken as they are. */
export function configSchema(config: unknown) {
  const { model, embeddings } = (isObject(config) ? config : {}) as { model?: unknown; embeddings?: unknown };
  return z.strictObject({
    ...fields,
    model: modelSchema(model).default("offline"),
    embeddings: embeddingsSchema(embeddings).optional(),
  });
}
