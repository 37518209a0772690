import {
  type Closable,
  type Embedder,
  hashOf,
  type OnProgress,
  RagInstructError,
  type Vectors,
} from "@rag-instruct/core";
import { batchByLength } from "./batches.ts";
import { downloadModel } from "./hub/download-model.ts";
import { readModelConfig } from "./model-config.ts";
import { isThere } from "./model-files.ts";
import { findPreset, type PresetName } from "./presets.ts";
import { findGraph, hashModel, type ModelSession, openSession } from "./session.ts";
import { type ModelStatements, settle } from "./settings.ts";
import { readTokenizer, type Tokenize } from "./tokenize.ts";

/** Options of {@link onnxEmbedder}. */
export interface OnnxEmbedderOptions extends ModelStatements {
  /** Folder of a model with an ONNX graph, laid out as on the hub; else a preset or `owner/name`, fetched by `downloadModel`. */
  model: string;
  /** Revision on the hub. @default "main" */
  revision?: string;
  /** Where fetched models are kept. @default the cache of all Hugging Face tools */
  cacheDir?: string;
  signal?: AbortSignal;
  /** Hears of the download. */
  onProgress?: OnProgress;
  /** States what the files of a known model do not. */
  preset?: PresetName;
  /** Run the int8 graph. @default false */
  quantized?: boolean;
  /** Threads of ONNX Runtime. @default one a physical core */
  threads?: number;
  /** Tokens in a batch, padding included. @default 2048 */
  batchTokens?: number;
}

/**
 * An embedder that runs a model's folder by ONNX Runtime (optional peer onnxruntime-node): pooling, normalisation, length
 * limit and prompts as the model's own files say, else as options or preset say. The id holds a hash of graph and tokenizer.
 * A float32 graph gives a text the same vector alone and in any batch, to 1e-5; a dynamically quantised one scales over the
 * whole batch, so its vectors vary with the batch about as much as they differ from float32.
 * Throws what `downloadModel` does, `peer-missing`, `file-missing`, `file-corrupt`, `unknown-format`, and `bad-option` where an option contradicts the files.
 */
export async function onnxEmbedder(options: OnnxEmbedderOptions): Promise<Embedder & Closable> {
  const { quantized = false, threads, batchTokens = 2048 } = options;
  const folder = await findFolder(options);
  const files = await readModelConfig(folder);
  const settings = settle(folder, { files, preset: findPreset(options.preset ?? options.model), stated: options });
  const graph = await findGraph(folder, { quantized });
  const tokenize = await readTokenizer(folder, settings);
  const session = await openSession(graph, { settings, threads });
  const dimensions = session.dimensions ?? files.dimensions ?? (await session.run([tokenize("a")])).dimensions;
  const { pooling, normalize, maxTokens, prompts } = settings;
  let closed: Promise<void> | undefined;
  const embedder: Embedder & Closable = {
    id: `onnx ${pooling}${normalize ? " unit" : ""} ${dimensions} ${hashOf([await hashModel(folder, graph), maxTokens, prompts])}`,
    dimensions,
    embed(texts, { kind, signal }) {
      const prompted = texts.map((text) => prompts[kind] + text);
      return embedTexts(prompted, { session, tokenize, dimensions, batchTokens, signal });
    },
    close: () => (closed ??= session.release()),
    [Symbol.asyncDispose]: () => embedder.close(),
  };
  return embedder;
}

/** The folder itself, or that of a model on the hub. */
async function findFolder({ model, preset: _preset, ...options }: OnnxEmbedderOptions): Promise<string> {
  const isOnHub = findPreset(model) !== undefined || /^[\w-][\w.-]*\/[\w.-]+$/.test(model);
  return !isOnHub || (await isThere(model)) ? model : downloadModel({ model, ...options });
}

interface Machine {
  session: ModelSession;
  tokenize: Tokenize;
  dimensions: number;
  batchTokens: number;
  signal: AbortSignal | undefined;
}

async function embedTexts(
  texts: readonly string[],
  { session, tokenize, dimensions, batchTokens, signal }: Machine,
): Promise<Vectors> {
  const ids = texts.map(tokenize);
  const data = new Float32Array(texts.length * dimensions);
  const lengths = ids.map(({ length }) => length);
  for (const rows of batchByLength(lengths, { tokens: batchTokens })) {
    signal?.throwIfAborted();
    const batch = await session.run(rows.map((row) => ids[row]!));
    if (batch.dimensions !== dimensions) {
      throw new RagInstructError("model-mismatch", `the graph gave ${batch.dimensions} dimensions, not ${dimensions}`);
    }
    for (const [i, row] of rows.entries()) {
      data.set(batch.data.subarray(i * dimensions, (i + 1) * dimensions), row * dimensions);
    }
  }
  return { data, count: texts.length, dimensions };
}
