import { availableParallelism } from "node:os";
import { RagInstructError } from "@rag-instruct/core";
import { readVectorManifest } from "@rag-instruct/core/vectors";
import { type BuildIndexOptions, type BuiltIndex, buildIndexFolder } from "../engine/build.ts";
import { type GraphSettings, newGraph, usearchEngine, usearchLibrary } from "./engine.ts";
import { measureRecall } from "./measure.ts";

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

export const usearchFormat = "rag-instruct/usearch";
export const usearchFile = "index.usearch";

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
