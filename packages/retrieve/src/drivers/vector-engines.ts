import { rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import {
  type CheckOutcome,
  type Closable,
  checkOutcome,
  type OnProgress,
  type Progress,
  RagInstructError,
  type VectorIndex,
} from "@rag-instruct/core";
import { isThere, type RunContext, removePartials, type Stage, type StageTools } from "@rag-instruct/core/node";
import { openVectorIndex } from "../dense/vector-index.ts";
import type { BuiltIndex } from "./engine/index-folder.ts";
import type { FaissLibrary } from "./faiss/library.ts";

/** Which library searches the vectors of a folder, and how; an option that is left out is the library's own default. */
export type VectorEngine =
  | ({ engine: "exact" } & ExactOptions)
  | ({ engine: "faiss" } & FaissOptions)
  | ({ engine: "usearch" } & UsearchOptions);

/** Options of `openVectorIndex`, which reads the vectors themselves. */
interface ExactOptions {
  precision?: "float32" | "int8";
  /** Bytes. */
  memory?: number;
}

/** Options of `buildFaissIndex` of `@rag-instruct/retrieve/faiss`. */
interface FaissOptions {
  factory?: string;
  nprobe?: number;
  efSearch?: number;
  /** File of a build of faiss-node, where its own binary is not there. @default the optional peer faiss-node */
  library?: string;
}

/** Options of `buildUsearchIndex` and `openUsearchIndex` of `@rag-instruct/retrieve/usearch`. */
interface UsearchOptions {
  connectivity?: number;
  expansionAdd?: number;
  expansionSearch?: number;
}

/** Where an engine's index is. */
export interface EngineFolders {
  /** The vector folder, as `embedPassages` writes it. */
  vectors: string;
  /** The folder of the index that the engine builds; the exact search needs none. */
  index: string;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Builds the index that an engine searches. One that was cut short goes on. Throws what `buildFaissIndex` and `buildUsearchIndex` throw. */
export async function buildVectorEngine(
  choice: Exclude<VectorEngine, { engine: "exact" }>,
  { vectors, index, onProgress, signal }: EngineFolders,
): Promise<BuiltIndex> {
  const options = { vectors, to: index, onProgress, signal };
  if (choice.engine === "faiss") {
    const { factory, nprobe, efSearch, library } = choice;
    const { buildFaissIndex } = await import("./faiss.ts");
    return buildFaissIndex({ ...options, factory, nprobe, efSearch, lib: await builtLibrary(library) });
  }
  const { connectivity, expansionAdd } = choice;
  const { buildUsearchIndex } = await import("./usearch.ts");
  return buildUsearchIndex({ ...options, connectivity, expansionAdd });
}

/** Opens what an engine searches. Throws what `openVectorIndex`, `openFaissIndex` and `openUsearchIndex` throw. */
export async function openVectorEngine(
  choice: VectorEngine,
  { vectors, index, onProgress, signal }: EngineFolders,
): Promise<VectorIndex & Closable> {
  if (choice.engine === "exact") {
    const { precision, memory } = choice;
    return openVectorIndex({ vectors, precision, memory, onProgress, signal });
  }
  if (choice.engine === "faiss") {
    const { openFaissIndex } = await import("./faiss.ts");
    return openFaissIndex(index, { lib: await builtLibrary(choice.library), signal });
  }
  const { openUsearchIndex } = await import("./usearch.ts");
  // The file is mapped, and read as searches need it.
  return openUsearchIndex(index, { expansionSearch: choice.expansionSearch, verify: false, signal });
}

/** Throws `peer-missing` or `file-missing`, with what to do, where the library of an engine cannot be loaded. */
export async function requireVectorEngine(choice: VectorEngine): Promise<void> {
  if (choice.engine === "faiss") {
    const { faissLibrary } = await import("./faiss/library.ts");
    await faissLibrary(await builtLibrary(choice.library));
  }
  if (choice.engine === "usearch") {
    const { usearchLibrary } = await import("./usearch.ts");
    await usearchLibrary();
  }
}

/** Whether the library of an engine is there, for a list of checks. */
export async function checkVectorEngine(choice: VectorEngine): Promise<CheckOutcome> {
  const { engine } = choice;
  try {
    await requireVectorEngine(choice);
    return checkOutcome.ok("engine", engine === "exact" ? "exact search of all vectors" : `${engine} is here`);
  } catch (error) {
    const other = "or search all vectors by --engine exact, which needs no library";
    const mend =
      engine === "faiss" ? "build faiss-node and name its file as retrieval.library" : `npm install ${engine}`;
    return checkOutcome.failed("engine", (error as Error).message, `${mend}, ${other}`);
  }
}

/** The build of faiss-node in a file. Throws `file-missing`, and `peer-missing` for one that is none. */
async function builtLibrary(path: string | undefined): Promise<FaissLibrary | undefined> {
  if (path === undefined) return undefined;
  if (!(await isThere(path)))
    throw new RagInstructError("file-missing", `the build of faiss-node ${path} is not there; mend retrieval.library`);
  const unfit = (why: string, cause?: unknown) =>
    new RagInstructError("peer-missing", `${path} is no build of faiss-node for this machine: ${why}`, { cause });
  let library: Partial<FaissLibrary>;
  try {
    library = createRequire(import.meta.url)(resolve(path)) as Partial<FaissLibrary>;
  } catch (cause) {
    throw unfit(String((cause as Error).message).split("\n", 1)[0]!, cause);
  }
  if (library.Index === undefined) throw unfit("it has no Index");
  return library as FaissLibrary;
}

/**
 * The stage of a run that makes vectors to the index of an engine that searches one of its own. A build that was interrupted goes on.
 * @param options.vectors folder of the vectors in the run folder. @default "embeddings"
 * @param options.to folder of the index in the run folder. @default "vector-index"
 */
export function engineStage(
  engine: Parameters<typeof buildVectorEngine>[0],
  { vectors = "embeddings", to = "vector-index" }: { vectors?: string; to?: string } = {},
): Stage<RunContext & StageTools> {
  const { library: _, ...inputs } = { library: undefined, ...engine };
  return {
    name: "engine",
    needs: ["ingest", "embed"],
    inputs,
    outputs: [to],
    stakes: { isUnedited: true },
    async run({ folder, key, signal, onProgress, replacing }) {
      const partial = `${to}-${key.slice(0, 12)}.partial`;
      await removePartials(folder, to, partial);
      const index = folder.path(partial);
      const seen = (progress: Progress) => onProgress({ ...progress, stage: "engine" });
      const built = await buildVectorEngine(engine, {
        vectors: folder.path(vectors),
        index,
        signal,
        onProgress: seen,
      });
      await replacing();
      await rm(folder.path(to), { recursive: true, force: true });
      await rename(index, folder.path(to));
      return { counts: { vectors: built.rows } };
    },
  };
}
