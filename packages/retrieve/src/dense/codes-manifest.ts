import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";

export const codesFormat = "rag-instruct/int8-vectors";
export const codesVersion = 1;

/** What `manifest.json` says of the codes of a vector folder. */
export interface CodesManifest {
  format: typeof codesFormat;
  version: number;
  /** Fingerprint of the vector folder that the codes were made from. */
  vectors: string;
  dimensions: number;
  count: number;
  center: number[];
  largestError: number;
  largestLength: number;
  /** SHA-256 of each file. */
  files: Record<string, string>;
}

/** Reads the manifest; undefined where there is none. Throws `file-corrupt` and `unsupported-version` with the name. */
export async function readCodesManifest(folder: string): Promise<CodesManifest | undefined> {
  const path = join(folder, "manifest.json");
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new RagInstructError("file-corrupt", `${path} cannot be read: ${cause.message}`, { cause });
  });
  if (text === undefined) return undefined;
  const manifest = parse(text, path);
  if (manifest.format !== codesFormat) throw notCodes(path);
  if (manifest.version !== codesVersion) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} is of version ${manifest.version}, and this release reads version ${codesVersion}; update the package, or delete ${folder} to write it again`,
    );
  }
  const { vectors, dimensions, count, center, largestError, largestLength, files } = manifest;
  const numbers = [dimensions, count, largestError, largestLength];
  const whole = typeof vectors === "string" && numbers.every(Number.isFinite) && center?.length === dimensions && files;
  if (!whole) throw notCodes(path);
  return manifest as CodesManifest;
}

function parse(text: string, path: string): Partial<CodesManifest> {
  try {
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw notCodes(path, cause);
  }
}

function notCodes(path: string, cause?: unknown): RagInstructError {
  return new RagInstructError(
    "file-corrupt",
    `${path} is no manifest of int8 vectors; delete its folder to write it again`,
    {
      cause,
    },
  );
}
