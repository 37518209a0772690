import { setImmediate as nextTurn } from "node:timers/promises";
import { RagInstructError } from "@rag-instruct/core";
import { importPeer } from "@rag-instruct/core/node";
import { type Pass, paddedQueries } from "./shared-pass.ts";
import { codeWidth, type SharedMemory } from "./wasm/kernels.ts";

/** Matrix products on ONNX Runtime, within one memory. */
interface ProductRuntime {
  /** Prepares to multiply with the queries of a pass, in its precision. Throws `peer-missing` without onnxruntime-node. */
  prepare(pass: Pass): Promise<Product>;
}

/** The product of rows with the queries of one pass. */
export interface Product extends AsyncDisposable {
  /**
   * Writes the inner products of `count` rows, of float32 or codes, with `paddedQueries(pass)` queries to an address, row after row;
   * the queries beyond those of the pass are zeros.
   */
  multiply(rows: { address: number; count: number }, to: number): Promise<void>;
}

/** ONNX Runtime, loaded when it is first needed, because many indexes never see a large batch. It runs on the calling thread. */
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
          // `run` resolves a moment before the runtime has let go of the session.
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

// Enough of Protocol Buffers to write a small ONNX model: each function gives the bytes of one field.
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}
const whole = (field: number, value: number) => Uint8Array.from([...varint(field << 3), ...varint(value)]);
const message = (field: number, ...parts: Uint8Array[]) => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(length)]), ...parts]);
};
const text = (field: number, value: string) => message(field, Buffer.from(value));

// Numbers of onnx.proto: the fields of its messages, element types, the type of an attribute, and versions.
const modelProto = { irVersion: 1, graph: 7, opsetImport: 8 } as const;
const opsetProto = { version: 2 } as const;
const graphProto = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const nodeProto = { input: 1, output: 2, opType: 4, attribute: 5 } as const;
const attributeProto = { name: 1, i: 3, type: 20 } as const;
const tensorProto = { dims: 1, dataType: 2, name: 8, rawData: 9 } as const;
const valueProto = { name: 1, type: 2 } as const;
const typeProto = { tensorType: 1 } as const;
const tensorTypeProto = { elemType: 1, shape: 2 } as const;
const shapeProto = { dim: 1 } as const;
const dimensionProto = { param: 2 } as const;
const elements = { float32: 1, uint8: 2, int8: 3, int32: 6 } as const;
type Element = keyof typeof elements;
const intAttribute = 2;
const irVersion = 8;
const opset = 13;

/** Queries of a product: as float32, each query is a row; as int8, a column. */
interface ProductQueries {
  element: "float32" | "int8";
  /** Numbers of a query. */
  width: number;
  count: number;
  bytes: Uint8Array;
}

/**
 * An ONNX model of one matrix product: `products` (rows × queries) of `rows` with the queries. The queries are constants of the model, so
 * that the runtime arranges them for its kernels once, not for each block of rows. With int8 queries, rows are uint8 and products int32.
 */
function productModel({ element, width, count, bytes }: ProductQueries): Uint8Array {
  const isFloat = element === "float32";
  const graph = message(
    modelProto.graph,
    isFloat ? node("Gemm", { transB: 1 }) : node("MatMulInteger"),
    text(graphProto.name, "products"),
    constants("queries", { element, sizes: isFloat ? [count, width] : [width, count], bytes }),
    value(graphProto.input, "rows", isFloat ? "float32" : "uint8", ["count", "width"]),
    value(graphProto.output, "products", isFloat ? "float32" : "int32", ["count", "queries"]),
  );
  const opsetImport = message(modelProto.opsetImport, whole(opsetProto.version, opset));
  return Buffer.concat([whole(modelProto.irVersion, irVersion), opsetImport, graph]);
}

function node(type: string, attributes: Record<string, number> = {}): Uint8Array {
  const { name, i, type: kind } = attributeProto;
  return message(
    graphProto.node,
    text(nodeProto.input, "rows"),
    text(nodeProto.input, "queries"),
    text(nodeProto.output, "products"),
    text(nodeProto.opType, type),
    ...Object.entries(attributes).map(([key, value]) =>
      message(nodeProto.attribute, text(name, key), whole(i, value), whole(kind, intAttribute)),
    ),
  );
}

function value(field: number, name: string, element: Element, sizes: string[]): Uint8Array {
  const dims = sizes.map((size) => message(shapeProto.dim, text(dimensionProto.param, size)));
  const shape = message(tensorTypeProto.shape, ...dims);
  const tensor = message(typeProto.tensorType, whole(tensorTypeProto.elemType, elements[element]), shape);
  return message(field, text(valueProto.name, name), message(valueProto.type, tensor));
}

function constants(name: string, { element, sizes, bytes }: { element: Element; sizes: number[]; bytes: Uint8Array }) {
  return message(
    graphProto.initializer,
    ...sizes.map((size) => whole(tensorProto.dims, size)),
    whole(tensorProto.dataType, elements[element]),
    text(tensorProto.name, name),
    message(tensorProto.rawData, bytes),
  );
}
