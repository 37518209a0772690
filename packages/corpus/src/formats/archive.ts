import { RagInstructError } from "@rag-instruct/core";

/** A file in an archive. */
export interface ArchiveEntry {
  /** Path inside the archive, with `/`. */
  path: string;
  bytes: AsyncIterable<Uint8Array>;
}

/** Reads an archive or a file in it; what the reader throws comes as `file-corrupt` with the archive's name. */
export async function* namingCorrupt<T>(archive: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (cause) {
    if (RagInstructError.is(cause) || (cause as Error).name === "AbortError") throw cause;
    throw new RagInstructError("file-corrupt", `${archive}: the archive is damaged (${(cause as Error).message})`, {
      cause,
    });
  }
}

/** True when a path inside an archive leads out of it. */
export function leadsOut(path: string): boolean {
  return /^([/\\]|[A-Za-z]:)/.test(path) || path.split(/[/\\]/).includes("..");
}
