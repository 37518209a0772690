import { setImmediate as nextTurn } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import { productModel } from "./product-model.ts";
import { type Pass, paddedQueries } from "./shared-pass.ts";
import { codeWidth, type SharedMemory } from "./wasm/kernels.ts";

/** Matrix products on ONNX Runtime, within one memory. */
export interface ProductRuntime {
  /** Makes ready to multiply with the queries of a pass, in its precision. Throws `peer-missing` without onnxruntime-node. */
  prepare(pass: Pass): Promise<Product>;
}

/** The product of rows with the queries of one pass. */
export interface Product extends AsyncDisposable {
  /**
   * Writes the inner products of `count` rows of float32, or of codes, with every query, row after row, to an address; of
   * `paddedQueries(pass)` queries, of which those behind the last are zeros.
   */
  multiply(rows: { address: number; count: number }, to: number): Promise<void>;
}

/** The runtime, loaded when it is first asked for: many an index never sees a large batch. It works on the thread that asks. */
export function productRuntime(memory: SharedMemory): ProductRuntime {
  return {
    async prepare(pass) {
      const { InferenceSession, Tensor } = await importRuntime();
      const isCodes = pass.precision === "int8";
      const width = isCodes ? codeWidth(pass.dimensions) : pass.dimensions;
      const count = paddedQueries(pass.queries);
      const bytes = isCodes ? columnsOf(memory, pass, { width, count }) : rowsOf(memory, pass, count);
      const model = productModel({ element: isCodes ? "int8" : "float32", width, count, bytes });
      const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
      const rowsAt = (address: number, rows: number) =>
        isCodes
          ? new Tensor("uint8", new Uint8Array(memory.buffer, address, rows * width), [rows, width])
          : new Tensor("float32", new Float32Array(memory.buffer, address, rows * width), [rows, width]);
      const productsAt = (address: number, rows: number) =>
        isCodes
          ? new Tensor("int32", new Int32Array(memory.buffer, address, rows * count), [rows, count])
          : new Tensor("float32", new Float32Array(memory.buffer, address, rows * count), [rows, count]);
      return {
        async multiply(rows, to) {
          await session.run({ rows: rowsAt(rows.address, rows.count) }, { products: productsAt(to, rows.count) });
        },
        async [Symbol.asyncDispose]() {
          // A product resolves before the runtime has put away what it ran with.
          await nextTurn();
          await session.release();
        },
      };
    },
  };
}

function rowsOf(memory: SharedMemory, { queryRows, queries, dimensions }: Pass, count: number): Uint8Array {
  const rows = new Uint8Array(count * dimensions * 4);
  rows.set(new Uint8Array(memory.buffer, queryRows, queries * dimensions * 4));
  return rows;
}

function columnsOf(
  memory: SharedMemory,
  { queryCodes, queries }: Pass,
  { width, count }: { width: number; count: number },
): Uint8Array {
  const rows = new Uint8Array(memory.buffer, queryCodes, queries * width);
  const columns = new Uint8Array(width * count);
  for (let query = 0; query < queries; query++) {
    for (let i = 0; i < width; i++) columns[i * count + query] = rows[query * width + i]!;
  }
  return columns;
}

/** Whether onnxruntime-node is installed. */
export async function runtimePresent(): Promise<boolean> {
  try {
    await importRuntime();
    return true;
  } catch (error) {
    if (RagInstructError.is(error, "peer-missing")) return false;
    throw error;
  }
}

const importRuntime = () => importPeer("onnxruntime-node", () => import("onnxruntime-node"));
