import { RagInstructError } from "@rag-instruct/core";

export function unwritable(path: string, cause: unknown): RagInstructError {
  const why = (cause as NodeJS.ErrnoException).code === "ENOSPC" ? "the disk is full" : (cause as Error).message;
  return new RagInstructError("file-unwritable", `cannot write ${path}: ${why}`, { cause });
}
