import { availableParallelism } from "node:os";
import { type Closable, type Hits, RagInstructError, type VectorIndex, type Vectors } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import { readVectorManifest, type VectorFolder } from "@rag-instruct/core/vectors";
import type { Index } from "usearch";
import { emptyHits, mergeHits, sharedHits } from "../hits.ts";
import { type Engine, inPacedSteps, rowsOf } from "./engine/engine.ts";
import {
  type BuildIndexOptions,
  type BuiltIndex,
  buildIndexFolder,
  type IndexManifest,
  type MeasuredRecall,
  type OpenIndexFolderOptions,
  openIndexFolder,
} from "./engine/index-folder.ts";

export type { BuildIndexOptions, BuiltIndex, MeasuredRecall, OpenIndexFolderOptions } from "./engine/index-folder.ts";

/** Options of {@link buildUsearchIndex}. */
export interface BuildUsearchOptions extends BuildIndexOptions {
  /** How numbers are kept: float16 takes half the room. @default "float16" */
  type?: "float16" | "float32";
  /** Neighbours of a vector in the graph. @default 16 */
  connectivity?: number;
  /** Candidates kept while a vector is added: more make a better graph, slower. @default 128 */
  expansionAdd?: number;
  /** @default one a core */
  threads?: number;
}

const usearchFormat = "rag-instruct/usearch";
const usearchFile = "index.usearch";

/**
 * Builds an HNSW graph of a vector folder with the optional peer usearch, by inner product, in a folder that `openUsearchIndex`
 * maps. A build that was cut short goes on. Its result, and the manifest, say what share of the exact hits the graph finds: for
 * up to 200 of its own vectors, 250 hits each, searched with as many candidates as hits.
 * Throws `peer-missing`, `bad-option`, `file-exists`, `index-mismatch`, `folder-locked` and `file-unwritable`.
 */
export async function buildUsearchIndex(options: BuildUsearchOptions): Promise<BuiltIndex> {
  const { type = "float16", connectivity = 16, expansionAdd = 128, threads = availableParallelism(), signal } = options;
  for (const [name, number] of Object.entries({ connectivity, expansionAdd, threads })) {
    if (Number.isInteger(number) && number >= 1 && number <= 4096) continue;
    throw new RagInstructError("bad-option", `${name} is ${number}; it must be from 1 to 4096`);
  }
  const library = await usearchLibrary();
  const { dimensions } = await readVectorManifest(options.vectors);
  const settings: GraphSettings = { dimensions, type, connectivity, expansionAdd, expansionSearch: 0 };
  return buildIndexFolder(options, {
    format: usearchFormat,
    file: usearchFile,
    settings: { type, connectivity, expansionAdd },
    create: async () => usearchEngine(newGraph(library, settings), { threads }),
    restore(path) {
      const graph = newGraph(library, settings);
      graph.load(path);
      return usearchEngine(graph, { threads });
    },
    measure: (engine, folder) => measureRecall(engine, { library, folder, signal }),
  });
}

/** Options of {@link openUsearchIndex}. */
export interface OpenUsearchOptions extends OpenIndexFolderOptions {
  /** Whether the file is mapped, and read as searches need it, rather than loaded whole. @default true */
  mapped?: boolean;
  /** Candidates that a search keeps, and at least the depth asked for: more find more and take longer. @default 512 */
  expansionSearch?: number;
  /** @default one a core */
  threads?: number;
}

/** An open graph. */
export interface UsearchIndex extends VectorIndex, Closable {
  /** What was measured when the graph was built. */
  recall?: MeasuredRecall;
}

/**
 * Opens a folder that `buildUsearchIndex` made. `verify: false` leaves all but the ids unread until they are searched.
 * Throws `peer-missing`, `bad-option`, `file-missing`, `file-corrupt`, `unknown-format` and `unsupported-version`.
 */
export async function openUsearchIndex(folder: string, options: OpenUsearchOptions = {}): Promise<UsearchIndex> {
  const { mapped = true, expansionSearch = 512, threads = availableParallelism() } = options;
  if (!Number.isInteger(expansionSearch) || expansionSearch < 1) {
    throw new RagInstructError("bad-option", `expansionSearch is ${expansionSearch}; it must be 1 or more`);
  }
  const library = await usearchLibrary();
  const { index, manifest } = await openIndexFolder(folder, {
    ...options,
    format: usearchFormat,
    file: usearchFile,
    load: (path, found) => usearchEngine(readGraph(library, path, { found, mapped, expansionSearch }), { threads }),
  });
  return Object.assign(index, { recall: manifest.recall });
}

function readGraph(
  library: Usearch,
  path: string,
  { found, mapped, expansionSearch }: { found: IndexManifest; mapped: boolean; expansionSearch: number },
): ReturnType<typeof newGraph> {
  const { dimensions, settings } = found;
  const graph = newGraph(library, { dimensions, ...settings, expansionSearch } as GraphSettings);
  try {
    if (mapped) graph.view(path);
    else graph.load(path);
  } catch (cause) {
    throw new RagInstructError(
      "file-corrupt",
      `USearch cannot read ${path}: ${(cause as Error).message}; build it again`,
      {
        cause,
      },
    );
  }
  return graph;
}

/** The optional peer usearch. */
type Usearch = typeof import("usearch");

/** How a graph is made. */
interface GraphSettings {
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
function newGraph({ Index, MetricKind, ScalarKind }: Usearch, settings: GraphSettings): Index {
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
function usearchEngine(graph: Index, { threads }: { threads: number }): Engine {
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

const maxQueries = 200;
const maxHits = 250;
const rowsAtOnce = 4096;

/** Compares what a graph finds for evenly drawn vectors of the folder with USearch's exact search over all of them. */
async function measureRecall(
  engine: Engine,
  { library, folder, signal }: { library: Usearch; folder: VectorFolder; signal: AbortSignal | undefined },
): Promise<MeasuredRecall | undefined> {
  const drawn = Math.min(maxQueries, folder.count);
  if (drawn === 0) return undefined;
  const rows = Array.from({ length: drawn }, (_, i) => Math.floor((i * folder.count) / drawn));
  const queries = await folder.rows(rows, { signal });
  const limit = Math.min(maxHits, folder.count);
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
