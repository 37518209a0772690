/** Bytes of WebAssembly code; nested, so that instructions compose. */
export type Code = readonly (number | Code)[];

export const i32 = 0x7f;
export const f32 = 0x7d;
export const f64 = 0x7c;
export const v128 = 0x7b;

/** A function of a module: its parameters come first among the locals. */
export interface WasmFunction {
  name: string;
  params: readonly number[];
  results: readonly number[];
  locals: readonly number[];
  body: Code;
}

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  const last = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return last ? [low] : [low | 128, ...signed(rest)];
}

const list = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const text = (value: string) => list([...Buffer.from(value)].map((byte) => [byte]));
const section = (id: number, body: readonly number[]) => [id, ...unsigned(body.length), ...body];

// Opcodes as in the WebAssembly specification and its fixed-width and relaxed SIMD extensions.
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const tee = (local: number): Code => [0x22, ...unsigned(local)];
export const constant = (value: number): Code => [0x41, ...signed(value)];
export const simd = (opcode: number, ...immediates: number[]): Code => [0xfd, ...unsigned(opcode), ...immediates];
export const load = (opcode: number, offset = 0): Code => [opcode, 0, ...unsigned(offset)];
export const store = (opcode: number, offset = 0): Code => load(opcode, offset);
export const simdMemory = (opcode: number, offset = 0, ...lane: number[]): Code =>
  simd(opcode, 0, ...unsigned(offset), ...lane);
export const loadVector = (offset = 0): Code => simdMemory(0, offset);
export const storeVector = (offset = 0): Code => simdMemory(11, offset);
export const add: Code = [0x6a];
/** Adds a constant to a local. */
export const advance = (local: number, by: number): Code => [get(local), constant(by), add, set(local)];
/** Runs the body again as long as the local, unsigned, is below the other one when it ends. */
export const loopBelow = (local: number, end: number, body: Code): Code => [
  [0x03, 0x40],
  body,
  get(local),
  get(end),
  [0x49, 0x0d, 0, 0x0b],
];
/** Runs the body where the condition is not 0. */
export const when = (condition: Code, body: Code): Code => [condition, [0x04, 0x40], body, 0x0b];

/** A vector of four times the same 32 bits. */
export function splatConstant(bits: number): Code {
  const bytes = new Uint8Array(Uint32Array.of(bits, bits, bits, bits).buffer);
  return simd(12, ...bytes);
}

function flatten(code: Code): number[] {
  const bytes: number[] = [];
  for (const part of code) {
    if (typeof part === "number") bytes.push(part);
    else for (const byte of flatten(part)) bytes.push(byte);
  }
  return bytes;
}

/** A module of functions over a shared memory imported as `shared.memory`; each is exported by its name. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ params, results }) => [
    0x60,
    ...list(params.map((type) => [type])),
    ...list(results.map((type) => [type])),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, type])), ...flatten(body), 0x0b];
    return [...unsigned(code.length), ...code];
  });
  // A shared memory states the most pages that it may have: here all that 32 bits address.
  const memory = [...text("shared"), ...text("memory"), 0x02, 0x03, ...unsigned(1), ...unsigned(65_536)];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, list(bodies)),
  ]);
}
