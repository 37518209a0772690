import { open } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";
import { byteReader, corruptFaiss } from "./byte-reader.ts";
import type { FaissHeader } from "./header.ts";
import { walkIndex } from "./layout.ts";

/**
 * Reads the header of an index file and proves that the file holds all that its lengths promise, and nothing more: faiss-node
 * does not say what the metric is, and ends the process over many damaged files. Vectors themselves are not read.
 * Throws `file-missing`, `unknown-format` and `file-corrupt`.
 */
export async function checkFaissFile(path: string): Promise<FaissHeader> {
  const handle = await open(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there or cannot be read`, { cause });
  });
  try {
    const { size } = await handle.stat();
    const reader = byteReader(handle, path, size);
    const header = await walkIndex(reader);
    if (reader.at() !== size) throw corruptFaiss(path, `has ${size} bytes where ${reader.at()} belong`);
    return header;
  } finally {
    await handle.close();
  }
}
