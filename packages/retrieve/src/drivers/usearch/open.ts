import { availableParallelism } from "node:os";
import { type Closable, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import type { IndexManifest, MeasuredRecall } from "../engine/manifest.ts";
import { type OpenIndexFolderOptions, openIndexFolder } from "../engine/open.ts";
import { usearchFile, usearchFormat } from "./build.ts";
import { type GraphSettings, newGraph, type Usearch, usearchEngine, usearchLibrary } from "./engine.ts";

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
  return Object.assign(index, manifest.recall ? { recall: manifest.recall } : {});
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
