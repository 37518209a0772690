/** Bytes of WebAssembly code; nested, so that instructions compose. */
export type Code = readonly (number | Code)[];

// Numbers of the binary format, as chapter 5 of the WebAssembly specification gives them.
const valueTypes = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
const functionType = 0x60;
const externals = { function: 0x00, memory: 0x02 } as const;
const sections = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const sharedWithMaximum = 0x03;
const end = 0x0b;
const magic = [0x00, 0x61, 0x73, 0x6d];
const version = [1, 0, 0, 0];
/** All pages of 64 KiB that 32 bits address. */
const maxPages = 65_536;

type ValueType = keyof typeof valueTypes;

/** A function of a module: its parameters come first among the locals. */
export interface WasmFunction {
  name: string;
  params: readonly ValueType[];
  results: readonly ValueType[];
  locals: readonly ValueType[];
  body: Code;
}

/** So many parameters or locals of one type. */
export function repeated(count: number, type: ValueType): ValueType[] {
  return Array.from({ length: count }, () => type);
}

/** A whole number from 0 on in LEB128. */
export function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** A 32-bit number with a sign in LEB128. */
export function signed(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  const last = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return last ? [low] : [low | 128, ...signed(rest)];
}

/** A module of functions over a shared memory imported as `shared.memory`; each is exported by its name. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const typesOf = (types: readonly ValueType[]) => list(types.map((type) => [valueTypes[type]]));
  const types = functions.map(({ params, results }) => [functionType, ...typesOf(params), ...typesOf(results)]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, valueTypes[type]])), ...flatten(body), end];
    return [...unsigned(code.length), ...code];
  });
  const limits = [sharedWithMaximum, ...unsigned(1), ...unsigned(maxPages)];
  const memory = [...text("shared"), ...text("memory"), externals.memory, ...limits];
  const exported = functions.map(({ name }, i) => [...text(name), externals.function, ...unsigned(i)]);
  return Uint8Array.from([
    ...magic,
    ...version,
    ...section(sections.type, list(types)),
    ...section(sections.import, list([memory])),
    ...section(sections.function, list(functions.map((_, i) => unsigned(i)))),
    ...section(sections.export, list(exported)),
    ...section(sections.code, list(bodies)),
  ]);
}

const list = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const text = (value: string) => list([...Buffer.from(value)].map((byte) => [byte]));
const section = (id: number, body: readonly number[]) => [id, ...unsigned(body.length), ...body];

function flatten(code: Code): number[] {
  const bytes: number[] = [];
  for (const part of code) {
    if (typeof part === "number") bytes.push(part);
    else for (const byte of flatten(part)) bytes.push(byte);
  }
  return bytes;
}
