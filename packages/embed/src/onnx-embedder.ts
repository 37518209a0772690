import {
  type Closable,
  type EmbeddedTexts,
  type Embedder,
  hashOf,
  mapOrdered,
  type OnProgress,
  RagInstructError,
} from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { inputTokenizer } from "@rag-instruct/core/tokenizer";
import { downloadModel } from "./hub/download.ts";
import { findGraph, hashModel, sizeOfGraph } from "./model/graph-files.ts";
import { type ModelConfig, readModelConfig } from "./model/model-config.ts";
import {
  checkCounts,
  findPreset,
  type ModelStatements,
  type PresetName,
  presetOfOrigin,
  resolveSettings,
} from "./model/settings.ts";
import {
  type Device,
  keptOf,
  type MachineShare,
  type ModelThreads,
  openModel,
  physicalCores,
  sessionsFor,
} from "./session/session.ts";

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
  /** Run the graph in int8. @default false */
  quantized?: boolean;
  /** Name of another graph of the model, such as `model_fp16.onnx`. @default "model.onnx", or with `quantized` what there is in int8 */
  graph?: string;
  /** Cores that compute, all together. @default one a physical core */
  threads?: number;
  /** Copies of the model that run batches side by side and share the threads. @default one a thread, while twice the graph's size for each stays below a quarter of the memory */
  sessions?: number;
  /** Tokens in a batch, padding included: what stays in a core's cache is fastest. @default 512, and 16384 on other devices than the CPU */
  batchTokens?: number;
  /** Texts in a batch at most, however short they are. @default as many as fit its tokens */
  batchSize?: number;
  /** Where the model runs. @default "cpu" */
  device?: Device;
}

/**
 * An embedder that runs a model's folder by ONNX Runtime (optional peer onnxruntime-node): pooling, normalisation, length
 * limit and prompts as the model's own files say, else as options or preset say. The id holds a hash of graph and tokenizer.
 * Batches run in threads of their own, so that the caller's goes on with other work and tokenises ahead.
 * A float32 graph gives a text the same vector alone and in any batch, to 1e-5; a dynamically quantised one scales over the
 * whole batch, so its vectors vary with the batch about as much as they differ from float32.
 * Of a text that is longer than the model takes only the beginning is embedded, and `cut` of what `embed` gives counts it.
 * Throws what `downloadModel` does, `peer-missing`, `file-missing`, `file-corrupt`, `unknown-format`, and `bad-option` where an option contradicts the files.
 */
export async function onnxEmbedder(options: OnnxEmbedderOptions): Promise<Embedder & Closable> {
  const { threads, sessions, batchTokens: tokensAtOnce, batchSize, maxTokens: limit, dimensions: kept } = options;
  checkCounts({ threads, sessions, batchTokens: tokensAtOnce, batchSize, maxTokens: limit, dimensions: kept });
  const { quantized = false, device = "cpu" } = options;
  const folder = await findFolder(options);
  const files = await readModelConfig(folder);
  // A folder is what its files say, however it is called.
  const named = folder === options.model ? undefined : findPreset(options.model);
  const preset = options.preset === undefined ? (named ?? presetOfOrigin(files.origin)) : findPreset(options.preset);
  const settings = resolveSettings(folder, { files, preset, stated: options });
  const graph = await findGraph(folder, { quantized, graph: options.graph });
  const tokenize = await inputTokenizer(folder, settings);
  const share = await shareOfMachine(graph, options);
  const model = await openModel({ graph, settings, device }, share);
  const { pool } = model;
  checkDimensions(folder, { graph, files, given: model.dimensions, kept });
  const dimensions = kept ?? model.dimensions ?? (await pool.run([tokenize("a")])).dimensions;
  const { pooling, normalize, maxTokens, prompts } = settings;
  const batchTokens = options.batchTokens ?? (device === "cpu" ? cpuBatchTokens : deviceBatchTokens);
  return {
    id: `onnx ${pooling ?? "pooled"}${normalize ? " unit" : ""} ${dimensions} ${hashOf([await hashModel(folder, graph), maxTokens, prompts])}`,
    dimensions,
    maxTokens,
    embed: (texts, { kind, signal }) =>
      embedTexts(texts, {
        pool,
        sessions: share.sessions,
        tokenize,
        prompt: prompts[kind],
        dimensions,
        batchTokens,
        batchSize,
        signal,
      }),
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

const cpuBatchTokens = 512;
const deviceBatchTokens = 16_384;

/** Checks what a graph says of its dimensions. Throws `bad-option` for more than it gives, and `unknown-format` where the pooling's config says other. */
function checkDimensions(
  folder: string,
  {
    graph,
    files,
    given,
    kept,
  }: { graph: string; files: ModelConfig; given: number | undefined; kept: number | undefined },
): void {
  if (given !== undefined) keptOf(given, kept, graph);
  const { pooledDimensions: stated = given, moduleInGraph } = files;
  if (given === undefined || given === stated || moduleInGraph !== undefined) return;
  const message = `${graph} gives ${given} dimensions where the pooling's config.json in ${folder} says ${stated}`;
  throw new RagInstructError("unknown-format", message);
}

async function shareOfMachine(
  graph: string,
  { threads = physicalCores(), sessions, device = "cpu" }: OnnxEmbedderOptions,
): Promise<MachineShare> {
  // A device computes one batch at a time with all it has.
  if (device !== "cpu") return { threads, sessions: sessions ?? 1 };
  const wanted = sessions ?? sessionsFor({ threads, graphBytes: await sizeOfGraph(graph) });
  return { threads, sessions: Math.min(wanted, threads) };
}

/** The folder itself, or that of a model on the hub. */
async function findFolder({ model, preset: _preset, ...options }: OnnxEmbedderOptions): Promise<string> {
  const isOnHub = findPreset(model) !== undefined || /^[\w-][\w.-]*\/[\w.-]+$/.test(model);
  return !isOnHub || (await isThere(model)) ? model : downloadModel({ model, ...options });
}

/** Texts that are tokenised and sorted by length at a time: enough for batches without padding, little to wait for. */
const textsAtOnce = 256;

/** What {@link embedTexts} embeds with. */
interface EmbedTextsOptions {
  pool: ModelThreads;
  sessions: number;
  /** Token ids of a text, special ones included, at most as many as the model takes. */
  tokenize(text: string, onCut: () => void): number[];
  /** Put before each text. */
  prompt: string;
  dimensions: number;
  /** Tokens in a batch, padding included. */
  batchTokens: number;
  /** Texts in a batch. */
  batchSize: number | undefined;
  signal: AbortSignal | undefined;
}

/** Vectors of texts, in their order. This thread tokenises what comes next while others run the batches before. */
async function embedTexts(texts: readonly string[], options: EmbedTextsOptions): Promise<EmbeddedTexts> {
  const { pool, sessions, dimensions, signal } = options;
  let cut = 0;
  const data = new Float32Array(texts.length * dimensions);
  const made = mapOrdered(
    tokenBatches(texts, { ...options, onCut: () => cut++ }),
    async ({ rows, ids }, inner) => ({ rows, batch: await pool.run(ids, { signal: inner.signal }) }),
    { concurrency: 2 * sessions, signal },
  );
  for await (const { rows, batch } of made) {
    if (batch.dimensions !== dimensions) {
      throw new RagInstructError("model-mismatch", `the graph gave ${batch.dimensions} dimensions, not ${dimensions}`);
    }
    for (const [i, row] of rows.entries()) {
      data.set(batch.data.subarray(i * dimensions, (i + 1) * dimensions), row * dimensions);
    }
  }
  return { data, count: texts.length, dimensions, cut };
}

function* tokenBatches(
  texts: readonly string[],
  { tokenize, onCut, prompt, batchTokens, batchSize }: EmbedTextsOptions & { onCut: () => void },
): Generator<{ rows: number[]; ids: number[][] }> {
  for (let from = 0; from < texts.length; from += textsAtOnce) {
    const ids = texts.slice(from, from + textsAtOnce).map((text) => tokenize(prompt + text, onCut));
    const lengths = ids.map(({ length }) => length);
    for (const batch of batchByLength(lengths, { tokens: batchTokens, texts: batchSize })) {
      yield { rows: batch.map((row) => from + row), ids: batch.map((row) => ids[row]!) };
    }
  }
}

/** Rows of a batch, by their place in the input. */
type Batch = number[];

/**
 * Groups texts of like length, so that padding is little: sorted by length, at most `tokens` tokens a batch, padding
 * included, and at most `texts` texts. A text longer than that is a batch of its own.
 */
export function batchByLength(
  lengths: readonly number[],
  { tokens, texts = Number.POSITIVE_INFINITY }: { tokens: number; texts?: number | undefined },
): Batch[] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]!);
  const batches: Batch[] = [];
  let longest = 0;
  for (const row of order) {
    const batch = batches.at(-1);
    if (batch && batch.length < texts && (batch.length + 1) * longest <= tokens) batch.push(row);
    else {
      longest = lengths[row]!;
      batches.push([row]);
    }
  }
  return batches;
}
