import { resolve } from "node:path";
import { checkOptions } from "@rag-instruct/core/options";
import { describe, expect, it } from "vitest";
import { type RetrievalChoice, resolveRetrieval, retrieval, statedRetrieval } from "./options.ts";

const all = { hasEmbeddings: true, hasPostgres: true };
const here = { hasEmbeddings: true, hasPostgres: false };

describe("a choice of ranking", () => {
  it("has defaults that follow from what there is", () => {
    expect(resolveRetrieval(undefined, { hasEmbeddings: false, hasPostgres: false })).toEqual({
      kind: "bm25",
      analyzer: "auto",
      engine: { engine: "exact" },
    });
    expect(resolveRetrieval("dense", all)).toMatchObject({ kind: "dense", engine: { engine: "pgvector" } });
    expect(resolveRetrieval({ analyzer: "german" }, here)).toMatchObject({ kind: "hybrid", analyzer: "german" });
  });

  it.each<[RetrievalChoice, string]>([
    [{ kind: "dense" }, 'retrieval "dense" needs embeddings'],
    [{ engine: "usearch" }, 'the engine "usearch" searches vectors, and needs embeddings'],
  ])("is refused without a model: %j", (choice, message) => {
    expect(() => resolveRetrieval(choice, { hasEmbeddings: false, hasPostgres: true })).toThrow(message);
  });

  it("is refused with an engine that is not there, or an option of another", () => {
    expect(() => resolveRetrieval({ engine: "pgvector" }, here)).toThrow("needs a PostgreSQL with pgvector");
    expect(() => resolveRetrieval({ engine: "faiss", memory: 1 }, here)).toThrow(
      'memory is an option of "exact", and the engine is "faiss"',
    );
  });

  it.each<RetrievalChoice>([
    { kind: "dense", engine: "usearch", connectivity: 8 },
    { kind: "hybrid", engine: "faiss", factory: "HNSW32", library: "lib/faiss.node" },
    { kind: "bm25", analyzer: "danish" },
    { kind: "hybrid", engine: "exact", precision: "int8" },
  ])("is the same when it was stated and read again: %j", (choice) => {
    const resolved = resolveRetrieval(choice, here);
    const stated = checkOptions(retrieval, statedRetrieval(resolved, here), () => "config");
    const library = choice.library && resolve(choice.library);
    const engine = library ? { ...resolved.engine, library } : resolved.engine;
    expect(resolveRetrieval(stated, here)).toEqual({ ...resolved, engine });
  });

  it("is stated in a word where its engine is the usual one", () => {
    expect(statedRetrieval(resolveRetrieval("hybrid", here), here)).toBe("hybrid");
  });
});
