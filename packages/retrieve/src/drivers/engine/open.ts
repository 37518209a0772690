import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Closable, RagInstructError, type VectorIndex } from "@rag-instruct/core";
import { rowIdsOf } from "@rag-instruct/core/vectors";
import { idsName } from "./build.ts";
import type { Engine } from "./engine.ts";
import { checkFiles, type IndexManifest, readIndexManifest } from "./manifest.ts";
import { searchable } from "./searchable.ts";

/** Options that opening an index folder of any native library takes. */
export interface OpenIndexFolderOptions {
  /** Compare the checksum of every file. @default true */
  verify?: boolean;
  /** Queries handed to the library at once: more are faster, and block the thread for longer. @default as many as take about 40 ms */
  batch?: number;
  signal?: AbortSignal;
}

/**
 * Opens a folder that a build has finished. Throws `file-missing`, `file-corrupt`, `unknown-format` and `unsupported-version`.
 */
export async function openIndexFolder(
  folder: string,
  options: OpenIndexFolderOptions & {
    format: string;
    /** Reads or maps the library's own file. */
    load(path: string, manifest: IndexManifest): Engine | Promise<Engine>;
    file: string;
  },
): Promise<{ index: VectorIndex & Closable; manifest: IndexManifest }> {
  const { verify = true, batch, signal, format, load, file } = options;
  const manifest = await readIndexManifest(folder, format);
  if (!manifest) {
    throw new RagInstructError("file-missing", `${folder} holds no finished index; run the build to its end`);
  }
  for (const name of [file, idsName]) {
    if (manifest.files[name]) continue;
    throw new RagInstructError("file-corrupt", `${join(folder, "manifest.json")} lacks ${name}; build the index again`);
  }
  await checkFiles(folder, manifest.files, { verify, signal });
  const ids = rowIdsOf(await readFile(join(folder, idsName)), { count: manifest.count, name: join(folder, idsName) });
  signal?.throwIfAborted();
  const engine = await load(join(folder, file), manifest);
  if (engine.size() !== manifest.count) {
    throw new RagInstructError(
      "file-corrupt",
      `${join(folder, file)} holds ${engine.size()} vectors, not ${manifest.count}; build the index again`,
    );
  }
  const { embedderId, corpus, dimensions } = manifest;
  const bytes = manifest.files[file]?.bytes ?? 0;
  const index = searchable({ embedderId, corpus, dimensions, engine, idOf: (row) => ids.at(row), bytes, batch });
  return { index, manifest };
}
