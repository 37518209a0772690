import { type Code, constant, simd } from "./assembler.ts";

// Instructions by their names in the WebAssembly specification, each in camel case under its type.

const lanes = (opcode: number) => (lane: number) => simd(opcode, lane);
const shifts =
  (opcode: number) =>
  (by: number): Code => [constant(by), simd(opcode)];

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

export const bitwise = {
  and: simd(78),
  or: simd(80),
  xor: simd(81),
  anyTrue: simd(83),
};

/** A vector of zeros. */
export const zeros = simd(12, ...new Uint8Array(16));
