import {
  advance,
  type Code,
  f32,
  f32x4,
  f64,
  f64x2,
  get,
  i32,
  i32x4,
  loopBelow,
  repeated,
  set,
  tee,
  v128,
  type WasmFunction,
} from "./assembler.ts";

/**
 * `name(rows, rowsEnd, queries, out)`: float32 inner products of rows with `queries` rows, of query q and row r at
 * `out[q * outStride + r]`. Reads up to `tileRows - 1` rows beyond `rowsEnd`.
 */
export function floatProducts({
  name,
  dimensions,
  tileRows,
  queries,
  outStride,
}: {
  name: string;
  dimensions: number;
  tileRows: number;
  queries: number;
  outStride: number;
}): WasmFunction {
  const [rows, rowsEnd, queryRows, out, row, query, end] = [0, 1, 2, 3, 4, 5, 6];
  const sum = (r: number, q: number) => 7 + r * queries + q;
  const rowVector = 7 + tileRows * queries;
  const queryVector = (q: number) => rowVector + 1 + q;
  const tile = Array.from({ length: tileRows * queries }, (_, i) => ({ r: Math.floor(i / queries), q: i % queries }));
  const step = (at: number, count: number): Code => [
    Array.from({ length: queries }, (_, q) => [loadFloats(query, q * dimensions + at, count), set(queryVector(q))]),
    Array.from({ length: tileRows }, (_, r) => [
      [loadFloats(row, r * dimensions + at, count), set(rowVector)],
      Array.from({ length: queries }, (_, q) => [
        [get(rowVector), get(queryVector(q)), get(sum(r, q)), f32x4.relaxedMadd, set(sum(r, q))],
      ]),
    ]),
  ];
  const body: Code = [
    [get(rows), set(row), get(queryRows), set(query)],
    tile.map(({ r, q }) => [v128.zeros, set(sum(r, q))]),
    alongRow(dimensions, [row, query], end, step),
    tile.map(({ r, q }) => [get(out), sumOfLanes(sum(r, q)), f32.store((q * outStride + r) * 4)]),
    advance(out, tileRows * 4),
    advance(rows, tileRows * dimensions * 4),
  ];
  return {
    name,
    params: ["i32", "i32", "i32", "i32"],
    results: [],
    locals: ["i32", "i32", "i32", ...repeated(tileRows * queries + 1 + queries, "v128")],
    body: loopBelow(rows, rowsEnd, body),
  };
}

/** `largestSquare(rows, rowsEnd)`: the largest sum of squares of a row, NaN where a row holds NaN. */
export function largestSquare(dimensions: number): WasmFunction {
  const [rows, rowsEnd, row, end, sum, numbers, largest] = [0, 1, 2, 3, 4, 5, 6];
  const step = (at: number, count: number): Code => [
    [loadFloats(row, at, count), set(numbers)],
    [get(numbers), get(numbers), get(sum), f32x4.relaxedMadd, set(sum)],
  ];
  const body: Code = [
    [get(rows), set(row), v128.zeros, set(sum)],
    alongRow(dimensions, [row], end, step),
    [get(largest), sumOfLanes(sum), f32.max, set(largest)],
    advance(rows, dimensions * 4),
  ];
  return {
    name: "largestSquare",
    params: ["i32", "i32"],
    results: ["f32"],
    locals: ["i32", "i32", "v128", "v128", "f32"],
    body: [loopBelow(rows, rowsEnd, body), get(largest)],
  };
}

/** Sums added to in turn: an addition to the same sum has to wait for the one before. */
const exactSums = 8;

/** `exactProduct(row, query)`: the inner product of two rows of float32, every sum in float64; their products are exact there. */
export function exactProduct(dimensions: number): WasmFunction {
  const [row, query, end, sums] = [0, 1, 2, 3];
  const addTwo = (at: number, count: number): Code => {
    const sum = sums + ((at / 2) % exactSums);
    const doubles = (pointer: number): Code => [
      get(pointer),
      count > 1 ? v128.load64Zero(at * 4) : v128.load32Zero(at * 4),
      f64x2.promoteLowF32x4,
    ];
    return [doubles(row), doubles(query), get(sum), f64x2.relaxedMadd, set(sum)];
  };
  const step = (at: number, count: number): Code => [addTwo(at, count), count > 2 ? addTwo(at + 2, count - 2) : []];
  const everySum = Array.from({ length: exactSums }, (_, i) => sums + i);
  return {
    name: "exactProduct",
    params: ["i32", "i32"],
    results: ["f64"],
    locals: ["i32", ...repeated(everySum.length, "v128")],
    body: [
      alongRow(dimensions, [row, query], end, step),
      everySum.slice(1).map((sum) => [get(sums), get(sum), f64x2.add, set(sums)]),
      [get(sums), f64x2.extractLane(0), get(sums), f64x2.extractLane(1), f64.add],
    ],
  };
}

/** `floatProduct(row, query)`: the inner product of two rows of float32, in float32. */
export function floatProduct(dimensions: number): WasmFunction {
  const [row, query, end, sums] = [0, 1, 2, 3];
  const everySum = [0, 1, 2, 3].map((i) => sums + i);
  const step = (at: number, count: number): Code => {
    const sum = sums + ((at / 4) % everySum.length);
    return [loadFloats(row, at, count), loadFloats(query, at, count), get(sum), f32x4.relaxedMadd, set(sum)];
  };
  return {
    name: "floatProduct",
    params: ["i32", "i32"],
    results: ["f32"],
    locals: ["i32", ...repeated(everySum.length, "v128")],
    body: [
      alongRow(dimensions, [row, query], end, step),
      everySum.slice(1).map((sum) => [get(sums), get(sum), f32x4.add, set(sums)]),
      sumOfLanes(sums),
    ],
  };
}

/** `touch(start, end)`: reads from every cache line, so that their misses overlap; nobody needs the sum that it returns. */
export function touch(): WasmFunction {
  const [start, end, sum] = [0, 1, 2];
  const body: Code = [[get(sum), get(start), i32.load(), i32.add, set(sum)], advance(start, 64)];
  return {
    name: "touch",
    params: ["i32", "i32"],
    results: ["i32"],
    locals: ["i32"],
    body: [loopBelow(start, end, body), get(sum)],
  };
}

// Masks over a half-precision number that was extended to 32 bits with its sign and shifted left by 13: sign, exponent and fraction.
const [signAndValue, value, largestFinite] = [0x8fffe000, 0x0fffe000, 0x0f7fe000].map(v128.constOf32);
// The exponent of single precision is 112 more than that of half precision: the bits of 2^112.
const twoTo112 = v128.constOf32((112 + 127) << 23);

/**
 * `decodeHalves(from, to, toEnd)`: IEEE 754 half-precision numbers as float32, eight at a time, up to seven beyond the end. Exact.
 */
export function decodeHalves(): WasmFunction {
  const [from, to, toEnd, bits] = [0, 1, 2, 3];
  const decode = (half: Code): Code => [
    [get(from), v128.load(), half, i32x4.shl(13), signAndValue!, v128.and, tee(bits), twoTo112, f32x4.mul],
    // Infinity and NaN have all bits of the exponent set.
    [get(bits), value!, v128.and, largestFinite!, i32x4.gtS, v128.constOf32(0x7f800000), v128.and, v128.or],
  ];
  const body: Code = [
    [get(to), decode(i32x4.extendLowI16x8), v128.store(0)],
    [get(to), decode(i32x4.extendHighI16x8), v128.store(16)],
    advance(from, 16),
    advance(to, 32),
  ];
  return {
    name: "decodeHalves",
    params: ["i32", "i32", "i32"],
    results: [],
    locals: ["v128"],
    body: loopBelow(to, toEnd, body),
  };
}

const floatsPerLoop = 16;

/** Four numbers at `pointer + 4 * at`, of which only `count` belong to the row; the others are 0. */
export function loadFloats(pointer: number, at: number, count = 4): Code {
  const offset = at * 4;
  if (count >= 4) return [get(pointer), v128.load(offset)];
  const [first, firstTwo] = [v128.load32Zero(offset), v128.load64Zero(offset)];
  if (count < 3) return [get(pointer), count === 1 ? first : firstTwo];
  return [get(pointer), get(pointer), firstTwo, v128.load32Lane(offset + 8, 2)];
}

/**
 * Code that goes along a row: `step(at, count)` gives the code for the numbers from `at` on, four of them or at the end `count`.
 * `pointers`, to floats, and `bytePointers`, to bytes, are advanced by whole loops. `end` is a local that it may use.
 */
export function alongRow(
  dimensions: number,
  pointers: readonly number[],
  end: number,
  step: (at: number, count: number) => Code,
  bytePointers: readonly number[] = [],
): Code {
  const looped = dimensions - (dimensions % floatsPerLoop);
  const steps = (from: number, to: number) =>
    Array.from({ length: Math.ceil((to - from) / 4) }, (_, i) => step(from + i * 4, Math.min(4, to - from - i * 4)));
  const first = pointers[0]!;
  const body = [
    steps(0, floatsPerLoop),
    pointers.map((pointer) => advance(pointer, floatsPerLoop * 4)),
    bytePointers.map((pointer) => advance(pointer, floatsPerLoop)),
  ];
  return [
    looped === 0 ? [] : [get(first), i32.const(looped * 4), i32.add, set(end), loopBelow(first, end, body)],
    steps(0, dimensions - looped),
  ];
}

/** Leaves the sum of the four float32 numbers of a vector. */
export const sumOfLanes = (vector: number): Code => [
  [get(vector), f32x4.extractLane(0), get(vector), f32x4.extractLane(1), f32.add],
  [get(vector), f32x4.extractLane(2), get(vector), f32x4.extractLane(3), f32.add, f32.add],
];
