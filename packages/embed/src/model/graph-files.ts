import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { badOption, RagInstructError } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";

/** Which of a model's graphs is wanted. */
export interface GraphChoice {
  /** Name of the file, such as `model_fp16.onnx`. */
  graph?: string | undefined;
  /** A graph in int8. */
  quantized: boolean;
}

/** Weights that are too large for a graph lie beside it, in one file or, numbered, in several. */
const weights = /(\.data|_data(_\d+)?)$/;

/** Graphs in int8: the names of Optimum and Transformers.js, then those of sentence-transformers for this processor and others. */
function int8Names(arch: string): string[] {
  const x64 = ["model_qint8_avx512_vnni.onnx", "model_qint8_avx512.onnx", "model_quint8_avx2.onnx"];
  const arm = ["model_qint8_arm64.onnx"];
  return ["model_quantized.onnx", "model_int8.onnx", ...(arch === "arm64" ? [...arm, ...x64] : [...x64, ...arm])];
}

/**
 * The path of the wanted graph among the files of a model, in its folder `onnx` or beside its other files. Throws
 * `file-missing`, naming the graphs that there are, and `bad-option` for a name and int8 at once.
 */
export function chooseGraph(
  paths: readonly string[],
  { model, graph, quantized, arch = process.arch }: GraphChoice & { model: string; arch?: string },
): string {
  if (graph !== undefined && quantized) {
    throw badOption(`graph is ${graph} and quantized is true: give one of them`);
  }
  const names = graph !== undefined ? [graph] : quantized ? int8Names(arch) : ["model.onnx"];
  const found = names.flatMap((name) => [`onnx/${name}`, name]).find((path) => paths.includes(path));
  if (found !== undefined) return found;
  const others = paths.filter((path) => /^(onnx\/)?[^/]+\.onnx$/.test(path));
  const advice = others.length > 0 ? `it has ${others.join(", ")}: name one as graph` : "export the model to ONNX";
  throw new RagInstructError("file-missing", `${model} holds no ${names.join(" or ")}; ${advice}`);
}

/** The graph and the files of its weights. */
export function filesOfGraph(paths: readonly string[], graph: string): string[] {
  const isOfGraph = (path: string) => path.startsWith(graph) && weights.test(path.slice(graph.length));
  return [graph, ...paths.filter(isOfGraph).sort()];
}

/** The graph in a model's folder. Throws what `chooseGraph` does. */
export async function findGraph(folder: string, choice: GraphChoice): Promise<string> {
  const inOnnx = (await namesIn(join(folder, "onnx"))).map((name) => `onnx/${name}`);
  const paths = [...inOnnx, ...(await namesIn(folder))].sort();
  return join(folder, chooseGraph(paths, { ...choice, model: folder }));
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
