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
  if (!isWhole(manifest)) throw corrupt(path, "lacks fields, or its counts are not those of its files");
  return manifest;
}

function isWhole({ analyzer, corpus, files, ...numbers }: Partial<Bm25Manifest>): boolean {
  if (typeof analyzer !== "string" || typeof corpus !== "string" || typeof files !== "object" || !files) return false;
  const { k1 = -1, b = -1, meanLength = -1, passages = 0, terms = -1 } = numbers;
  const inRange = Number.isFinite(k1) && k1 >= 0 && b >= 0 && b <= 1 && meanLength >= 0;
  const counted = Number.isInteger(passages) && passages > 0 && Number.isInteger(terms) && terms >= 0;
  // Each array of offsets has one number more than there are things.
  const sizes = { "id-offsets.bin": passages * 4 + 4, "lengths.bin": passages, "term-offsets.bin": terms * 4 + 4 };
  return inRange && counted && Object.entries(sizes).every(([name, bytes]) => files[name]?.bytes === bytes);
}

export function corrupt(path: string, what: string, cause?: unknown): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; build the index again`, { cause });
}
