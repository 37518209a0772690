import { RagInstructError } from "@rag-instruct/core";
import type { TextColumn } from "./text-column.ts";

/** Bytes too many to hold, in a file of their own. */
export interface SpilledBytes {
  kind: "spilled";
  path: string;
  length: number;
}

/** What may lie on the stack of the restricted reader. Nothing of it can run. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Buffer
  | SpilledBytes
  | { kind: "list"; items: TextColumn }
  | { kind: "tuple"; items: Value[] }
  | { kind: "global"; name: string }
  | DtypeValue
  | ArrayValue;

export interface DtypeValue {
  kind: "dtype";
  /** Such as `f4`. */
  name: string;
  /** Such as `<`. */
  order: string;
}

export interface ArrayValue {
  kind: "array";
  shape: number[];
  dtype: DtypeValue | undefined;
  fortranOrder: boolean;
  bytes: Buffer | SpilledBytes | undefined;
}

export type Kind = Extract<Value, { kind: string }>["kind"];

export function isKind<K extends Kind>(value: Value | undefined, kind: K): value is Extract<Value, { kind: K }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

/** The functions that a pickle of (ids, ndarray) calls, by the name it calls them; each only puts values together. */
export const allowedCalls: Readonly<Record<string, (items: Value[]) => Value | undefined>> = {
  "numpy.core.multiarray._reconstruct": makeArray,
  "numpy._core.multiarray._reconstruct": makeArray,
  "numpy.core.numeric._frombuffer": arrayFromBuffer,
  "numpy._core.numeric._frombuffer": arrayFromBuffer,
  "numpy.dtype": ([name]) => (typeof name === "string" ? { kind: "dtype", name, order: "<" } : undefined),
  "_codecs.encode": ([text, codec]) => {
    if (codec !== "latin1") return undefined;
    if (isKind(text, "spilled")) return text;
    return typeof text === "string" ? Buffer.from(text, "latin1") : undefined;
  },
};

/** Names that a pickle may hold without calling them. */
export const allowedGlobals: ReadonlySet<string> = new Set([...Object.keys(allowedCalls), "numpy.ndarray"]);

function makeArray(): ArrayValue {
  return { kind: "array", shape: [], dtype: undefined, fortranOrder: false, bytes: undefined };
}

/** Protocol 5: the buffer comes before its description. */
function arrayFromBuffer([bytes, dtype, shape, order]: Value[]): Value | undefined {
  return describeArray(makeArray(), { shape, dtype, fortranOrder: order === "F", bytes });
}

/** Gives an object its state. `undefined` where the state is not what NumPy writes. */
export function build(target: Value | undefined, state: Value | undefined): Value | undefined {
  if (!isKind(state, "tuple")) return undefined;
  if (isKind(target, "dtype")) {
    const order = state.items[1];
    if (typeof order !== "string") return undefined;
    target.order = order;
    return target;
  }
  const [, shape, dtype, fortranOrder, bytes] = state.items;
  return isKind(target, "array")
    ? describeArray(target, { shape, dtype, fortranOrder: fortranOrder === true, bytes })
    : undefined;
}

function describeArray(
  array: ArrayValue,
  {
    shape,
    dtype,
    fortranOrder,
    bytes,
  }: { shape: Value | undefined; dtype: Value | undefined; fortranOrder: boolean; bytes: Value | undefined },
): ArrayValue | undefined {
  if (!isKind(shape, "tuple") || !isKind(dtype, "dtype") || !(Buffer.isBuffer(bytes) || isKind(bytes, "spilled"))) {
    return undefined;
  }
  const sizes = shape.items.filter((size) => typeof size === "number");
  if (sizes.length !== shape.items.length) return undefined;
  return Object.assign(array, { shape: sizes, dtype, fortranOrder, bytes });
}

/** Names what a pickle holds that is not ids and vectors. */
export function refuse(name: string, position: number, what: string): RagInstructError {
  return new RagInstructError(
    "unknown-format",
    `${name}: byte ${position}: ${what}; only pickles of (ids, ndarray) are read, and nothing in them is run`,
  );
}
