/** Enough of protocol buffers to write a small ONNX model: each function gives the bytes of one field. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
const whole = (field: number, value: number) => [...varint(field << 3), ...varint(value)];
const message = (field: number, ...parts: number[][]) => {
  const body = parts.flat();
  return [...varint((field << 3) | 2), ...varint(body.length), ...body];
};
const text = (field: number, value: string) => message(field, [...Buffer.from(value)]);

// Element types and the type of an attribute, as onnx.proto numbers them.
const float = 1;
const intAttribute = 2;
const irVersion = 8;
const opset = 13;

function node(
  type: string,
  names: { in: string[]; out: string[]; attribute?: [name: string, value: number] },
): number[] {
  const attribute = names.attribute
    ? [message(5, text(1, names.attribute[0]), whole(3, names.attribute[1]), whole(20, intAttribute))]
    : [];
  return message(
    1,
    ...names.in.map((name) => text(1, name)),
    ...names.out.map((name) => text(2, name)),
    text(4, type),
    ...attribute,
  );
}

function value(field: number, name: string, element: number, sizes: string[]): number[] {
  const shape = message(2, ...sizes.map((size) => message(1, text(2, size))));
  return message(field, text(1, name), message(2, message(1, whole(1, element), shape)));
}

/** An ONNX model of one matrix product: `products` (queries × passages) of `queries` and `passages`, a row a vector each. */
export function productModel(): Uint8Array {
  const graph = message(
    7,
    node("Gemm", { in: ["queries", "passages"], out: ["products"], attribute: ["transB", 1] }),
    text(2, "products"),
    value(11, "queries", float, ["queries", "dimensions"]),
    value(11, "passages", float, ["passages", "dimensions"]),
    value(12, "products", float, ["queries", "passages"]),
  );
  return Uint8Array.from([...whole(1, irVersion), ...message(8, whole(2, opset)), ...graph]);
}
