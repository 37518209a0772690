import { readdir, rename, rm } from "node:fs/promises";
import { amount, hashOf, type Progress } from "@rag-instruct/core";
import { isThere, type RunFolder, writeAtomic } from "@rag-instruct/core/node";
import { listInputFiles, openPassageStore } from "@rag-instruct/corpus";
import { embedPassages, importEmbeddings } from "@rag-instruct/embed";
import { buildBm25Index, buildVectorEngine } from "@rag-instruct/retrieve";
import { type EmbeddingChoice, type PostgresChoice, vectorPaths } from "../config/choices.ts";
import type { ResolvedConfig } from "../config/schema.ts";
import { engineFolder, indexFolder, sharedFile, vectorFolder } from "../run/folder.ts";
import { describeEmbedding, openEmbedder } from "../run/models.ts";
import { connectChoice } from "../run/retriever.ts";
import type { PipelineStage } from "./stage.ts";

/**
 * Passages to vectors in `embeddings/`, or vectors that are there already into it, checked against the passages. Shards that an
 * interruption left are gone on with, if they are of the same passages.
 */
export function embedStage({
  embeddings,
  concurrency,
}: Pick<ResolvedConfig, "concurrency"> & { embeddings: EmbeddingChoice }): PipelineStage {
  return {
    name: "embed",
    needs: ["ingest"],
    inputs: (recall) => describeEmbedding(embeddings, recall),
    outputs: [vectorFolder],
    stakes: {
      causes: { "*": "the embedding model is another" },
      async lost({ folder, isOther }) {
        const { counts } = folder.last("embed") ?? {};
        // An import that did not come to its end has computed nothing.
        const isNothing = !counts && folder.begun("embed")?.inputs.vectors !== undefined;
        return isOther && !isNothing ? [`the vectors of ${amount(counts?.passages ?? 0, "passage")}`] : [];
      },
    },
    async run({ folder, signal, onProgress, calls, workers, replacing }) {
      await using embedder = await openEmbedder(embeddings, { calls, signal, onProgress, workers });
      await using store = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
      const corpus = Object.values(await folder.describe(["corpus.sqlite"]));
      const from = vectorPaths(embeddings);
      const origin = [embedder.id, corpus, ...(from ? ["import"] : [])];
      const partial = `${vectorFolder}-${hashOf(origin).slice(0, 12)}.partial`;
      await removeOthers(folder, { of: vectorFolder, kept: partial });
      const to = folder.path(partial);
      if (from) {
        await rm(to, { recursive: true, force: true });
        const passages = { size: store.size, all: () => store.all() };
        const seen = (progress: Progress) => onProgress({ ...progress, stage: "embed", total: store.size });
        await importEmbeddings({ from: await filesOf(from), to, passages, embedder, signal, onProgress: seen });
      } else {
        await embedPassages({
          passages: store.all(),
          embedder,
          to,
          shardRows,
          concurrency: workers ? concurrency : 1,
          total: store.size,
          onProgress,
          signal,
        });
      }
      await replacing();
      await rm(folder.path(vectorFolder), { recursive: true, force: true });
      await rename(to, folder.path(vectorFolder));
      return { counts: { passages: store.size, dimensions: embedder.dimensions } };
    },
  };
}

/** Files and folders as they are, and the files of globs. */
async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files = paths.map(async (path) =>
    (await isThere(path)) ? path : (await listInputFiles(path)).map((file) => file.path),
  );
  return (await Promise.all(files)).flat();
}

// Small enough that little is embedded again after a crash, large enough for few files.
const shardRows = 4_096;

async function removeOthers(folder: RunFolder, { of, kept }: { of: string; kept: string }): Promise<void> {
  for (const name of await readdir(folder.path())) {
    const isLeft = new RegExp(`^${of}-[0-9a-f]+\\.partial$`).test(name);
    if (isLeft && name !== kept) await rm(folder.path(name), { recursive: true });
  }
}

/** Vectors to the index of an engine that searches one of its own, in `vector-index/`. A build that was interrupted goes on. */
export function engineStage(engine: Parameters<typeof buildVectorEngine>[0]): PipelineStage {
  const { library: _, ...inputs } = { library: undefined, ...engine };
  return {
    name: "engine",
    needs: ["ingest", "embed"],
    inputs,
    outputs: [engineFolder],
    stakes: { isUnedited: true },
    async run({ folder, key, signal, onProgress, replacing }) {
      const partial = `${engineFolder}-${key.slice(0, 12)}.partial`;
      await removeOthers(folder, { of: engineFolder, kept: partial });
      const index = folder.path(partial);
      const seen = (progress: Progress) => onProgress({ ...progress, stage: "engine" });
      const built = await buildVectorEngine(engine, {
        vectors: folder.path(vectorFolder),
        index,
        signal,
        onProgress: seen,
      });
      await replacing();
      await rm(folder.path(engineFolder), { recursive: true, force: true });
      await rename(index, folder.path(engineFolder));
      return { counts: { vectors: built.rows } };
    },
  };
}

/** Passages to the BM25 index in `bm25/`. */
export function indexStage(): PipelineStage {
  return {
    name: "index",
    needs: ["ingest"],
    inputs: { kind: "bm25", k1: 0.9, b: 0.4, analyzer: "english" },
    outputs: [indexFolder],
    stakes: { isUnedited: true },
    async run({ folder, signal, onProgress, replacing }) {
      await replacing();
      await using store = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
      await buildBm25Index({
        passages: store.all(),
        to: folder.path(indexFolder),
        k1: 0.9,
        b: 0.4,
        analyzer: "english",
        onProgress,
        signal,
      });
      return { counts: { passages: store.size } };
    },
  };
}

/**
 * Passages and vectors to PostgreSQL, over all connections at once; what is there from an earlier run, or from another machine
 * with the same documents, is not copied again. What lies where is said in `postgres.json`.
 */
export function shareStage({
  postgres: choice,
  corpus,
  retrieval,
  engine,
}: Pick<ResolvedConfig, "corpus" | "retrieval" | "engine"> & { postgres: PostgresChoice }): PipelineStage {
  const { schema = "public", hnsw = false } = choice;
  const isDense = retrieval !== "bm25" && engine.engine === "pgvector";
  return {
    name: "share",
    needs: isDense ? ["ingest", "embed"] : ["ingest"],
    inputs: { place: placeOf(choice), schema, table: choice.table, hnsw, isDense },
    keeps: ["place", "schema", "table", "hnsw", "isDense"],
    outputs: [sharedFile],
    async run({ folder, signal, onProgress, replacing }) {
      const { shareCorpus } = await import("@rag-instruct/retrieve/pgvector");
      const { from: _, ...reading } = corpus;
      const table = choice.table ?? `corpus_${hashOf([folder.last("ingest")?.inputs.files, reading]).slice(0, 12)}`;
      await using postgres = await connectChoice(choice);
      await using passages = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
      const folderOfVectors = isDense ? folder.path(vectorFolder) : undefined;
      const options = { postgres, schema, table, passages, vectors: folderOfVectors, hnsw, signal, onProgress };
      const { shared, copied, vectors } = await shareCorpus(options);
      await replacing();
      await writeAtomic(folder.path(sharedFile), `${JSON.stringify(shared, null, 2)}\n`);
      return { counts: { passages: passages.size, copied, vectors } };
    },
  };
}

/** Host, port and database: another server is another place, another password is not. */
function placeOf({ url = "" }: PostgresChoice): string {
  if (!URL.canParse(url)) return "";
  const { host, pathname } = new URL(url);
  return host + pathname;
}
