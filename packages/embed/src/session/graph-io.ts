import { badOption, RagInstructError } from "@rag-instruct/core";
import { decodeFloat16 } from "@rag-instruct/core/vectors";
import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-node";
import type { ModelSettings } from "../model/settings.ts";

/** Texts as token ids, special ones included. */
export type TokenIds = readonly (readonly number[])[];
type TensorOf = new (
  type: "int64" | "int32" | "float32" | "float16" | "bool",
  data: BigInt64Array | Int32Array | Float32Array | Uint16Array | Uint8Array,
  dims: number[],
) => Tensor;

/** The inputs of a graph for a batch, padded behind each text. */
type MakeFeeds = (texts: TokenIds) => Record<string, Tensor>;

/** Makes the function that gives a graph its inputs. Throws `unknown-format` for an input that is not known by name, or is not of whole numbers. */
export function feedsFor(
  { inputNames, inputMetadata }: InferenceSession,
  { TensorOf, graph, settings }: { TensorOf: TensorOf; graph: string; settings: ModelSettings },
): MakeFeeds {
  const values = inputValues(settings);
  const constant = inputNames.flatMap((name, i) => constantInput(name, inputMetadata[i], { TensorOf, graph }) ?? []);
  const inputs = inputNames.flatMap((name, i) => {
    if (constant.some((input) => input.name === name)) return [];
    const known = values[name];
    const metadata = inputMetadata[i];
    const type = metadata?.isTensor ? metadata.type : "int64";
    if (!known) {
      const names = Object.keys(values).join(", ");
      throw new RagInstructError("unknown-format", `${graph} asks for an input ${name}; known are ${names}`);
    }
    if (type !== "int64" && type !== "int32") {
      throw new RagInstructError("unknown-format", `${graph} asks for ${name} as ${type}, not int64 or int32`);
    }
    return [{ name, type, ...known } as const];
  });
  return (texts) => {
    const width = Math.max(1, ...texts.map((ids) => ids.length));
    const dims = [texts.length, width];
    return Object.fromEntries([
      ...constant.map(({ name, tensor }) => [name, tensor(texts.length)] as const),
      ...inputs.map(({ name, type, value, padding }) => {
        const numbers = new Int32Array(texts.length * width).fill(padding);
        for (const [i, ids] of texts.entries()) {
          for (let token = 0; token < ids.length; token++) numbers[i * width + token] = value(ids, token);
        }
        return [
          name,
          new TensorOf(type, type === "int64" ? BigInt64Array.from(numbers, BigInt) : numbers, dims),
        ] as const;
      }),
    ]);
  };
}

/** An input that no text decides on. */
interface ConstantInput {
  name: string;
  tensor(batch: number): Tensor;
}

/**
 * What the graph of a language model asks for beside the text: the keys and values of what was read before, of which there are none, and
 * whether there are any. Undefined for any other input. Throws `unknown-format` for keys and values whose size the graph does not say.
 */
function constantInput(
  name: string,
  metadata: InferenceSession["inputMetadata"][number] | undefined,
  { TensorOf, graph }: { TensorOf: TensorOf; graph: string },
): ConstantInput | undefined {
  if (name === "use_cache_branch") return { name, tensor: () => new TensorOf("bool", Uint8Array.of(0), [1]) };
  if (!/^past(?:_key_values?)?[._]/.test(name)) return undefined;
  const { type = "", shape = [] } = metadata?.isTensor ? metadata : {};
  const [, heads, , width] = shape;
  if (shape.length !== 4 || typeof heads !== "number" || typeof width !== "number" || !/^float(?:32|16)$/.test(type)) {
    const says = `asks for ${name} as ${type || "no tensor"} of shape ${shape.join(" x ")}`;
    throw new RagInstructError(
      "unknown-format",
      `${graph} ${says}; known is batch x heads x 0 x width, the two said in numbers`,
    );
  }
  const none = type === "float32" ? new Float32Array(0) : new Uint16Array(0);
  return { name, tensor: (batch) => new TensorOf(type as "float32" | "float16", none, [batch, heads, 0, width]) };
}

interface InputValue {
  value(ids: readonly number[], token: number): number;
  padding: number;
}

function inputValues({ padId, firstPosition }: ModelSettings): Readonly<Record<string, InputValue>> {
  return {
    input_ids: { value: (ids, token) => ids[token]!, padding: padId },
    attention_mask: { value: () => 1, padding: 0 },
    token_type_ids: { value: () => 0, padding: 0 },
    position_ids: { value: (_, token) => firstPosition + token, padding: 0 },
  };
}

/** What a graph gives: a vector a token, or a vector a text where it pools by itself. */
export interface GraphOutput {
  name: string;
  perToken: boolean;
  /** Number of a vector's values, where the graph says it. */
  dimensions: number | undefined;
}

const wholeText = "sentence_embedding";
const tokens = ["last_hidden_state", "token_embeddings"];

/** The output to take. Throws `unknown-format` where none is known by name, or where it does not go with the model's files. */
export function chooseOutput(
  session: InferenceSession,
  { graph, settings }: { graph: string; settings: ModelSettings },
): GraphOutput {
  const { outputNames } = session;
  const refuse = (what: string) => new RagInstructError("unknown-format", `${graph} ${what}`);
  const perToken = tokens.find((name) => outputNames.includes(name));
  const isWhole = outputNames.includes(wholeText);
  if (!isWhole && !perToken) {
    throw refuse(`gives ${outputNames.join(", ")}, and none of ${[wholeText, ...tokens].join(", ")}`);
  }
  if (isWhole && !(settings.poolsHere && perToken)) {
    if (settings.poolsHere) throw refuse(`pools by itself, where you say ${settings.pooling}; leave pooling out`);
    return { name: wholeText, perToken: false, dimensions: lastSize(session, wholeText) };
  }
  if (settings.moduleInGraph !== undefined) {
    const what = `a module ${settings.moduleInGraph}, which is not run here and not part of the graph`;
    throw refuse(`gives ${perToken} where modules.json names ${what}; export the whole model, with ${wholeText}`);
  }
  if (settings.pooling === undefined) {
    throw badOption(`the files beside ${graph} do not say pooling; give it, or a preset`);
  }
  return { name: perToken!, perToken: true, dimensions: lastSize(session, perToken!) };
}

/** The numbers of an output, checked to be a matrix a text or a vector a text. Throws `unknown-format`. */
export function floatsOf(output: OnnxValue, { name, perToken }: GraphOutput, graph: string): Float32Array {
  const rank = perToken ? 3 : 2;
  const { type, data, dims } = output;
  if (dims.length !== rank) {
    const shape = dims.join(" x ");
    throw new RagInstructError("unknown-format", `${graph} gives ${name} of shape ${shape}, not of ${rank} dimensions`);
  }
  if (type === "float32") return data as Float32Array;
  if (type !== "float16")
    throw new RagInstructError("unknown-format", `${graph} gives ${name} as ${type}, not float32 or float16`);
  // Bits as a Uint16Array or, on newer Node, a Float16Array.
  const { buffer, byteOffset, length } = data as Uint16Array;
  const values = new Float32Array(length);
  decodeFloat16(new Uint16Array(buffer, byteOffset, length), values);
  return values;
}

function lastSize({ outputNames, outputMetadata }: InferenceSession, output: string): number | undefined {
  const metadata = outputMetadata[outputNames.indexOf(output)];
  const size = metadata?.isTensor ? metadata.shape.at(-1) : undefined;
  return typeof size === "number" ? size : undefined;
}
