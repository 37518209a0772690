/** How a tiny graph is built: which inputs it asks for, and which output it gives. */
export interface TinyGraph {
  /** Besides `input_ids`; each adds its number to every value of the token. */
  inputs: ("attention_mask" | "token_type_ids" | "position_ids" | "surprise")[];
  /** `sentence_embedding` is the vector of the first token. */
  output: string;
}

const [float, int64] = [1, 7];
export const tinyWords = 16;
export const tinyDimensions = 4;

/** The vector of a token: four numbers that differ from token to token. */
export function tinyVector(id: number): number[] {
  return [id, id % 3, 1, -id / 2];
}

/** An ONNX model that looks the tokens up in a table of 16 rows, in ONNX's own encoding (Protocol Buffers, onnx.proto). */
export function tinyGraph({ inputs, output }: TinyGraph): Buffer {
  const table = Float32Array.from(Array.from({ length: tinyWords }, (_, id) => tinyVector(id)).flat());
  const nodes = [node("Gather", ["table", "input_ids"], "sum0")];
  for (const [i, name] of inputs.entries()) {
    nodes.push(node("Cast", [name], `float${i}`, [attribute("to", float)]));
    nodes.push(node("Unsqueeze", [`float${i}`, "last"], `wide${i}`));
    nodes.push(node("Add", [`sum${i}`, `wide${i}`], `sum${i + 1}`));
  }
  const sum = `sum${inputs.length}`;
  const single = output === "sentence_embedding";
  nodes.push(single ? node("Gather", [sum, "zero"], output, [attribute("axis", 1)]) : node("Identity", [sum], output));
  const graph = [
    ...nodes.map((bytes) => field(1, bytes)),
    field(2, "tiny"),
    field(5, tensor("table", float, [tinyWords, tinyDimensions], Buffer.from(table.buffer))),
    field(5, tensor("last", int64, [1], Buffer.from(BigInt64Array.of(2n).buffer))),
    field(5, tensor("zero", int64, [], Buffer.from(BigInt64Array.of(0n).buffer))),
    ...["input_ids", ...inputs].map((name) => field(11, value(name, int64, ["batch", "tokens"]))),
    field(12, value(output, float, single ? ["batch", tinyDimensions] : ["batch", "tokens", tinyDimensions])),
  ];
  return Buffer.concat([field(1, 8), field(8, field(2, 17)), field(7, Buffer.concat(graph))]);
}

function node(kind: string, inputs: string[], output: string, attributes: Buffer[] = []): Buffer {
  const names = [...inputs.map((name) => field(1, name)), field(2, output), field(3, output), field(4, kind)];
  return Buffer.concat([...names, ...attributes.map((bytes) => field(5, bytes))]);
}

function attribute(name: string, number: number): Buffer {
  const integer = 2;
  return Buffer.concat([field(1, name), field(3, number), field(20, integer)]);
}

function tensor(name: string, type: number, dims: number[], raw: Buffer): Buffer {
  return Buffer.concat([...dims.map((size) => field(1, size)), field(2, type), field(8, name), field(9, raw)]);
}

function value(name: string, type: number, dims: (string | number)[]): Buffer {
  const shape = dims.map((size) => field(1, typeof size === "string" ? field(2, size) : field(1, size)));
  const kind = field(1, Buffer.concat([field(1, type), field(2, Buffer.concat(shape))]));
  return Buffer.concat([field(1, name), field(2, kind)]);
}

function field(number: number, content: number | string | Buffer): Buffer {
  if (typeof content === "number") return Buffer.from([...varint(number << 3), ...varint(content)]);
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
}

function varint(number: number): number[] {
  return number < 128 ? [number] : [(number & 127) | 128, ...varint(number >>> 7)];
}
