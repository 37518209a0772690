import {
  advance,
  type Code,
  constant,
  get,
  i32,
  loadVector,
  loopBelow,
  simd,
  splatConstant,
  storeVector,
  tee,
  v128,
  type WasmFunction,
} from "./assembler.ts";

const [lowHalves, highHalves] = [simd(167), simd(168)]; // i32x4.extend_low_i16x8_s and its sibling
const [and, or, multiply, greater] = [simd(78), simd(80), simd(230), simd(59)];
const shiftLeft = (by: number): Code => [constant(by), simd(171)];
// Of a half moved up by 13 bits, behind copies of its sign: sign, exponent and fraction.
const [signAndValue, value, largestFinite] = [0x8fffe000, 0x0fffe000, 0x0f7fe000].map(splatConstant);
// The exponents of half and single precision differ by 112: 2^112, as the bits of a float32.
const twoTo112 = splatConstant((112 + 127) << 23);

/**
 * `decodeHalves(from, to, toEnd)`: IEEE 754 half-precision numbers as float32, eight at a time, up to seven beyond the end. Exact.
 */
export function decodeHalves(): WasmFunction {
  const [from, to, toEnd, bits] = [0, 1, 2, 3];
  const decode = (half: Code): Code => [
    [get(from), loadVector(), half, shiftLeft(13), signAndValue!, and, tee(bits), twoTo112, multiply],
    // Infinity and NaN keep all bits of the exponent.
    [get(bits), value!, and, largestFinite!, greater, splatConstant(0x7f800000), and, or],
  ];
  const body: Code = [
    [get(to), decode(lowHalves), storeVector(0)],
    [get(to), decode(highHalves), storeVector(16)],
    advance(from, 16),
    advance(to, 32),
  ];
  return {
    name: "decodeHalves",
    params: [i32, i32, i32],
    results: [],
    locals: [v128],
    body: loopBelow(to, toEnd, body),
  };
}
