import { RagInstructError } from "@rag-instruct/core";

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

interface DtypeValue {
  kind: "dtype";
  /** Such as `f4`. */
  name: string;
  /** Such as `<`. */
  order: string;
}

interface ArrayValue {
  kind: "array";
  shape: number[];
  dtype: DtypeValue | undefined;
  fortranOrder: boolean;
  bytes: Buffer | SpilledBytes | undefined;
}

type Kind = Extract<Value, { kind: string }>["kind"];

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

const placesInPage = 1 << 16;

/** What a pickle may refer to again, by number. Texts lie in a column: Python remembers each of a million ids. */
export class PickleMemo {
  readonly #texts = new TextColumn();
  readonly #others: Value[] = [];
  /** Row of a text, or -1 - place of another value. */
  readonly #places: Int32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** False for a number that leaps: picklers count. */
  put(index: number, value: Value): boolean {
    if (index > this.#length) return false;
    if (index === this.#places.length * placesInPage) this.#places.push(new Int32Array(placesInPage));
    this.#places[Math.floor(index / placesInPage)]![index % placesInPage] = this.#keep(value);
    this.#length = Math.max(this.#length, index + 1);
    return true;
  }

  get(index: number): Value | undefined {
    if (index >= this.#length) return undefined;
    const place = this.#places[Math.floor(index / placesInPage)]![index % placesInPage]!;
    return place < 0 ? this.#others[-1 - place] : this.#texts.at(place);
  }

  #keep(value: Value): number {
    if (typeof value !== "string") return -this.#others.push(value);
    this.#texts.push(value);
    return this.#texts.length - 1;
  }
}

/** Rows whose texts lie in one buffer. Columns grow by such parts, since to grow by copying takes three times the memory for a while. */
const rowsInPart = 1 << 16;

interface Part {
  bytes: Buffer;
  /** Where the text of each row ends. */
  ends: Uint32Array;
}

/** Texts in buffers of UTF-8: a million short ids take a few bytes each, where strings take forty. */
export class TextColumn {
  readonly #full: Part[] = [];
  /** Takes the texts of the part that is not full, one part after the other. */
  #bytes = Buffer.alloc(1 << 12);
  #ends = new Uint32Array(1 << 8);
  #rows = 0;

  get length(): number {
    return this.#full.length * rowsInPart + this.#rows;
  }

  push(text: string): void {
    const start = startOf(this.#ends, this.#rows);
    const most = start + text.length * 3;
    if (most > this.#bytes.length) {
      const wider = Buffer.alloc(Math.max(most, this.#bytes.length * 2));
      this.#bytes.copy(wider, 0, 0, start);
      this.#bytes = wider;
    }
    if (this.#rows === this.#ends.length) {
      const longer = new Uint32Array(this.#rows * 2);
      longer.set(this.#ends);
      this.#ends = longer;
    }
    this.#ends[this.#rows++] = start + this.#bytes.write(text, start);
    if (this.#rows === rowsInPart) this.#closePart();
  }

  at(row: number): string {
    const { bytes, ends } = this.#full[Math.floor(row / rowsInPart)] ?? { bytes: this.#bytes, ends: this.#ends };
    const place = row % rowsInPart;
    return bytes.toString("utf8", startOf(ends, place), ends[place]);
  }

  *[Symbol.iterator](): Generator<string> {
    for (let row = 0; row < this.length; row++) yield this.at(row);
  }

  #closePart(): void {
    const end = this.#ends.at(-1);
    this.#full.push({ bytes: Buffer.from(this.#bytes.subarray(0, end)), ends: this.#ends });
    this.#ends = new Uint32Array(rowsInPart);
    this.#rows = 0;
  }
}

function startOf(ends: Uint32Array, row: number): number {
  return row === 0 ? 0 : ends[row - 1]!;
}
