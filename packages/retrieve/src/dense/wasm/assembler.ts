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
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** A 32-bit number with a sign in LEB128. */
function signed(value: number): number[] {
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

// Instructions by their names in the WebAssembly specification and its relaxed SIMD extension, each in camel case under its type.

const simdPrefix = 0xfd;
const simd = (opcode: number, ...immediates: number[]): Code => [simdPrefix, ...unsigned(opcode), ...immediates];

// An access of the memory names the alignment that it may count on, here of a byte, and an offset to the address.
const byteAligned = 0;
type Access = (offset?: number) => Code;
const access =
  (opcode: number): Access =>
  (offset = 0) => [opcode, byteAligned, ...unsigned(offset)];
const simdAccess =
  (opcode: number): Access =>
  (offset = 0) =>
    simd(opcode, byteAligned, ...unsigned(offset));
const laneAccess = (opcode: number) => (offset: number, lane: number) => [simdAccess(opcode)(offset), lane];

const lanes = (opcode: number) => (lane: number) => simd(opcode, lane);
const shifts =
  (opcode: number) =>
  (by: number): Code => [i32.const(by), simd(opcode)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: access(0x28),
  store: access(0x36),
  ltU: [0x49],
  gtU: [0x4b],
  ctz: [0x68],
  add: [0x6a],
  sub: [0x6b],
  mul: [0x6c],
  and: [0x71],
  or: [0x72],
  shl: [0x74],
  shrU: [0x76],
} as const;

export const f32 = {
  const: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  load: access(0x2a),
  store: access(0x38),
  ge: [0x60],
  add: [0x92],
  sub: [0x93],
  mul: [0x94],
  div: [0x95],
  max: [0x97],
  convertI32S: [0xb2],
} as const;

export const f64 = {
  add: [0xa0],
} as const;

const constantVector = (bytes: Uint8Array) => simd(12, ...bytes);

export const v128 = {
  load: simdAccess(0),
  store: simdAccess(11),
  load32Zero: simdAccess(92),
  load64Zero: simdAccess(93),
  load32Lane: laneAccess(86),
  store32Lane: laneAccess(90),
  and: simd(78),
  or: simd(80),
  xor: simd(81),
  anyTrue: simd(83),
  zeros: constantVector(new Uint8Array(16)),
  /** Four times the same 32 bits. */
  constOf32: (bits: number): Code => constantVector(new Uint8Array(Uint32Array.of(bits, bits, bits, bits).buffer)),
};

export const f32x4 = {
  splat: simd(19),
  extractLane: lanes(31),
  ge: simd(70),
  abs: simd(224),
  add: simd(228),
  sub: simd(229),
  mul: simd(230),
  max: simd(233),
  convertI32x4: simd(250),
  relaxedMadd: simd(0x105),
};

export const f64x2 = {
  extractLane: lanes(33),
  promoteLowF32x4: simd(95),
  add: simd(240),
  relaxedMadd: simd(0x107),
};

export const i32x4 = {
  splat: simd(17),
  extractLane: lanes(27),
  gtS: simd(59),
  extaddPairwiseI16x8: simd(126),
  bitmask: simd(164),
  extendLowI16x8: simd(167),
  extendHighI16x8: simd(168),
  shl: shifts(171),
  shrU: shifts(173),
  add: simd(174),
  sub: simd(177),
  truncSatF32x4: simd(248),
};

export const i16x8 = {
  narrowI32x4U: simd(134),
  add: simd(142),
  /** Exact while its second operand is 0 to 127. */
  relaxedDotI8x16I7x16: simd(0x112),
};

export const i8x16 = {
  narrowI16x8U: simd(102),
  shuffle: (...lanes: number[]): Code => simd(13, ...lanes),
};

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const tee = (local: number): Code => [0x22, ...unsigned(local)];

/** Adds a constant to a local. */
export const advance = (local: number, by: number): Code => [get(local), i32.const(by), i32.add, set(local)];

// Blocks that leave nothing on the stack.
const noResult = 0x40;
const loop = [0x03, noResult];
const ifTrue = [0x04, noResult];
const branchIfToLoop = [0x0d, 0];

/** Runs the body again as long as the local, unsigned, is below the other one when it ends. */
export const loopBelow = (local: number, limit: number, body: Code): Code => [
  [loop, body],
  [get(local), get(limit), i32.ltU, branchIfToLoop, end],
];

/** Runs the body where the condition is not 0. */
export const when = (condition: Code, body: Code): Code => [condition, ifTrue, body, end];
