import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { hashFile } from "@rag-instruct/core/node";

/** What an index is made of and how; two that are equal hold the same. */
export interface IndexIdentity {
  embedderId: string;
  dimensions: number;
  count: number;
  /** SHA-256 over the passages' ids in order, each followed by a newline. */
  corpus: string;
  /** The engine's own settings; undefined is as good as left out. */
  settings: Readonly<Record<string, string | number | undefined>>;
}

/** Share of the exact hits that an index finds, and how that was measured. */
export interface MeasuredRecall {
  /** From 0 to 1. */
  value: number;
  /** Hits compared for each query. */
  limit: number;
  queries: number;
}

/** `manifest.json` of an index folder. */
export interface IndexManifest extends IndexIdentity {
  format: string;
  version: number;
  recall?: MeasuredRecall;
  files: Record<string, FileSummary>;
}

/** Size and checksum of a file. */
interface FileSummary {
  bytes: number;
  sha256: string;
}

export const formatVersion = 1;

/** Whether two indexes hold the same; undefined stands for none. */
export function sameIndex(a: IndexIdentity | undefined, b: IndexIdentity): boolean {
  const parts = ({ embedderId, dimensions, count, corpus, settings }: IndexIdentity) => {
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    return JSON.stringify([embedderId, dimensions, count, corpus, given.sort()]);
  };
  return a !== undefined && parts(a) === parts(b);
}

/** Reads a manifest; undefined where there is none. Throws `file-corrupt`, `unknown-format` and `unsupported-version`. */
export async function readIndexManifest(folder: string, format: string): Promise<IndexManifest | undefined> {
  const path = join(folder, "manifest.json");
  const manifest = await readJson<IndexManifest>(path);
  if (manifest === undefined) return undefined;
  if (manifest.format !== format) {
    throw new RagInstructError("unknown-format", `${path} has the format ${manifest.format}, not ${format}`);
  }
  if (manifest.version !== formatVersion) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} has version ${manifest.version}, and this release reads version ${formatVersion}; update the package or build the index again`,
    );
  }
  const { embedderId, dimensions, count, corpus, settings, files } = manifest;
  const named = [embedderId, corpus].every((text) => typeof text === "string");
  const counted = Number.isInteger(dimensions) && dimensions > 0 && Number.isInteger(count) && count >= 0;
  if (!named || !counted || typeof settings !== "object" || !areSummaries(files)) {
    throw new RagInstructError("file-corrupt", `${path} lacks fields; build the index again`);
  }
  return manifest;
}

function areSummaries(files: unknown): boolean {
  if (typeof files !== "object" || files === null) return false;
  // Names, never paths: a manifest must not lead out of its folder.
  return Object.entries(files).every(([name, file]) => typeof file?.bytes === "number" && !/[\\/]/.test(name));
}

/** Reads a JSON object; undefined where there is no such file. Throws `file-corrupt`. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as T;
  } catch {
    // Thrown below.
  }
  throw new RagInstructError("file-corrupt", `${path} is not a JSON object; build the index again`);
}

/** Compares files with a manifest: sizes, and checksums when asked for. Throws `file-missing` and `file-corrupt` with the name. */
export async function checkFiles(
  folder: string,
  files: Record<string, FileSummary>,
  { verify, signal }: { verify: boolean; signal: AbortSignal | undefined },
): Promise<void> {
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    const path = join(folder, name);
    const there = await stat(path).catch(() => undefined);
    if (!there) throw new RagInstructError("file-missing", `${path} is missing; build the index again`);
    if (there.size !== bytes) {
      throw new RagInstructError(
        "file-corrupt",
        `${path} has ${there.size} bytes instead of ${bytes}; build the index again`,
      );
    }
    if (!verify || (await hashFile(path, { signal })).sha256 === sha256) continue;
    throw new RagInstructError(
      "file-corrupt",
      `${path} does not match the checksum in the manifest; build the index again`,
    );
  }
}
