/**
 * How passages are ranked and what searches their vectors, as a config file holds it: schemas of zod (optional peer).
 *
 * @module
 */
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { badOption } from "@rag-instruct/core";
import { count, option, text, z } from "@rag-instruct/core/options";
import { stemmedLanguages } from "./bm25/analysis/analyzer.ts";
import type { Postgres } from "./drivers/postgres/connect.ts";
import type { VectorEngine } from "./drivers/vector-engines.ts";

const retrievalShape = {
  kind: option(
    z.enum(["bm25", "dense", "hybrid"]).optional(),
    'How passages are ranked; "hybrid" fuses the other two by reciprocal ranks.',
    { otherwise: '"hybrid" with embeddings, else "bm25"' },
  ),
  analyzer: option(
    z.enum(["auto", "simple", "english", ...stemmedLanguages]).optional(),
    'How BM25 reads words: as those of a language, or simply as they are; "auto" goes by the language of most passages.',
    { otherwise: '"auto"' },
  ),
  engine: option(
    z.enum(["exact", "faiss", "usearch", "pgvector"]).optional(),
    "What searches the vectors: all of them, exactly; FAISS by faiss-node; a graph by usearch; or pgvector in PostgreSQL.",
    { otherwise: '"exact", or "pgvector" with a PostgreSQL' },
  ),
  precision: option(
    z.enum(["float32", "int8"]).optional(),
    'Of "exact": "int8" goes through 7-bit codes first, which are kept beside the vectors.',
    { otherwise: '"float32"' },
  ),
  memory: option(count.optional(), 'Of "exact": bytes that vectors and codes may take in memory.', {
    otherwise: "268435456",
  }),
  factory: option(text.optional(), 'Of "faiss": its name of the index, such as "IVF4096,SQ8" or "HNSW32".', {
    otherwise: '"Flat"',
  }),
  nprobe: option(count.optional(), 'Of "faiss": cells of an IVF that a search visits.', {
    otherwise: "an eighth of them",
  }),
  efSearch: option(count.optional(), 'Of "faiss": candidates that a search of an HNSW keeps.', { otherwise: "512" }),
  library: option(text.optional(), `Of "faiss": file of a build of faiss-node's native part.`, {
    otherwise: "that of the package faiss-node",
  }),
  connectivity: option(count.optional(), 'Of "usearch": neighbours of a vector in the graph.', { otherwise: "16" }),
  expansionAdd: option(count.optional(), 'Of "usearch": candidates kept while a vector is added.', {
    otherwise: "128",
  }),
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

/** A {@link RetrievalChoice} with its defaults filled in. */
export interface ResolvedRetrieval {
  kind: RetrievalKind;
  /** How BM25 reads words; "auto" goes by the language of most passages. */
  analyzer: NonNullable<RetrievalChoice["analyzer"]>;
  /** What searches the vectors. */
  engine: EngineChoice;
}

/** What there is beside a choice. */
interface Means {
  /** Whether an embedding model is named. */
  hasEmbeddings: boolean;
  hasPostgres: boolean;
}

/** A choice with its defaults filled in. Throws `bad-option` where it needs what is not there, and for an option of another engine. */
export function resolveRetrieval(
  given: RetrievalChoice | RetrievalKind = {},
  { hasEmbeddings, hasPostgres }: Means,
): ResolvedRetrieval {
  const { kind, analyzer = "auto", ...searched }: RetrievalChoice = typeof given === "string" ? { kind: given } : given;
  const { engine } = searched;
  if (((kind && kind !== "bm25") || engine) && !hasEmbeddings) {
    const what = kind && kind !== "bm25" ? `retrieval "${kind}"` : `the engine "${engine}" searches vectors, and`;
    throw badOption(`${what} needs embeddings, such as embeddings: { model: "contriever-msmarco" }`);
  }
  if (engine === "pgvector" && !hasPostgres)
    throw badOption('the engine "pgvector" needs a PostgreSQL with pgvector 0.8; name it with --postgres');
  return { kind: kind ?? (hasEmbeddings ? "hybrid" : "bm25"), analyzer, engine: engineOf(searched, hasPostgres) };
}

/** The same as a choice says it, in as few words as possible; a file that it names, from the root. */
export function statedRetrieval(
  { kind, analyzer: read, engine }: ResolvedRetrieval,
  { hasPostgres }: Pick<Means, "hasPostgres">,
): RetrievalChoice | RetrievalKind {
  const analyzer = read === "auto" ? undefined : read;
  if (isDeepStrictEqual(engine, engineOf({}, hasPostgres)) || kind === "bm25")
    return analyzer === undefined ? kind : { kind, analyzer };
  const library = "library" in engine && engine.library !== undefined ? resolve(engine.library) : undefined;
  return { kind, analyzer, ...engine, library };
}

function engineOf(choice: Omit<RetrievalChoice, "kind" | "analyzer">, hasPostgres: boolean): EngineChoice {
  const { engine = hasPostgres ? "pgvector" : "exact", ...options } = choice;
  for (const [name, value] of Object.entries(options)) {
    const owner = Object.entries(engineOptions).find(([, names]) => (names as string[]).includes(name))?.[0];
    if (value === undefined || owner === engine) continue;
    throw badOption(`${name} is an option of "${owner}", and the engine is "${engine}"`);
  }
  return { engine, ...options } as EngineChoice;
}

/** Whether an engine searches an index of its own, which must be built. */
export function isBuiltEngine(engine: EngineChoice): engine is Exclude<VectorEngine, { engine: "exact" }> {
  return engine.engine === "faiss" || engine.engine === "usearch";
}

const postgresShape = {
  url: option(
    z.url({ protocol: /^postgres(ql)?$/, error: "must be an address such as postgres://user@host/db" }).optional(),
    "`postgres://user@host:port/database?sslmode=verify-full`; a password may stand in it, or in PGPASSWORD.",
    { otherwise: "RAG_INSTRUCT_POSTGRES_URL" },
  ),
  schema: option(text.optional(), "Schema of the tables.", { otherwise: '"public"' }),
  table: option(text.optional(), "Table of the passages, whose name begins those of the other tables.", {
    otherwise: "one of this corpus' own",
  }),
  hnsw: option(z.boolean().optional(), "Search vectors by an HNSW graph, approximately, in place of all of them.", {
    otherwise: "false",
  }),
  connections: option(count.optional(), "Connections for copying and for reading.", { otherwise: "4" }),
};

/** A PostgreSQL with pgvector that keeps passages and vectors for many machines. */
export interface PostgresChoice extends z.output<z.ZodObject<typeof postgresShape>> {}

/** Schema of a {@link PostgresChoice}. */
export const postgres: z.ZodType<PostgresChoice, PostgresChoice> = z.strictObject(postgresShape);

/** A PostgreSQL as it may be kept in a file: without its password. */
export function withoutPassword(choice: PostgresChoice): PostgresChoice {
  if (choice.url === undefined || !URL.canParse(choice.url)) return choice;
  const url = new URL(choice.url);
  url.password = "";
  url.searchParams.delete("password");
  return { ...choice, url: url.href };
}

/** The address of a choice. Throws `bad-option` where none is given. */
export function postgresAddress({ url = process.env.RAG_INSTRUCT_POSTGRES_URL }: PostgresChoice): string {
  if (url !== undefined) return url;
  throw badOption("name the PostgreSQL of the run: --postgres, or RAG_INSTRUCT_POSTGRES_URL");
}

/** Connects to the server of a choice. Throws as `connectPostgres` and {@link postgresAddress} do. */
export async function connectChoice(choice: PostgresChoice): Promise<Postgres> {
  const { connectPostgres } = await import("./drivers/postgres/connect.ts");
  return connectPostgres(postgresAddress(choice), { connections: choice.connections });
}
