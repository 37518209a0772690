import { alongRow, loadFloats, sumOfLanes } from "./along-row.ts";
import {
  type Code,
  constant,
  f32,
  get,
  i32,
  loadVector,
  set,
  simd,
  simdMemory,
  splatConstant,
  store,
  storeVector,
  tee,
  v128,
  type WasmFunction,
} from "./assembler.ts";

/** Codes lie so far on either side of `zero`. */
export const largestCode = 63;
/** The code of what equals the center. */
export const zero = 64;

const [splat, absolute, plus, minus, times, largestOf] = [
  simd(19),
  simd(224),
  simd(228),
  simd(229),
  simd(230),
  simd(233),
];
const [toInts, toFloats, narrowInts, narrowShorts] = [simd(248), simd(250), simd(134), simd(102)];
const [xor, or] = [simd(81), simd(80)];
const shift = (opcode: number, by: number): Code => [constant(by), simd(opcode)];
const [left, right] = [171, 173];
const storeOne = 90; // v128.store32_lane
const lane = (i: number) => simd(31, i);
const [max, multiply, divide] = [0x97, 0x94, 0x95];
const float = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
const bitsOf = (value: number) => new Int32Array(Float32Array.of(value).buffer)[0]!;

/** The next of four sequences of 32 random bits (xorshift, Marsaglia 2003), which stays in the local. */
const nextRandom = (random: number): Code =>
  [shift(left, 13), shift(right, 17), shift(left, 5)].map((by) => [get(random), get(random), by, xor, set(random)]);

/**
 * `quantizeRow(row, center, codes, random, scale)`: writes the codes of a row of float32, 1 to 127, and its scale, so that
 * the row less the center is `scale × (code - zero)` on the average: each is rounded up with a probability of what is
 * above the step below it. `random` is the address of four seeds, none 0. Returns the sum of squares of `code - zero`.
 */
export function quantizeRow(dimensions: number): WasmFunction {
  const [row, center, codes, state, scaleAt, end, fromRow, fromCenter] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [scale, largest, random, sums, steps, inverse] = [8, 9, 10, 11, 12, 13];
  const difference = (at: number, count: number): Code => [
    [loadFloats(fromRow, at, count), loadFloats(fromCenter, at, count), minus],
  ];
  const again: Code = [get(row), set(fromRow), get(center), set(fromCenter)];
  const measure = (at: number, count: number): Code => [
    difference(at, count),
    absolute,
    get(largest),
    largestOf,
    set(largest),
  ];
  // Bits behind an exponent of 0 are a number of 1 to 2: with 63 more, what is cut off rounds at random.
  const fraction: Code = [get(random), shift(right, 9), splatConstant(bitsOf(1)), or];
  const quantize = (at: number, count: number): Code => [
    nextRandom(random),
    [
      difference(at, count),
      get(inverse),
      times,
      fraction,
      splatConstant(bitsOf(zero - 1)),
      plus,
      plus,
      toInts,
      tee(steps),
    ],
    [toFloats, splatConstant(bitsOf(zero)), minus, tee(largest), get(largest), times, get(sums), plus, set(sums)],
    [get(codes), get(steps), get(steps), narrowInts, get(steps), narrowShorts, simdMemory(storeOne, at, 0)],
  ];
  return {
    name: "quantizeRow",
    params: [i32, i32, i32, i32, i32],
    results: [f32],
    locals: [i32, i32, i32, f32, v128, v128, v128, v128, v128],
    body: [
      [again, alongRow(dimensions, [fromRow, fromCenter], end, measure)],
      [get(largest), lane(0), get(largest), lane(1), [max], get(largest), lane(2), get(largest), lane(3), [max, max]],
      // A little more, so that rounding leaves the largest within the codes.
      [float((1 + 2 ** -20) / largestCode), [multiply], set(scale)],
      [get(scaleAt), get(scale), store(0x38)],
      [float(1), get(scale), [divide], splat, set(inverse)],
      [get(state), loadVector(), set(random)],
      [again, alongRow(dimensions, [fromRow, fromCenter], end, quantize, [codes])],
      [get(state), get(random), storeVector()],
      sumOfLanes(sums),
    ],
  };
}
