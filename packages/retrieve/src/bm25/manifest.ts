import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";

/** What a BM25 index folder says of itself in `manifest.json`. */
export interface Bm25Manifest {
  format: "rag-instruct-bm25";
  version: number;
  analyzer: string;
  k1: number;
  b: number;
  passages: number;
  /** Mean number of terms of a passage. */
  meanLength: number;
  terms: number;
  /** SHA-256 over the passages' ids in order, each with a newline behind it. */
  corpus: string;
  files: Record<string, { bytes: number; sha256: string }>;
}

/** The version that this release writes and reads. */
export const formatVersion = 3;

/** Throws `file-missing`, `file-corrupt` and `unsupported-version`. */
export async function readManifest(folder: string): Promise<Bm25Manifest> {
  const path = join(folder, "manifest.json");
  let manifest: Bm25Manifest;
  try {
    manifest = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new RagInstructError("file-missing", `${folder} holds no BM25 index; build one with buildBm25Index`, {
        cause,
      });
    }
    throw corrupt(path, "is not JSON", cause);
  }
  if (manifest?.format !== "rag-instruct-bm25") throw corrupt(path, "is no BM25 manifest");
  if (manifest.version !== formatVersion) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} has version ${manifest.version}, and this release reads version ${formatVersion}; update the package or build the index again`,
    );
  }
  return manifest;
}

export function corrupt(path: string, what: string, cause?: unknown): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; build the index again`, { cause });
}
