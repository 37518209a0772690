import { hashOf, RagInstructError } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { readVectorManifest } from "@rag-instruct/core/vectors";
import { openPassageStore } from "@rag-instruct/corpus";
import type { PostgresChoice, ResolvedConfig } from "../config.ts";
import { connectChoice, type Shared, sharedFile } from "../postgres.ts";
import type { Stage } from "../stage.ts";
import { vectorFolder } from "./embed.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * Passages and vectors to PostgreSQL, over all connections at once; what is there from an earlier run, or from another machine
 * with the same documents, is not copied again. What lies where is said in `postgres.json`.
 */
export function shareStage({
  postgres: choice,
  corpus,
  retrieval,
}: Pick<ResolvedConfig, "corpus" | "retrieval"> & { postgres: PostgresChoice }): Stage {
  const { schema = "public", hnsw = false } = choice;
  const isDense = retrieval !== "bm25";
  return {
    name: "share",
    needs: isDense ? ["ingest", "embed"] : ["ingest"],
    inputs: { place: placeOf(choice), schema, table: choice.table, hnsw, isDense },
    outputs: [sharedFile],
    async run({ folder, signal, onProgress }) {
      const { buildPgvectorIndex, openPostgresPassages } = await import("@rag-instruct/retrieve/pgvector");
      const { from, format, words } = corpus;
      const table = choice.table ?? `corpus_${hashOf([await fingerprint(from), format, words]).slice(0, 12)}`;
      await using postgres = await connectChoice(choice);
      await using store = await openPassageStore(folder.path("corpus.sqlite"), { readOnly: true });
      const passed = signal ? { signal } : {};
      const passages = await openPostgresPassages({ postgres, schema, table });
      const count = store.size;
      const { written } = await passages.add(store.all(), {
        ...passed,
        onProgress: ({ done }) => onProgress({ stage: "share", done, total: count, note: "passages" }),
      });
      if (passages.size !== count) throw otherCorpus(`${schema}.${table}`, { held: passages.size, count });
      const shared: Shared = { schema, passages: { table, count } };
      let vectors = 0;
      if (isDense) {
        const { embedderId } = await readVectorManifest(folder.path(vectorFolder));
        shared.vectors = { table: `${table}_${hashOf(embedderId).slice(0, 12)}`, embedderId };
        const index = { postgres, schema, table: shared.vectors.table, vectors: folder.path(vectorFolder) };
        const built = await buildPgvectorIndex({
          ...index,
          ...passed,
          hnsw: hnsw ? {} : undefined,
          onProgress: (progress) => onProgress({ ...progress, stage: "share", note: "vectors" }),
        });
        vectors = built.rows;
      }
      await writeAtomic(folder.path(sharedFile), `${JSON.stringify(shared, null, 2)}\n`);
      return { counts: { passages: count, copied: written, vectors } };
    },
  };
}

/** Host, port and database: another server is another place, another password is not. */
function placeOf({ url = "" }: PostgresChoice): string {
  if (!URL.canParse(url)) return "";
  const { host, pathname } = new URL(url);
  return host + pathname;
}

function otherCorpus(table: string, { held, count }: { held: number; count: number }): RagInstructError {
  return new RagInstructError(
    "index-mismatch",
    `${table} holds ${held} passages and this corpus has ${count}; choose another table by postgres.table`,
  );
}
