import { RagInstructError } from "@rag-instruct/core";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { ModelSettings } from "./settings.ts";

type TokenIds = readonly (readonly number[])[];
type TensorOf = new (type: "int64" | "int32", data: BigInt64Array | Int32Array, dims: number[]) => Tensor;

/** The inputs of a graph for a batch, padded behind each text. */
export type MakeFeeds = (texts: TokenIds) => Record<string, Tensor>;

/** What makes the inputs that a graph asks for. Throws `unknown-format` for one that is not known by name, or is no whole number. */
export function feedsFor(
  { inputNames, inputMetadata }: InferenceSession,
  { TensorOf, graph, settings }: { TensorOf: TensorOf; graph: string; settings: ModelSettings },
): MakeFeeds {
  const values = inputValues(settings);
  const inputs = inputNames.map((name, i) => {
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
    return { name, type, ...known } as const;
  });
  return (texts) => {
    const width = Math.max(1, ...texts.map((ids) => ids.length));
    const dims = [texts.length, width];
    return Object.fromEntries(
      inputs.map(({ name, type, value, padding }) => {
        const numbers = new Int32Array(texts.length * width).fill(padding);
        for (const [i, ids] of texts.entries()) {
          for (let token = 0; token < ids.length; token++) numbers[i * width + token] = value(ids, token);
        }
        return [name, new TensorOf(type, type === "int64" ? BigInt64Array.from(numbers, BigInt) : numbers, dims)];
      }),
    );
  };
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
