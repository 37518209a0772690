/** Enough of protocol buffers to write a small ONNX model: each function gives the bytes of one field. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}
const whole = (field: number, value: number) => Uint8Array.from([...varint(field << 3), ...varint(value)]);
const message = (field: number, ...parts: Uint8Array[]) => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(length)]), ...parts]);
};
const text = (field: number, value: string) => message(field, Buffer.from(value));

// Element types and the type of an attribute, as onnx.proto numbers them.
const elements = { float32: 1, uint8: 2, int8: 3, int32: 6 } as const;
type Element = keyof typeof elements;
const intAttribute = 2;
const irVersion = 8;
const opset = 13;

function node(type: string, attributes: Record<string, number> = {}): Uint8Array {
  return message(
    1,
    text(1, "rows"),
    text(1, "queries"),
    text(2, "products"),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, text(1, name), whole(3, value), whole(20, intAttribute)),
    ),
  );
}

function value(field: number, name: string, element: Element, sizes: string[]): Uint8Array {
  const shape = message(2, ...sizes.map((size) => message(1, text(2, size))));
  return message(field, text(1, name), message(2, message(1, whole(1, elements[element]), shape)));
}

function constants(name: string, { element, sizes, bytes }: { element: Element; sizes: number[]; bytes: Uint8Array }) {
  return message(
    5,
    ...sizes.map((size) => whole(1, size)),
    whole(2, elements[element]),
    text(8, name),
    message(9, bytes),
  );
}

/** Queries of a product: float32, a row a query; or int8, a column a query. */
export interface ProductQueries {
  element: "float32" | "int8";
  /** Numbers of a query. */
  width: number;
  count: number;
  bytes: Uint8Array;
}

/**
 * An ONNX model of one matrix product: `products` (rows × queries) of `rows` with the queries, which are part of the model, so
 * that the runtime brings them into the order its kernels read once, and not for each block of rows. Rows of int8 queries are
 * uint8 and their products int32.
 */
export function productModel({ element, width, count, bytes }: ProductQueries): Uint8Array {
  const isFloat = element === "float32";
  const graph = message(
    7,
    isFloat ? node("Gemm", { transB: 1 }) : node("MatMulInteger"),
    text(2, "products"),
    constants("queries", { element, sizes: isFloat ? [count, width] : [width, count], bytes }),
    value(11, "rows", isFloat ? "float32" : "uint8", ["count", "width"]),
    value(12, "products", isFloat ? "float32" : "int32", ["count", "queries"]),
  );
  return Buffer.concat([whole(1, irVersion), message(8, whole(2, opset)), graph]);
}
