import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { badOption, RagInstructError, type Vectors } from "@rag-instruct/core";
import { importPeer, ThreadPool, threadFile } from "@rag-instruct/core/node";
import type { OnnxValue } from "onnxruntime-node";
import type { Pooling } from "../model/model-config.ts";
import type { ModelSettings } from "../model/settings.ts";
import { chooseOutput, feedsFor, floatsOf, type GraphOutput, type TokenIds } from "./graph-io.ts";

/** What a graph says of itself once it is open. */
interface OpenedSession {
  /** Number of a vector's values, where the graph says it. */
  dimensions: number | undefined;
}

/** A model's graph, ready to run. */
interface ModelSession extends OpenedSession {
  /** One vector a text, given as token ids; a text without tokens gets the zero vector. */
  run(texts: TokenIds): Promise<Vectors>;
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

/**
 * Without VNNI the fast product of int8 saturates, and a text in a thousand comes out below a cosine of 0.98 of its float32
 * vector. With this it does not, for a tenth of the speed; processors with VNNI are not concerned.
 */
const exactInt8 = { session: { x64quantprecision: "1" } };
/** ONNX Runtime prints what is less: an unused weight is nothing for a user to act on. */
const errorsOnly = 3 as const;

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
  const output = chooseOutput(session, { graph, settings });
  const feedsOf = feedsFor(session, { TensorOf: runtime.Tensor, graph, settings });
  const isMasked = session.inputNames.includes("attention_mask");
  const run = async (texts: TokenIds): Promise<Vectors> => {
    const results = await session.run(feedsOf(texts), [output.name]);
    return toVectors(results[output.name]!, { texts, output, graph, settings });
  };
  return {
    dimensions: output.dimensions,
    run: (texts) => (isMasked ? run(texts) : runByLength(texts, run)),
  };
}

/** A graph that cannot be told of padding must not see any. */
async function runByLength(texts: TokenIds, run: (texts: TokenIds) => Promise<Vectors>): Promise<Vectors> {
  const rows = Map.groupBy(texts.keys(), (row) => texts[row]!.length);
  let all: Vectors | undefined;
  for (const same of rows.values()) {
    const { data, dimensions } = await run(same.map((row) => texts[row]!));
    all ??= { data: new Float32Array(texts.length * dimensions), count: texts.length, dimensions };
    for (const [i, row] of same.entries()) {
      all.data.set(data.subarray(i * dimensions, (i + 1) * dimensions), row * dimensions);
    }
  }
  return all ?? run(texts);
}

function toVectors(
  value: OnnxValue,
  { texts, output, graph, settings }: { texts: TokenIds; output: GraphOutput; graph: string; settings: ModelSettings },
): Vectors {
  const data = floatsOf(value, output, graph);
  const all = value.dims.at(-1)!;
  const dimensions = keptOf(all, settings.dimensions, graph);
  const whole = new Float32Array(all);
  const vectors: Vectors = { data: new Float32Array(texts.length * dimensions), count: texts.length, dimensions };
  const lengths = texts.map((ids) => ids.length);
  for (const [i, length] of lengths.entries()) {
    const vector = vectors.data.subarray(i * dimensions, (i + 1) * dimensions);
    if (length === 0) continue;
    if (output.perToken)
      poolText({ data, tokens: value.dims[1]!, dimensions: all, lengths }, i, settings.pooling!, whole);
    else whole.set(data.subarray(i * all, (i + 1) * all));
    vector.set(whole.subarray(0, dimensions));
    if (settings.normalize) normalizeVector(vector);
  }
  return vectors;
}

/** How many values of a vector are kept, all where no number is wanted. Throws `bad-option` where there are not so many. */
export function keptOf(all: number, wanted: number | undefined, graph: string): number {
  if (wanted === undefined || wanted <= all) return wanted ?? all;
  throw badOption(`dimensions is ${wanted} where ${graph} gives ${all}`);
}

/** The last hidden state of a batch: `data[(text * tokens + token) * dimensions + d]`, and how many tokens of each text count. */
interface HiddenState {
  data: Float32Array;
  tokens: number;
  dimensions: number;
  lengths: readonly number[];
}

/** Pools the text at `index` of a batch into `into`, over its own tokens and not the padding. */
export function poolText(
  { data, tokens, dimensions, lengths }: HiddenState,
  index: number,
  pooling: Pooling,
  into: Float32Array,
): void {
  const length = lengths[index]!;
  const start = index * tokens * dimensions;
  if (pooling === "cls" || pooling === "last-token") {
    const token = pooling === "cls" ? 0 : length - 1;
    into.set(data.subarray(start + token * dimensions, start + (token + 1) * dimensions));
    return;
  }
  into.fill(pooling === "max" ? Number.NEGATIVE_INFINITY : 0);
  for (let token = 0; token < length; token++) {
    const row = start + token * dimensions;
    const weight = pooling === "weighted-mean" ? token + 1 : 1;
    for (let d = 0; d < dimensions; d++) {
      const value = data[row + d]!;
      if (pooling === "max") into[d] = Math.max(into[d]!, value);
      else into[d]! += weight * value;
    }
  }
  if (pooling === "max") return;
  const divisor = { mean: length, "mean-sqrt": Math.sqrt(length), "weighted-mean": (length * (length + 1)) / 2 };
  for (let d = 0; d < dimensions; d++) into[d]! /= divisor[pooling];
}

/** Scales a vector to length 1; a zero vector stays zero. */
export function normalizeVector(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let d = 0; d < vector.length; d++) vector[d]! *= scale;
}

/** How much of the machine a model takes. */
export interface MachineShare {
  /** Batches that run at the same time, each in a thread with a session of its own. */
  sessions: number;
  /** Cores that compute, all together. */
  threads: number;
}

/** Threads that run batches of one model side by side, each with a session of its own: one vector a text. */
export type ModelThreads = ThreadPool<TokenIds, Vectors, OpenedSession>;

/** Opens the first session; the others open once there is work for them. Throws what `openSession` does. */
export async function openModel(
  model: Omit<SessionOptions, "threads">,
  { sessions, threads }: MachineShare,
): Promise<OpenedSession & { pool: ModelThreads }> {
  const threadsOf = (session: number) => Math.floor(threads / sessions) + (session < threads % sessions ? 1 : 0);
  const pool: ModelThreads = new ThreadPool({
    file: threadFile(import.meta.url, "model-worker"),
    threads: sessions,
    workerData: (session: number): SessionOptions => ({ ...model, threads: threadsOf(session) }),
    name: `a thread that runs ${model.graph}`,
    closed: "the embedder is closed; open it again",
    // ONNX Runtime's Node binding ends the whole process when its thread goes in the middle of a batch.
    finishOnClose: true,
  });
  try {
    const { dimensions } = await pool.opened();
    return { pool, dimensions };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/**
 * How many sessions share `threads` cores. One thread a session is fastest: threads of one session wait for each other at
 * every node of the graph, sessions never do. Each holds the weights, about twice over, so a quarter of the memory bounds them.
 */
export function sessionsFor({ threads, graphBytes }: { threads: number; graphBytes: number }): number {
  const room = Math.floor(totalmem() / 4 / (2 * graphBytes));
  return Math.max(1, Math.min(threads, room));
}

/**
 * Cores that this process may use. Two threads of one core share its multipliers, so a matrix product gains nothing from the
 * second. Linux alone says which threads share a core; elsewhere each counts.
 */
export function physicalCores(cpuInfo = readCpuInfo()): number {
  const cores = new Set<string>();
  for (const block of cpuInfo.split("\n\n")) {
    const [socket, core] = ["physical id", "core id"].map((name) => block.match(`${name}\\s*:\\s*(\\d+)`)?.[1]);
    if (socket !== undefined && core !== undefined) cores.add(`${socket} ${core}`);
  }
  return Math.min(availableParallelism(), cores.size || Number.POSITIVE_INFINITY);
}

function readCpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
