import { RagInstructError } from "@rag-instruct/core";

/** Which of a model's graphs is wanted. */
export interface GraphWish {
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
  { model, graph, quantized, arch = process.arch }: GraphWish & { model: string; arch?: string },
): string {
  if (graph !== undefined && quantized) {
    throw new RagInstructError("bad-option", `graph is ${graph} and quantized is true: give one of them`);
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
