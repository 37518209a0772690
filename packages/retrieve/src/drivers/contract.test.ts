import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import type { Closable, VectorIndex } from "@rag-instruct/core";
import { type ContractVectors, vectorIndexContract } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { builtFaiss, faissModule } from "../../test/faiss-library.ts";
import { postgresFolder, type TestPostgres, testPostgres } from "../../test/postgres-server.ts";
import { writeVectorFolder } from "../../test/vector-folder.ts";
import { openVectorIndex } from "../index.ts";
import { buildFaissIndex, openFaissFile, openFaissIndex } from "./faiss.ts";
import {
  type BuildPgvectorOptions,
  buildPgvectorIndex,
  connectPostgres,
  openPgvectorIndex,
  type Postgres,
  pglitePostgres,
} from "./pgvector.ts";
import { buildUsearchIndex, openUsearchIndex } from "./usearch.ts";

let place: string;
let folder: string;
let written: Promise<void> | undefined;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "contract-"));
  folder = join(place, "vectors");
});
afterAll(() => rm(place, { recursive: true, force: true }));

type Open = (made: ContractVectors) => Promise<VectorIndex & Partial<Closable>>;

/**
 * Runs the contract; the vectors lie in `folder`, what is built of them is built once, and all parts of the contract are asked of one
 * open index, but for the one that closes it.
 */
function holds(open: Open, options: { recall?: number; tolerance?: number } = {}): void {
  const openAnew: Open = async (made) => {
    written ??= writeVectorFolder(folder, made);
    await written;
    return open(made);
  };
  let opened: ReturnType<Open> | undefined;
  const openOnce: Open = async (made) => {
    opened ??= openAnew(made);
    const index = await opened;
    const { size, embedderId } = index;
    return { size, embedderId, idOf: (row) => index.idOf(row), search: (...asked) => index.search(...asked) };
  };
  afterAll(async () => (await opened)?.close?.());
  const anew = vectorIndexContract({ ...options, open: openAnew });
  for (const [i, { name, run }] of vectorIndexContract({ ...options, open: openOnce }).entries()) {
    it(name, name.startsWith("is closed") ? anew[i]!.run : run);
  }
}

describe("exact search of the vector folder", () => {
  holds(() => openVectorIndex({ vectors: folder, threads: 1 }));
});

describe("exact search in int8", () => {
  holds(() => openVectorIndex({ vectors: folder, precision: "int8", threads: 1 }));
});

describe("exact search in little memory", () => {
  holds(() => openVectorIndex({ vectors: folder, memory: 150_000, threads: 1 }));
});

describe.skipIf(!faissModule)("FAISS (needs RAG_INSTRUCT_FAISS, a build of faiss-node)", () => {
  const built = (factory: string, nprobe?: number): Open => {
    return async () => {
      const [lib, to] = [builtFaiss(), join(place, factory)];
      await buildFaissIndex({ vectors: folder, to, factory, lib, nprobe: nprobe || undefined });
      return openFaissIndex(to, { lib });
    };
  };
  describe("Flat", () => holds(built("Flat")));
  describe("HNSW", () => holds(built("HNSW32,Flat"), { recall: 0.95 }));
  describe("SQfp16", () => holds(built("SQfp16")));
  describe("IVF, all cells visited", () => holds(built("IVF8,Flat", 8)));
  describe("a file that FAISS wrote, with ids", () => {
    holds(async ({ embedderId, ids }) => {
      const [lib, to] = [builtFaiss(), join(place, "file")];
      await buildFaissIndex({ vectors: folder, to, lib });
      return openFaissFile(join(to, "index.faiss"), { lib, embedderId, ids });
    });
  });
});

describe("USearch", () => {
  const built = (options: { type: "float16" | "float32"; mapped: boolean }): Open => {
    return async () => {
      const to = join(place, `usearch-${options.type}`);
      await buildUsearchIndex({ vectors: folder, to, type: options.type, threads: 2 });
      return openUsearchIndex(to, { mapped: options.mapped });
    };
  };
  // float16 rounds a query too, by up to 2^-11 of each number.
  describe("mapped", () => holds(built({ type: "float16", mapped: true }), { recall: 0.95, tolerance: 1e-3 }));
  describe("loaded, in float32", () => holds(built({ type: "float32", mapped: false }), { recall: 0.95 }));
});

/** PostgreSQL, however it is reached; its connection is kept from one contract to the next. */
function holdsInPostgres(connect: () => Promise<Postgres>): void {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await connect();
  });
  afterAll(() => postgres.close());
  const built = (options: Partial<BuildPgvectorOptions> & { table: string }): Open => {
    return async () => {
      await buildPgvectorIndex({ postgres, vectors: folder, ...options });
      return openPgvectorIndex({ postgres, table: options.table });
    };
  };
  describe("exact", () => holds(built({ table: "exact" })));
  describe("by its graph", () => holds(built({ table: "graph", hnsw: {} }), { recall: 0.9, tolerance: 1e-3 }));
}

describe("pgvector on PGlite", () => {
  holdsInPostgres(async () => {
    const database = await PGlite.create({ extensions: { vector } });
    return { ...pglitePostgres(database), close: () => database.close() };
  });
});

describe.skipIf(!postgresFolder)("pgvector on a PostgreSQL server (needs RAG_INSTRUCT_POSTGRES)", () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await testPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  holdsInPostgres(() => connectPostgres(server.url, { connections: 2 }));
});
