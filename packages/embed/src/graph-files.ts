import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { isThere } from "./model-files.ts";

/** The graph in a model's folder. Throws `file-missing`. */
export async function findGraph(folder: string, { quantized }: { quantized: boolean }): Promise<string> {
  const names = quantized ? ["model_quantized.onnx", "model_int8.onnx"] : ["model.onnx"];
  for (const path of names.flatMap((name) => [join(folder, "onnx", name), join(folder, name)])) {
    if (await isThere(path)) return path;
  }
  throw new RagInstructError("file-missing", `${folder} holds no ${names.join(" or ")}; export the model to ONNX`);
}

/** SHA-256 of what decides the vectors: a graph, its weights where they stand in files of their own, and the tokenizer. */
export async function hashModel(folder: string, graph: string): Promise<string> {
  const hash = createHash("sha256");
  for (const path of [...weightFiles(graph), join(folder, "tokenizer.json")]) {
    if (!(await isThere(path))) continue;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

/** Bytes of a graph with its weights. */
export async function sizeOfGraph(graph: string): Promise<number> {
  const sizes = weightFiles(graph).map((path) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A graph, and where exporters put weights that are too large for it. */
function weightFiles(graph: string): string[] {
  return [graph, `${graph}_data`, `${graph}.data`];
}
