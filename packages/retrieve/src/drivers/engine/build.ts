import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type OnProgress, RagInstructError } from "@rag-instruct/core";
import { lockFolder, syncFolder, writeAtomic } from "@rag-instruct/core/node";
import { openVectorFolder, type VectorFolder } from "@rag-instruct/core/vectors";
import { type Engine, rowsOf } from "./engine.ts";
import {
  formatVersion,
  type IndexIdentity,
  type MeasuredRecall,
  readIndexManifest,
  readJson,
  sameIndex,
  summarise,
} from "./manifest.ts";
import { inPacedSteps } from "./paced.ts";

/** Options that the builders of native indexes share. */
export interface BuildIndexOptions {
  /** A vector folder, as `embedPassages` writes it. */
  vectors: string;
  /** The index folder, made when it is not there. */
  to: string;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What a native library does for a build. */
export interface EngineMaker {
  /** Of the manifest. */
  format: string;
  /** Name of the library's own file in the index folder. */
  file: string;
  settings: Readonly<Record<string, string | number>>;
  create(folder: VectorFolder): Promise<Engine>;
  /** Goes on with a file that `save` wrote. */
  restore(path: string): Engine;
  /** Puts last touches to the saved file. */
  seal?(path: string): Promise<void>;
  /** Measures what the finished index finds. */
  measure?(engine: Engine, folder: VectorFolder): Promise<MeasuredRecall | undefined>;
}

/** What a build did. */
export interface BuiltIndex {
  /** Vectors of the index. */
  rows: number;
  /** Those that this call added; the others were there already. */
  written: number;
  recall?: MeasuredRecall;
}

const begunName = "building.json";
export const idsName = "ids.txt";
const rowsAtOnce = 4096;
// What is saved before the end grows with the index, so that all savings together write about ten times its size.
const fewestBetweenSavings = 50_000;
const idsAtOnce = 4096;

/**
 * Adds the vectors of a folder to a native index and puts it into a folder, ids and checksums beside it. A build that was cut
 * short goes on from what it last saved; one that is finished is left as it is. Throws `file-exists` when the folder holds
 * another index, `index-mismatch` when it holds the beginning of another one, and `folder-locked`.
 */
export async function buildIndexFolder(options: BuildIndexOptions, maker: EngineMaker): Promise<BuiltIndex> {
  const { vectors, to, signal, onProgress } = options;
  await using folder = await openVectorFolder(vectors, signal ? { signal } : {});
  await using _lock = await lockFolder(to);
  const { embedderId, dimensions, count, corpus } = folder;
  const identity: IndexIdentity = { embedderId, dimensions, count, corpus, settings: maker.settings };
  const finished = await readIndexManifest(to, maker.format);
  if (finished) {
    if (!sameIndex(finished, identity)) {
      throw new RagInstructError(
        "file-exists",
        `${to} holds an index of other vectors or settings; choose another folder`,
      );
    }
    return { rows: count, written: 0, recall: finished.recall };
  }
  const path = join(to, maker.file);
  const engine = await begin({ to, path, identity, maker, folder });
  const before = engine.size();
  await addRows(engine, { folder, path, signal, onProgress });
  await save(engine, path);
  await maker.seal?.(path);
  const recall = await maker.measure?.(engine, folder);
  signal?.throwIfAborted();
  await finish({ to, identity, maker, folder, recall });
  return { rows: count, written: count - before, recall };
}

interface Begun {
  to: string;
  path: string;
  identity: IndexIdentity;
  maker: EngineMaker;
  folder: VectorFolder;
}

async function begin({ to, path, identity, maker, folder }: Begun): Promise<Engine> {
  const begun = await readJson<IndexIdentity>(join(to, begunName));
  if (begun === undefined) {
    await writeAtomic(join(to, begunName), `${JSON.stringify(identity, null, 2)}\n`);
    await rm(path, { force: true });
  } else if (!sameIndex(begun, identity)) {
    throw new RagInstructError(
      "index-mismatch",
      `${to} holds the beginning of an index of other vectors or settings; remove it or choose another folder`,
    );
  }
  const saved = await open(path).catch(() => undefined);
  await saved?.close();
  return saved ? maker.restore(path) : maker.create(folder);
}

async function addRows(
  engine: Engine,
  {
    folder,
    path,
    signal,
    onProgress,
  }: { folder: VectorFolder; path: string; signal: AbortSignal | undefined; onProgress: OnProgress | undefined },
): Promise<void> {
  let saved = engine.size();
  for await (const block of folder.blocks({ rows: rowsAtOnce, signal })) {
    const skip = Math.max(0, engine.size() - block.firstRow);
    if (skip >= block.count) continue;
    const add = (from: number, to: number) =>
      engine.add(rowsOf(block, skip + from, skip + to), block.firstRow + skip + from);
    await inPacedSteps(block.count - skip, add, { signal });
    onProgress?.({ stage: "index", done: engine.size(), total: folder.count });
    if (engine.size() - saved < Math.max(fewestBetweenSavings, saved / 10)) continue;
    await save(engine, path);
    saved = engine.size();
  }
}

/** There whole or not at all. */
async function save(engine: Engine, path: string): Promise<void> {
  const draft = `${path}.tmp`;
  engine.save(draft);
  const handle = await open(draft, "r+");
  await handle.sync().finally(() => handle.close());
  await rename(draft, path);
  await syncFolder(join(path, ".."));
}

async function finish({
  to,
  identity,
  maker,
  folder,
  recall,
}: Omit<Begun, "path"> & { recall: MeasuredRecall | undefined }): Promise<void> {
  await writeAtomic(join(to, idsName), idLines(folder));
  const files = {
    [maker.file]: await summarise(join(to, maker.file)),
    [idsName]: await summarise(join(to, idsName)),
  };
  const manifest = { format: maker.format, version: formatVersion, ...identity, recall, files };
  await writeAtomic(join(to, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(join(to, begunName), { force: true });
}

function* idLines(folder: VectorFolder): Generator<string> {
  for (let from = 0; from < folder.count; from += idsAtOnce) {
    const size = Math.min(idsAtOnce, folder.count - from);
    yield Array.from({ length: size }, (_, i) => `${folder.idOf(from + i)}\n`).join("");
  }
}
