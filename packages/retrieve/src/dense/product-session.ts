import { RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import { productModel } from "./product-model.ts";
import type { SharedMemory } from "./wasm/kernels.ts";

/** Rows of float32 in a memory. */
export interface Matrix {
  address: number;
  count: number;
}

/** The matrix product on ONNX Runtime, within one memory. */
export interface ProductSession {
  /** Writes the inner products of all rows with each query, one query after the other, to an address. */
  multiply(queries: Matrix, rows: Matrix, to: number): Promise<void>;
  release(): Promise<void>;
}

/** A session, or undefined where onnxruntime-node is not installed. */
export async function productSession({
  memory,
  threads,
  dimensions,
}: {
  memory: SharedMemory;
  threads: number;
  dimensions: number;
}): Promise<ProductSession | undefined> {
  const runtime = await importRuntime();
  if (!runtime) return undefined;
  const { InferenceSession, Tensor } = runtime;
  const session = await InferenceSession.create(productModel(), {
    intraOpNumThreads: threads,
    // Threads that spin while they wait take the cores from those that select.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const matrix = (address: number, sizes: [number, number]) =>
    new Tensor("float32", new Float32Array(memory.buffer, address, sizes[0] * sizes[1]), sizes);
  return {
    async multiply(queries, rows, to) {
      await session.run(
        {
          queries: matrix(queries.address, [queries.count, dimensions]),
          passages: matrix(rows.address, [rows.count, dimensions]),
        },
        { products: matrix(to, [queries.count, rows.count]) },
      );
    },
    release: () => session.release(),
  };
}

async function importRuntime(): Promise<typeof import("onnxruntime-node") | undefined> {
  try {
    return await importPeer("onnxruntime-node", () => import("onnxruntime-node"));
  } catch (error) {
    if (RagInstructError.is(error, "peer-missing")) return undefined;
    throw error;
  }
}
