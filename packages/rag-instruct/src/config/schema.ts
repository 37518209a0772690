import type { Exemplar } from "@rag-instruct/core";
import { exportFormats } from "@rag-instruct/format";
import type { Paradigm } from "@rag-instruct/paradigms";
import { z } from "zod";
import type { Config, DocumentFormatChoice, EmbeddingChoice, ModelChoice } from "../config.ts";

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

interface Choice {
  /** A method that tells an object to be taken as it is. */
  method: string;
  /** Words that may stand in its place. */
  words?: readonly string[];
  /** What any other object must look like. */
  shapeOf: (value: object) => z.ZodType;
  otherwise: string;
}

function choice<T>({ method, words = [], shapeOf, otherwise }: Choice) {
  return z.unknown().transform((value, context): T => {
    if (typeof value === "string" && words.includes(value)) return value as T;
    if (typeof value !== "object" || value === null) {
      context.addIssue({ code: "custom", message: otherwise });
      return z.NEVER;
    }
    if (method in value) return value as T;
    const result = shapeOf(value).safeParse(value);
    if (!result.success) for (const issue of result.error.issues) context.addIssue({ ...issue } as never);
    return value as T;
  });
}

const endpointSchema = z.strictObject(endpointShape);
const localEmbeddingSchema = z.strictObject({ model: z.string().min(1), quantized: z.boolean().optional() });
const embeddingEndpointSchema = z.strictObject({ ...endpointShape, dimensions: count });

const model = choice<ModelChoice>({
  method: "doGenerate",
  words: ["offline"],
  shapeOf: () => endpointSchema,
  otherwise: 'must be "offline", { name: "gpt-4o-mini" }, { name, baseUrl }, or a model object of the AI SDK',
});
const embeddings = choice<EmbeddingChoice>({
  method: "embed",
  shapeOf: (value) => ("model" in value ? localEmbeddingSchema : embeddingEndpointSchema),
  otherwise: 'must be { model: "folder or preset" }, { name, baseUrl, dimensions }, or an embedder object',
});

/** What a config may hold. Functions and objects of other packages are taken as they are. */
export const configSchema = z.strictObject({
  to: z.string().min(1),
  corpus: z.strictObject({
    from: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    format: z.enum(documentFormats).default("auto"),
    words: count.default(100),
  }),
  embeddings: embeddings.optional(),
  retrieval: z.enum(["bm25", "dense", "hybrid"]).optional(),
  exemplars: z.union([z.string().min(1), z.array(z.custom<Exemplar>((value) => typeof value === "object"))]).optional(),
  model: model.default("offline"),
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
  prices: z.record(z.string(), z.strictObject({ inputPerMillion: amount, outputPerMillion: amount })).default({}),
  limits: z.strictObject({ requestsPerMinute: amount.optional(), tokensPerMinute: amount.optional() }).optional(),
  seed: z.int().default(1),
});
