import { alongRow, loadFloats, loadOne, loadTwo, sumOfLanes } from "./along-row.ts";
import {
  add,
  advance,
  type Code,
  f32,
  f64,
  get,
  i32,
  load,
  loopBelow,
  set,
  simdMemory,
  store,
  v128,
  type WasmFunction,
} from "./assembler.ts";
import { f32x4, f64x2, zeros } from "./opcodes.ts";

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
    tile.map(({ r, q }) => [zeros, set(sum(r, q))]),
    alongRow(dimensions, [row, query], end, step),
    tile.map(({ r, q }) => [get(out), sumOfLanes(sum(r, q)), store(0x38, (q * outStride + r) * 4)]),
    advance(out, tileRows * 4),
    advance(rows, tileRows * dimensions * 4),
  ];
  return {
    name,
    params: [i32, i32, i32, i32],
    results: [],
    locals: [i32, i32, i32, ...Array.from({ length: tileRows * queries + 1 + queries }, () => v128)],
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
    [get(rows), set(row), zeros, set(sum)],
    alongRow(dimensions, [row], end, step),
    [get(largest), sumOfLanes(sum), [0x97], set(largest)], // f32.max
    advance(rows, dimensions * 4),
  ];
  return {
    name: "largestSquare",
    params: [i32, i32],
    results: [f32],
    locals: [i32, i32, v128, v128, f32],
    body: [loopBelow(rows, rowsEnd, body), get(largest)],
  };
}

/** Sums that run side by side: one alone would wait for each addition before the next. */
const exactSums = 8;

/** `exactProduct(row, query)`: the inner product of two rows of float32, every sum in float64; their products are exact there. */
export function exactProduct(dimensions: number): WasmFunction {
  const [row, query, end, sums] = [0, 1, 2, 3];
  const addTwo = (at: number, count: number): Code => {
    const sum = sums + ((at / 2) % exactSums);
    const doubles = (pointer: number): Code => [
      get(pointer),
      simdMemory(count > 1 ? loadTwo : loadOne, at * 4),
      f64x2.promoteLowF32x4,
    ];
    return [doubles(row), doubles(query), get(sum), f64x2.relaxedMadd, set(sum)];
  };
  const step = (at: number, count: number): Code => [addTwo(at, count), count > 2 ? addTwo(at + 2, count - 2) : []];
  const everySum = Array.from({ length: exactSums }, (_, i) => sums + i);
  return {
    name: "exactProduct",
    params: [i32, i32],
    results: [f64],
    locals: [i32, ...everySum.map(() => v128)],
    body: [
      alongRow(dimensions, [row, query], end, step),
      everySum.slice(1).map((sum) => [get(sums), get(sum), f64x2.add, set(sums)]),
      [get(sums), f64x2.extractLane(0), get(sums), f64x2.extractLane(1), [0xa0]],
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
    params: [i32, i32],
    results: [f32],
    locals: [i32, ...everySum.map(() => v128)],
    body: [
      alongRow(dimensions, [row, query], end, step),
      everySum.slice(1).map((sum) => [get(sums), get(sum), f32x4.add, set(sums)]),
      sumOfLanes(sums),
    ],
  };
}

/** `touch(start, end)`: reads something of every cache line, so that their misses overlap; the sum is of no use. */
export function touch(): WasmFunction {
  const [start, end, sum] = [0, 1, 2];
  const body: Code = [[get(sum), get(start), load(0x28), add, set(sum)], advance(start, 64)];
  return {
    name: "touch",
    params: [i32, i32],
    results: [i32],
    locals: [i32],
    body: [loopBelow(start, end, body), get(sum)],
  };
}
