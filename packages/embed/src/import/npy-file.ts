import { open } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";
import { maxNpyHeader, parseNpyHeader } from "@rag-instruct/core/vectors";
import type { ArrayFile } from "./array-file.ts";

/** The matrix in a .npy file. Throws `file-missing`, `file-corrupt`, `unknown-format`. */
export async function readNpyFile(path: string): Promise<ArrayFile> {
  await using handle = await open(path).catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there`, { cause });
  });
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxNpyHeader), 0, maxNpyHeader, 0);
  const { descr, fortranOrder, shape, dataOffset } = parseNpyHeader(buffer.subarray(0, bytesRead), path);
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || !columns) {
    throw new RagInstructError("unknown-format", `${path} holds an array of shape ${shape}, not rows of vectors`);
  }
  return { path, name: path, offset: dataOffset, rows, columns, descr, fortranOrder };
}
