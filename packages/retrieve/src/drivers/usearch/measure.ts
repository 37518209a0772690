import type { Hits, Vectors } from "@rag-instruct/core";
import type { VectorFolder } from "@rag-instruct/core/vectors";
import { emptyHits, mergeHits } from "../../dense/running-best.ts";
import { sharedHits } from "../../recall.ts";
import { type Engine, rowsOf } from "../engine/engine.ts";
import type { MeasuredRecall } from "../engine/manifest.ts";
import { inPacedSteps } from "../engine/paced.ts";
import type { Usearch } from "./engine.ts";

const mostQueries = 200;
const mostHits = 250;
const rowsAtOnce = 4096;

/** Compares what a graph finds for evenly drawn vectors of the folder with USearch's exact search over all of them. */
export async function measureRecall(
  engine: Engine,
  { library, folder, signal }: { library: Usearch; folder: VectorFolder; signal: AbortSignal | undefined },
): Promise<MeasuredRecall | undefined> {
  const drawn = Math.min(mostQueries, folder.count);
  if (drawn === 0) return undefined;
  const rows = Array.from({ length: drawn }, (_, i) => Math.floor((i * folder.count) / drawn));
  const queries = await folder.rows(rows, signal ? { signal } : {});
  const limit = Math.min(mostHits, folder.count);
  const expected = await exactHits(queries, { library, folder, limit, signal });
  const found = emptyHits(drawn, limit);
  const search = (from: number, to: number) => engine.search(rowsOf(queries, from, to), { hits: found, first: from });
  await inPacedSteps(drawn, search, { signal });
  return { value: sharedHits(found, expected), limit, queries: drawn };
}

async function exactHits(
  queries: Vectors,
  options: { library: Usearch; folder: VectorFolder; limit: number; signal: AbortSignal | undefined },
): Promise<Hits> {
  const { library, folder, limit, signal } = options;
  const hits = emptyHits(queries.count, limit);
  for await (const block of folder.blocks({ rows: rowsAtOnce, signal })) {
    const step = (from: number, to: number) => {
      const k = Math.min(limit, block.count);
      // The binding reads a buffer from its beginning, wherever in it an array lies.
      const [passages, some] = [rowsOf(block, 0, block.count), rowsOf(queries, from, to)].map(({ data }) =>
        data.slice(),
      );
      const { keys, distances } = library.exactSearch(passages!, some!, folder.dimensions, k, library.MetricKind.IP, 0);
      const found = {
        limit: k,
        rows: Int32Array.from(keys, Number),
        scores: distances.map((distance) => 1 - distance),
      };
      mergeHits(hits, found, { firstQuery: from, firstRow: block.firstRow });
    };
    await inPacedSteps(queries.count, step, { signal });
  }
  return hits;
}
