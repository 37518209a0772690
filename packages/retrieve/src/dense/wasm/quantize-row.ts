import { alongRow, loadFloats, sumOfLanes } from "./along-row.ts";
import {
  type Code,
  f32,
  get,
  i32,
  loadVector,
  set,
  simdMemory,
  splatConstant,
  store,
  storeVector,
  tee,
  v128,
  type WasmFunction,
} from "./assembler.ts";
import { bitwise, f32x4, i8x16, i16x8, i32x4 } from "./opcodes.ts";

/** Codes lie so far on either side of `zero`. */
export const largestCode = 63;
/** The code of what equals the center. */
export const zero = 64;

const storeOne = 90; // v128.store32_lane
const [max, multiply, divide] = [0x97, 0x94, 0x95];
const float = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
const bitsOf = (value: number) => new Int32Array(Float32Array.of(value).buffer)[0]!;

/** The next of four sequences of 32 random bits (xorshift, Marsaglia 2003), which stays in the local. */
const nextRandom = (random: number): Code =>
  [i32x4.shl(13), i32x4.shrU(17), i32x4.shl(5)].map((by) => [get(random), get(random), by, bitwise.xor, set(random)]);

/**
 * `quantizeRow(row, center, codes, random, scale)`: writes the codes of a row of float32, 1 to 127, and its scale, so that
 * the row less the center is `scale × (code - zero)` on the average: each is rounded up with a probability of what is
 * above the step below it. `random` is the address of four seeds, none 0. Returns the sum of squares of `code - zero`.
 */
export function quantizeRow(dimensions: number): WasmFunction {
  const [row, center, codes, state, scaleAt, end, fromRow, fromCenter] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [scale, largest, random, sums, steps, inverse] = [8, 9, 10, 11, 12, 13];
  const difference = (at: number, count: number): Code => [
    [loadFloats(fromRow, at, count), loadFloats(fromCenter, at, count), f32x4.sub],
  ];
  const again: Code = [get(row), set(fromRow), get(center), set(fromCenter)];
  const measure = (at: number, count: number): Code => [
    difference(at, count),
    f32x4.abs,
    get(largest),
    f32x4.max,
    set(largest),
  ];
  // Bits behind an exponent of 0 are a number of 1 to 2: with 63 more, what is cut off rounds at random.
  const fraction: Code = [get(random), i32x4.shrU(9), splatConstant(bitsOf(1)), bitwise.or];
  const quantize = (at: number, count: number): Code => [
    nextRandom(random),
    [
      difference(at, count),
      get(inverse),
      f32x4.mul,
      fraction,
      splatConstant(bitsOf(zero - 1)),
      f32x4.add,
      f32x4.add,
      i32x4.truncSatF32x4,
      tee(steps),
    ],
    [
      f32x4.convertI32x4,
      splatConstant(bitsOf(zero)),
      f32x4.sub,
      tee(largest),
      get(largest),
      f32x4.mul,
      get(sums),
      f32x4.add,
      set(sums),
    ],
    [
      get(codes),
      get(steps),
      get(steps),
      i16x8.narrowI32x4U,
      get(steps),
      i8x16.narrowI16x8U,
      simdMemory(storeOne, at, 0),
    ],
  ];
  return {
    name: "quantizeRow",
    params: [i32, i32, i32, i32, i32],
    results: [f32],
    locals: [i32, i32, i32, f32, v128, v128, v128, v128, v128],
    body: [
      [again, alongRow(dimensions, [fromRow, fromCenter], end, measure)],
      [
        get(largest),
        f32x4.extractLane(0),
        get(largest),
        f32x4.extractLane(1),
        [max],
        get(largest),
        f32x4.extractLane(2),
        get(largest),
        f32x4.extractLane(3),
        [max, max],
      ],
      // A little more, so that rounding leaves the largest within the codes.
      [float((1 + 2 ** -20) / largestCode), [multiply], set(scale)],
      [get(scaleAt), get(scale), store(0x38)],
      [float(1), get(scale), [divide], f32x4.splat, set(inverse)],
      [get(state), loadVector(), set(random)],
      [again, alongRow(dimensions, [fromRow, fromCenter], end, quantize, [codes])],
      [get(state), get(random), storeVector()],
      sumOfLanes(sums),
    ],
  };
}
