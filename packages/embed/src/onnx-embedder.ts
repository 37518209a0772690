import { type Closable, type Embedder, hashOf, RagInstructError, type Vectors } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { batchByLength } from "./batches.ts";
import { findGraph, readModelFolder } from "./model-folder.ts";
import { normalizeVector, poolText } from "./pooling.ts";
import { readTokenizer } from "./tokenize.ts";

/** Options of {@link onnxEmbedder}. */
export interface OnnxEmbedderOptions {
  /** Folder of a sentence-transformers model with an ONNX graph. */
  model: string;
  /** Use the int8 graph. @default false */
  quantized?: boolean;
  /** Threads of a session. @default ONNX Runtime's own choice */
  threads?: number;
  /** Tokens in a batch, padding included. @default 4096 */
  batchTokens?: number;
}

/**
 * An embedder that runs a model folder by ONNX Runtime (optional peer onnxruntime-node). Length limit, pooling and
 * normalisation are what the folder says. Throws `peer-missing`, `file-missing`, `file-corrupt`, `unknown-format`.
 */
export async function onnxEmbedder(options: OnnxEmbedderOptions): Promise<Embedder & Closable> {
  const { quantized = false, threads, batchTokens = 4096 } = options;
  const folder = await readModelFolder(options.model);
  const graph = await findGraph(folder, { quantized });
  const tokenize = await readTokenizer(folder.path, folder);
  const runtime = await importPeer("onnxruntime-node", () => import("onnxruntime-node"));
  const session = await runtime.InferenceSession.create(
    graph,
    threads === undefined ? {} : { intraOpNumThreads: threads },
  );
  const { dimensions, pooling, normalize } = folder;

  async function runBatch(batch: readonly number[][]): Promise<{ data: Float32Array; tokens: number }> {
    const tokens = Math.max(...batch.map((ids) => ids.length));
    const output = await session.run(inputsFor(session, batch, tokens, runtime.Tensor));
    const state = output.last_hidden_state ?? output.token_embeddings ?? Object.values(output)[0];
    if (!(state?.data instanceof Float32Array)) {
      throw new RagInstructError("unknown-format", `${graph} has no float32 output last_hidden_state`);
    }
    return { data: state.data, tokens };
  }
  const embedder: Embedder & Closable = {
    id: `onnx ${hashOf([folder.maxTokens, pooling, normalize, dimensions, graph.split(/[\\/]/).slice(-3)])}`,
    dimensions,
    async embed(texts, { signal }): Promise<Vectors> {
      const ids = texts.map(tokenize);
      const vectors: Vectors = { data: new Float32Array(texts.length * dimensions), count: texts.length, dimensions };
      const lengths = ids.map(({ length }) => length);
      for (const rows of batchByLength(lengths, { tokens: batchTokens })) {
        signal?.throwIfAborted();
        const { data, tokens } = await runBatch(rows.map((row) => ids[row]!));
        for (const [i, row] of rows.entries()) {
          const vector = vectors.data.subarray(row * dimensions, (row + 1) * dimensions);
          poolText({ data, tokens, dimensions, lengths: rows.map((r) => lengths[r]!) }, i, pooling, vector);
          if (normalize) normalizeVector(vector);
        }
      }
      return vectors;
    },
    close: () => session.release(),
    [Symbol.asyncDispose]: () => embedder.close(),
  };
  return embedder;
}

function inputsFor(
  { inputNames }: InferenceSession,
  batch: readonly number[][],
  tokens: number,
  TensorOf: new (type: "int64", data: BigInt64Array, dims: number[]) => Tensor,
): Record<string, Tensor> {
  const fill = (value: (ids: readonly number[], token: number) => number) => {
    const data = new BigInt64Array(batch.length * tokens);
    for (const [i, ids] of batch.entries()) {
      for (let token = 0; token < ids.length; token++) data[i * tokens + token] = BigInt(value(ids, token));
    }
    return new TensorOf("int64", data, [batch.length, tokens]);
  };
  const known: Record<string, () => Tensor> = {
    input_ids: () => fill((ids, token) => ids[token]!),
    attention_mask: () => fill(() => 1),
    token_type_ids: () => fill(() => 0),
    position_ids: () => fill((_, token) => token),
  };
  return Object.fromEntries(
    inputNames.map((name) => {
      const make = known[name];
      if (!make)
        throw new RagInstructError(
          "unknown-format",
          `the graph asks for an input ${name}, which is none of ${Object.keys(known).join(", ")}`,
        );
      return [name, make()];
    }),
  );
}
