import {
  advance,
  type Code,
  f32,
  f32x4,
  get,
  i8x16,
  i16x8,
  i32,
  i32x4,
  loopBelow,
  repeated,
  set,
  tee,
  v128,
  type WasmFunction,
} from "./assembler.ts";
import { alongRow, loadFloats, sumOfLanes } from "./float-rows.ts";

/** Numbers of one vector instruction; rows of bytes are padded to a multiple of it. */
export const bytesPerStep = 16;
/** Steps whose products are added in 16 bits before they are widened to 32. */
export const stepsPerGroup = 8;

const swapHalves = i8x16.shuffle(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
const swapPairs = i8x16.shuffle(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);

/**
 * `name(rows, rowsEnd, queries, out, scratch)`: int32 inner products of rows of 7-bit numbers with `queries` rows of int8, of
 * query q and row r at `out[q * outStride + r]`. Reads up to `tileRows - 1` rows beyond `rowsEnd`. `scratch` has room for
 * tileRows × queries vectors. Exact while the sum of each lane of a group fits 16 bits, which `quantizeQuery` ensures.
 */
export function int8Products({
  name,
  width,
  tileRows,
  queries,
  outStride,
}: {
  name: string;
  width: number;
  tileRows: number;
  queries: number;
  outStride: number;
}): WasmFunction {
  const [rows, rowsEnd, queryRows, out, scratch, end] = [0, 1, 2, 3, 4, 5];
  // An address of its own for each row and query keeps the code of a loop small, which the processor decodes faster.
  const rowAt = (r: number) => 6 + r;
  const queryAt = (q: number) => 6 + tileRows + q;
  const addresses = tileRows + queries;
  const vectors = 6 + addresses;
  const sum = (r: number, q: number) => vectors + r * queries + q;
  const row = vectors + tileRows * queries;
  const query = (q: number) => row + 1 + q;
  const tile = Array.from({ length: tileRows * queries }, (_, i) => ({
    r: Math.floor(i / queries),
    q: i % queries,
    at: i * 16,
  }));

  const step = (at: number): Code => [
    Array.from({ length: queries }, (_, q) => [get(queryAt(q)), v128.load(at), set(query(q))]),
    Array.from({ length: tileRows }, (_, r) => [
      [get(rowAt(r)), v128.load(at), set(row)],
      Array.from({ length: queries }, (_, q) => [
        [get(query(q)), get(row), i16x8.relaxedDotI8x16I7x16],
        at === 0 ? [] : [get(sum(r, q)), i16x8.add],
        set(sum(r, q)),
      ]),
    ]),
  ];
  const groupOf = (steps: number): Code => [
    Array.from({ length: steps }, (_, i) => step(i * bytesPerStep)),
    tile.map(({ r, q, at }) => [
      [get(scratch), get(sum(r, q)), i32x4.extaddPairwiseI16x8],
      [get(scratch), v128.load(at), i32x4.add, v128.store(at)],
    ]),
  ];
  const groupBytes = stepsPerGroup * bytesPerStep;
  const looped = width - (width % groupBytes);
  const everyAddress = Array.from({ length: addresses }, (_, i) => 6 + i);
  const groups: Code = [
    [get(rows), i32.const(looped), i32.add, set(end)],
    loopBelow(rowAt(0), end, [groupOf(stepsPerGroup), everyAddress.map((local) => advance(local, groupBytes))]),
  ];
  const body: Code = [
    tile.map(({ at }) => [get(scratch), v128.zeros, v128.store(at)]),
    Array.from({ length: tileRows }, (_, r) => [get(rows), i32.const(r * width), i32.add, set(rowAt(r))]),
    Array.from({ length: queries }, (_, q) => [get(queryRows), i32.const(q * width), i32.add, set(queryAt(q))]),
    looped === 0 ? [] : groups,
    looped === width ? [] : groupOf((width - looped) / bytesPerStep),
    tile.map(({ r, q, at }) => [
      [get(out), get(scratch), v128.load(at), tee(row), get(row), get(row), swapHalves, i32x4.add],
      [tee(row), get(row), get(row), swapPairs, i32x4.add, i32x4.extractLane(0)],
      i32.store((q * outStride + r) * 4),
    ]),
    advance(out, tileRows * 4),
    advance(rows, tileRows * width),
  ];
  return {
    name,
    params: ["i32", "i32", "i32", "i32", "i32"],
    results: [],
    locals: [...repeated(1 + addresses, "i32"), ...repeated(tileRows * queries + 1 + queries, "v128")],
    body: loopBelow(rows, rowsEnd, body),
  };
}

/** Codes are `zero - largestCode` to `zero + largestCode`. */
export const largestCode = 63;
/** The code of a number that equals the center's. */
export const zero = 64;

const bitsOf = (value: number) => new Int32Array(Float32Array.of(value).buffer)[0]!;

/** The next of four sequences of 32 random bits (xorshift, Marsaglia 2003), which stays in the local. */
const nextRandom = (random: number): Code =>
  [i32x4.shl(13), i32x4.shrU(17), i32x4.shl(5)].map((by) => [get(random), get(random), by, v128.xor, set(random)]);

/**
 * `quantizeRow(row, center, codes, random, scale)`: writes the codes of a row of float32, 1 to 127, and its scale, so that
 * the row less the center is `scale × (code - zero)` on the average: each number is rounded up
 * with a probability of its distance from the step below. `random` is the address of four seeds, none 0. Returns the sum of squares of `code - zero`.
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
  // Random bits as the fraction of a float32 of exponent 0 are a number from 1 to 2; with 63 added, truncation rounds at random.
  const fraction: Code = [get(random), i32x4.shrU(9), v128.constOf32(bitsOf(1)), v128.or];
  const quantize = (at: number, count: number): Code => [
    nextRandom(random),
    [
      difference(at, count),
      get(inverse),
      f32x4.mul,
      fraction,
      v128.constOf32(bitsOf(zero - 1)),
      f32x4.add,
      f32x4.add,
      i32x4.truncSatF32x4,
      tee(steps),
    ],
    [
      f32x4.convertI32x4,
      v128.constOf32(bitsOf(zero)),
      f32x4.sub,
      tee(largest),
      get(largest),
      f32x4.mul,
      get(sums),
      f32x4.add,
      set(sums),
    ],
    [get(codes), get(steps), get(steps), i16x8.narrowI32x4U, get(steps), i8x16.narrowI16x8U, v128.store32Lane(at, 0)],
  ];
  return {
    name: "quantizeRow",
    params: ["i32", "i32", "i32", "i32", "i32"],
    results: ["f32"],
    locals: ["i32", "i32", "i32", "f32", "v128", "v128", "v128", "v128", "v128"],
    body: [
      [again, alongRow(dimensions, [fromRow, fromCenter], end, measure)],
      [
        get(largest),
        f32x4.extractLane(0),
        get(largest),
        f32x4.extractLane(1),
        f32.max,
        get(largest),
        f32x4.extractLane(2),
        get(largest),
        f32x4.extractLane(3),
        [f32.max, f32.max],
      ],
      // A little more, so that the largest number is still within the codes after rounding.
      [f32.const((1 + 2 ** -20) / largestCode), f32.mul, set(scale)],
      [get(scaleAt), get(scale), f32.store()],
      [f32.const(1), get(scale), f32.div, f32x4.splat, set(inverse)],
      [get(state), v128.load(), set(random)],
      [again, alongRow(dimensions, [fromRow, fromCenter], end, quantize, [codes])],
      [get(state), get(random), v128.store()],
      sumOfLanes(sums),
    ],
  };
}
