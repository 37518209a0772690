import { importPeer } from "@rag-instruct/core/node";
import type { Index } from "usearch";
import type { Engine } from "../engine/engine.ts";

/** The optional peer usearch. */
export type Usearch = typeof import("usearch");

/** How a graph is made. */
export interface GraphSettings {
  dimensions: number;
  type: "float16" | "float32";
  connectivity: number;
  expansionAdd: number;
  expansionSearch: number;
}

/** Throws `peer-missing` without usearch. */
export function usearchLibrary(): Promise<Usearch> {
  return importPeer("usearch", () => import("usearch"));
}

/** An empty graph. */
export function newGraph({ Index, MetricKind, ScalarKind }: Usearch, settings: GraphSettings): Index {
  const { dimensions, type, connectivity, expansionAdd, expansionSearch } = settings;
  return new Index({
    dimensions,
    metric: MetricKind.IP,
    quantization: type === "float16" ? ScalarKind.F16 : ScalarKind.F32,
    connectivity,
    expansion_add: expansionAdd,
    expansion_search: expansionSearch,
    multi: false,
  });
}

/** An {@link Engine} over a graph; rows are its keys. */
export function usearchEngine(graph: Index, { threads }: { threads: number }): Engine {
  return {
    size: () => graph.size(),
    add({ data, count }, firstRow) {
      graph.add(
        BigUint64Array.from({ length: count }, (_, i) => BigInt(firstRow + i)),
        data,
        threads,
      );
    },
    search({ data, count }, { hits, first }) {
      const { limit, rows, scores } = hits;
      const wanted = Math.min(limit, graph.size());
      const { keys, distances, counts } = searchAll(graph, { data, count, wanted, threads });
      for (let q = 0; q < count; q++) {
        for (let at = 0; at < Number(counts[q]); at++) {
          rows[(first + q) * limit + at] = Number(keys[q * wanted + at]);
          // USearch's distance is 1 less the product.
          scores[(first + q) * limit + at] = 1 - distances[q * wanted + at]!;
        }
      }
    },
    save: (path) => graph.save(path),
  };
}

interface GraphHits {
  keys: BigUint64Array;
  distances: Float32Array;
  /** Hits of each query. */
  counts: ArrayLike<bigint | number>;
}

/** USearch answers one query in another shape than several. */
function searchAll(
  graph: Index,
  { data, count, wanted, threads }: { data: Float32Array; count: number; wanted: number; threads: number },
): GraphHits {
  if (count === 1) {
    const { keys, distances } = graph.search(data, wanted, threads);
    return { keys, distances, counts: [keys.length] };
  }
  return graph.search([data], wanted, threads);
}
