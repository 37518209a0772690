import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { chooseGraph, filesOfGraph, type GraphWish } from "./graph-names.ts";
import { isThere } from "./model-files.ts";

/** The graph in a model's folder. Throws what `chooseGraph` does. */
export async function findGraph(folder: string, wish: GraphWish): Promise<string> {
  const inOnnx = (await namesIn(join(folder, "onnx"))).map((name) => `onnx/${name}`);
  const paths = [...inOnnx, ...(await namesIn(folder))].sort();
  return join(folder, chooseGraph(paths, { ...wish, model: folder }));
}

/** SHA-256 of what decides the vectors: a graph, its weights where they stand in files of their own, and the tokenizer. */
export async function hashModel(folder: string, graph: string): Promise<string> {
  const hash = createHash("sha256");
  for (const path of [...(await weightFiles(graph)), join(folder, "tokenizer.json")]) {
    if (!(await isThere(path))) continue;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

/** Bytes of a graph with its weights. */
export async function sizeOfGraph(graph: string): Promise<number> {
  const files = await Promise.all((await weightFiles(graph)).map((path) => stat(path)));
  return files.reduce((sum, { size }) => sum + size, 0);
}

async function weightFiles(graph: string): Promise<string[]> {
  const names = filesOfGraph(await namesIn(dirname(graph)), basename(graph));
  return names.map((name) => join(dirname(graph), name));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
