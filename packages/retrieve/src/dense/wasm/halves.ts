import {
  advance,
  type Code,
  get,
  i32,
  loadVector,
  loopBelow,
  splatConstant,
  storeVector,
  tee,
  v128,
  type WasmFunction,
} from "./assembler.ts";
import { bitwise, f32x4, i32x4 } from "./opcodes.ts";

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
    [get(from), loadVector(), half, i32x4.shl(13), signAndValue!, bitwise.and, tee(bits), twoTo112, f32x4.mul],
    // Infinity and NaN keep all bits of the exponent.
    [get(bits), value!, bitwise.and, largestFinite!, i32x4.gtS, splatConstant(0x7f800000), bitwise.and, bitwise.or],
  ];
  const body: Code = [
    [get(to), decode(i32x4.extendLowI16x8), storeVector(0)],
    [get(to), decode(i32x4.extendHighI16x8), storeVector(16)],
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
