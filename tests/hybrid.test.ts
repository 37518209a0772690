import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hasScifact, measureHybrid, readScifact } from "./support/scifact.ts";

// The whole collection takes minutes to embed: bench/retrieve/hybrid.ts.
it.skipIf(!hasScifact)(
  "the shared SciFact and MiniLM, 260 of the passages and 150 of the queries: BM25 and vectors fused are better than either",
  async () => {
    const all = await readScifact();
    const queries = all.queries.slice(0, 150);
    const qrels = new Map(queries.map(({ id }) => [id, all.qrels.get(id)!]));
    const judged = new Set([...qrels.values()].flatMap((grades) => [...grades.keys()]));
    const others = all.passages.filter(({ id }) => !judged.has(id)).slice(0, 260 - judged.size);
    const passages = all.passages.filter(({ id }) => judged.has(id)).concat(others);
    const to = await mkdtemp(join(tmpdir(), "hybrid-"));
    try {
      const { bm25, dense, hybrid } = await measureHybrid(
        { passages, queries, qrels },
        { to, quantized: true, maxTokens: 128 },
      );
      expect(hybrid.ndcg).toBeGreaterThan(Math.max(bm25.ndcg, dense.ndcg) + 0.005);
      expect(hybrid.recall).toBeGreaterThanOrEqual(Math.max(bm25.recall, dense.recall) - 0.005);
    } finally {
      await rm(to, { recursive: true });
    }
  },
  300_000,
);
