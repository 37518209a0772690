import { words } from "../../core/test/tiny-tokenizer.ts";

/** How a tiny graph is built: which inputs it asks for, and which output it gives. */
export interface TinyGraph {
  /** Besides `input_ids`; each adds its number to every value of the token. */
  inputs: ("attention_mask" | "token_type_ids" | "position_ids" | "surprise")[];
  /** `sentence_embedding` and `pooler_output` are the vector of the first token. */
  output: string;
  /** Another output, the same but for what its name says. */
  secondOutput?: string;
  /** Also asks for keys of what was read before, in numbers of this type, whose sum is added to every value. */
  past?: "float32" | "float16";
  /** Type of the inputs. */
  integers?: "int64" | "int32";
  /** Type of the outputs. */
  numbers?: "float32" | "float16" | "float64";
  /** Name of the file that holds the table, where it is not in the graph. */
  weights?: string;
}

const types = { float32: 1, int32: 6, int64: 7, float16: 10, float64: 11 };
const { float32: float, int64 } = types;
const tinyWords = words.length;
export const tinyDimensions = 4;

const pastKeys = "past_key_values.0.key";

/** The vector of a token: four numbers that differ from token to token. */
export function tinyVector(id: number): number[] {
  return [id, id % 3, 1, -id / 2];
}

/** The table that a graph may have in a file of its own. */
export function tinyTable(): Buffer {
  return Buffer.from(Float32Array.from(Array.from({ length: tinyWords }, (_, id) => tinyVector(id)).flat()).buffer);
}

/** An ONNX model that looks the tokens up in a table of 16 rows, in ONNX's own encoding (Protocol Buffers, onnx.proto). */
export function tinyGraph({ inputs, output, secondOutput, ...options }: TinyGraph): Buffer {
  const { integers = "int64", numbers = "float32", weights, past } = options;
  const nodes = [node("Gather", ["table", "input_ids"], "sum0")];
  for (const [i, name] of inputs.entries()) {
    nodes.push(node("Cast", [name], `float${i}`, [attribute("to", float)]));
    nodes.push(node("Unsqueeze", [`float${i}`, "last"], `wide${i}`));
    nodes.push(node("Add", [`sum${i}`, `wide${i}`], `sum${i + 1}`));
  }
  let sum = `sum${inputs.length}`;
  if (past) {
    nodes.push(node("ReduceSum", [pastKeys], "pastSum", [attribute("keepdims", 0)]));
    nodes.push(node("Cast", ["pastSum"], "pastFloat", [attribute("to", float)]));
    nodes.push(node("Add", [sum, "pastFloat"], "sumWithPast"));
    sum = "sumWithPast";
  }
  nodes.push(node("Cast", [sum], "sum", [attribute("to", types[numbers])]));
  const outputs = [output, ...(secondOutput ? [secondOutput] : [])];
  const isSingle = (name: string) => ["sentence_embedding", "pooler_output"].includes(name);
  for (const name of outputs) {
    nodes.push(
      isSingle(name) ? node("Gather", ["sum", "zero"], name, [attribute("axis", 1)]) : node("Identity", ["sum"], name),
    );
  }
  const shape = [tinyWords, tinyDimensions];
  const graph = [
    ...nodes.map((bytes) => field(1, bytes)),
    field(2, "tiny"),
    field(5, weights ? tensorInFile("table", float, shape, weights) : tensor("table", float, shape, tinyTable())),
    field(5, tensor("last", int64, [1], Buffer.from(BigInt64Array.of(2n).buffer))),
    field(5, tensor("zero", int64, [], Buffer.from(BigInt64Array.of(0n).buffer))),
    ...["input_ids", ...inputs].map((name) => field(11, value(name, types[integers], ["batch", "tokens"]))),
    ...(past ? [field(11, value(pastKeys, types[past], ["batch", 2, "past", 3]))] : []),
    ...outputs.map((name) => {
      const dims = isSingle(name) ? ["batch", tinyDimensions] : ["batch", "tokens", tinyDimensions];
      return field(12, value(name, types[numbers], dims));
    }),
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

function tensorInFile(name: string, type: number, dims: number[], path: string): Buffer {
  const place = Buffer.concat([field(1, "location"), field(2, path)]);
  const external = 1;
  const parts = [field(2, type), field(8, name), field(13, place), field(14, external)];
  return Buffer.concat([...dims.map((size) => field(1, size)), ...parts]);
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
