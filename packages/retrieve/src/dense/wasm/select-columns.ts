import {
  add,
  advance,
  type Code,
  constant,
  f32,
  get,
  i32,
  load,
  loadVector,
  loopBelow,
  set,
  store,
  tee,
  v128,
  type WasmFunction,
  when,
} from "./assembler.ts";
import { bitwise, f32x4, i32x4 } from "./opcodes.ts";

/** Queries whose products are looked through at once. */
export const queriesPerColumn = 16;

const [trailingZeros, minus, times, and, or, shiftLeft] = [0x68, 0x6b, 0x6c, 0x71, 0x72, 0x74];
const [toFloat, timesFloat] = [0xb2, 0x94];
const vectors = [0, 1, 2, 3];

/**
 * `name(products, end, stride, columns, thresholds, firstRow, counts, scores, rows, capacity, offsets, scales)`: of products
 * that lie row by row, `stride` bytes from one row to the next, looks through those of `columns` queries, a multiple of 16:
 * each that is at least its query's threshold is appended to the query's list. Query q has `counts[q]` products at
 * `scores + q * capacity` and their rows at `rows + q * capacity`, capacities in bytes. Of int32 products,
 * `(product - offset of the query) * scale of the row` counts; floats count as they are, whatever offsets and scales say.
 */
export function selectColumns(name: string, { scaled }: { scaled: boolean }): WasmFunction {
  const [products, end, stride, columns, thresholds] = [0, 1, 2, 3, 4];
  const [row, counts, scores, rows, capacity, offsets, scales] = [5, 6, 7, 8, 9, 10, 11];
  const params = 12;
  const [at, first, query, reaching] = [params, params + 1, params + 2, params + 3];
  const [list, count, zero, scale] = [params + 4, params + 5, params + 6, params + 7];
  const reached = (i: number) => params + 8 + i;

  const ofQuery = (array: number, which: number): Code => [get(array), get(which), constant(2), shiftLeft, add];
  const vectorOf = (array: number, i: number): Code => [ofQuery(array, first), loadVector(i * 16)];
  const four = (i: number): Code => [
    [get(at), loadVector(i * 16)],
    scaled ? [vectorOf(offsets, i), i32x4.sub, f32x4.convertI32x4, get(scale), f32x4.splat, f32x4.mul] : [],
  ];
  const one: Code = scaled
    ? [
        [ofQuery(products, query), load(0x28), ofQuery(offsets, query), load(0x28)],
        [minus, toFloat, get(scale), timesFloat],
      ]
    : [ofQuery(products, query), load(0x2a)];
  const place = (array: number): Code => [get(array), get(list), add, get(count), constant(2), shiftLeft, add];
  const append: Code = [
    [get(query), get(capacity), times, set(list)],
    [ofQuery(counts, query), load(0x28), set(count)],
    [place(scores), one, store(0x38)],
    [place(rows), get(row), store(0x36)],
    [ofQuery(counts, query), get(count), constant(1), add, store(0x36)],
  ];
  // A bit for each query whose threshold is reached; the lowest is taken off until none is left.
  const appendAll: Code = [
    vectors.map((i) => [get(reached(i)), i32x4.bitmask, constant(i * 4), shiftLeft, i === 0 ? [] : or]),
    set(reaching),
    loopBelow(zero, reaching, [
      [get(reaching), trailingZeros, get(first), add, set(query)],
      append,
      [get(reaching), get(reaching), constant(1), minus, and, set(reaching)],
    ]),
  ];
  const any: Code = vectors.map((i) => [
    [four(i), vectorOf(thresholds, i), f32x4.ge, tee(reached(i))],
    i === 0 ? [] : bitwise.or,
  ]);
  return {
    name,
    params: Array.from({ length: params }, () => i32),
    results: [],
    locals: [i32, i32, i32, i32, i32, i32, i32, f32, v128, v128, v128, v128],
    body: loopBelow(products, end, [
      scaled ? [get(scales), load(0x2a), set(scale), advance(scales, 4)] : [],
      [get(products), set(at), constant(0), set(first)],
      loopBelow(first, columns, [
        when([any, bitwise.anyTrue], appendAll),
        advance(at, queriesPerColumn * 4),
        advance(first, queriesPerColumn),
      ]),
      [get(products), get(stride), add, set(products)],
      advance(row, 1),
    ]),
  };
}
