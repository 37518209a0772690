import { RagInstructError, type Vectors } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import { decodeFloat16 } from "@rag-instruct/core/vectors";
import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-node";
import { normalizeVector, poolText } from "./pooling.ts";
import type { ModelSettings } from "./settings.ts";

/** A model's graph, ready to run. */
export interface ModelSession {
  /** Number of a vector's values, where the graph says it. */
  dimensions: number | undefined;
  /** One vector a text, given as token ids; a text without tokens gets the zero vector. */
  run(texts: readonly (readonly number[])[]): Promise<Vectors>;
  release(): Promise<void>;
}

/** Where a model runs; all but `cpu` need drivers, and what onnxruntime-node offers for the platform. */
export type Device = "cpu" | "cuda" | "coreml" | "dml" | "webgpu";

/** What a session is opened with. All of it can be sent to another thread. */
export interface SessionOptions {
  graph: string;
  settings: ModelSettings;
  device: Device;
  threads: number;
}

const wholeText = "sentence_embedding";
/**
 * Without VNNI the fast product of int8 saturates, and a text in a thousand comes out below a cosine of 0.98 of its float32
 * vector. With this it does not, for a tenth of the speed; processors with VNNI are not concerned.
 */
const exactInt8 = { session: { x64quantprecision: "1" } };
/** ONNX Runtime prints what is less: an unused weight is nothing for a user to act on. */
const errorsOnly = 3 as const;
const perToken = ["last_hidden_state", "token_embeddings"];

/** Opens a graph. Throws `peer-missing`, `file-corrupt`, and `unknown-format` for inputs and outputs that are not known by name. */
export async function openSession({ graph, settings, device, threads }: SessionOptions): Promise<ModelSession> {
  const runtime = await importPeer("onnxruntime-node", () => import("onnxruntime-node"));
  const session = await runtime.InferenceSession.create(graph, {
    logSeverityLevel: errorsOnly,
    intraOpNumThreads: threads,
    executionProviders: [device],
    extra: exactInt8,
  }).catch((cause: Error) => {
    const where = device === "cpu" ? "" : ` on ${device}`;
    throw new RagInstructError("file-corrupt", `${graph} cannot be opened${where}: ${cause.message}`, { cause });
  });
  const makers = inputMakers(runtime.Tensor, settings);
  const inputs = session.inputNames.map((name) => {
    if (makers[name]) return [name, makers[name]] as const;
    throw new RagInstructError(
      "unknown-format",
      `${graph} asks for an input ${name}; known are ${Object.keys(makers)}`,
    );
  });
  const output = [wholeText, ...perToken].find((name) => session.outputNames.includes(name));
  if (!output) {
    const known = [wholeText, ...perToken].join(", ");
    throw new RagInstructError("unknown-format", `${graph} gives ${session.outputNames}, and none of ${known}`);
  }
  return {
    dimensions: lastSize(session, output),
    async run(texts) {
      const width = Math.max(1, ...texts.map((ids) => ids.length));
      const feeds = Object.fromEntries(inputs.map(([name, make]) => [name, make(texts, width)]));
      return toVectors((await session.run(feeds, [output]))[output]!, { texts, graph, settings });
    },
    release: () => session.release(),
  };
}

type MakeInput = (texts: readonly (readonly number[])[], width: number) => Tensor;
type TensorOf = new (type: "int64", data: BigInt64Array, dims: number[]) => Tensor;

function inputMakers(TensorOf: TensorOf, { padId, firstPosition }: ModelSettings): Readonly<Record<string, MakeInput>> {
  const fill =
    (value: (ids: readonly number[], token: number) => number, padding = 0): MakeInput =>
    (texts, width) => {
      const data = new BigInt64Array(texts.length * width).fill(BigInt(padding));
      for (const [i, ids] of texts.entries()) {
        for (let token = 0; token < ids.length; token++) data[i * width + token] = BigInt(value(ids, token));
      }
      return new TensorOf("int64", data, [texts.length, width]);
    };
  return {
    input_ids: fill((ids, token) => ids[token]!, padId),
    attention_mask: fill(() => 1),
    token_type_ids: fill(() => 0),
    position_ids: fill((_, token) => firstPosition + token),
  };
}

function toVectors(
  output: OnnxValue,
  { texts, graph, settings }: { texts: readonly (readonly number[])[]; graph: string; settings: ModelSettings },
): Vectors {
  const data = floatsOf(output, graph);
  const dimensions = output.dims.at(-1)!;
  const vectors: Vectors = { data: new Float32Array(texts.length * dimensions), count: texts.length, dimensions };
  const lengths = texts.map((ids) => ids.length);
  for (const [i, length] of lengths.entries()) {
    const vector = vectors.data.subarray(i * dimensions, (i + 1) * dimensions);
    if (length === 0) continue;
    if (output.dims.length === 2) vector.set(data.subarray(i * dimensions, (i + 1) * dimensions));
    else poolText({ data, tokens: output.dims[1]!, dimensions, lengths }, i, settings.pooling, vector);
    if (settings.normalize) normalizeVector(vector);
  }
  return vectors;
}

function floatsOf({ type, data }: OnnxValue, graph: string): Float32Array {
  if (type === "float32") return data as Float32Array;
  if (type !== "float16")
    throw new RagInstructError("unknown-format", `${graph} gives ${type}, not float32 or float16`);
  // Bits as a Uint16Array or, on newer Node, a Float16Array.
  const { buffer, byteOffset, length } = data as Uint16Array;
  const values = new Float32Array(length);
  decodeFloat16(new Uint16Array(buffer, byteOffset, length), values);
  return values;
}

function lastSize({ outputNames, outputMetadata }: InferenceSession, output: string): number | undefined {
  const metadata = outputMetadata[outputNames.indexOf(output)];
  const size = metadata?.isTensor ? metadata.shape.at(-1) : undefined;
  return typeof size === "number" ? size : undefined;
}
