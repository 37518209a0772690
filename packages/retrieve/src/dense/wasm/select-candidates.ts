import {
  advance,
  type Code,
  f32,
  f32x4,
  get,
  i32,
  i32x4,
  loopBelow,
  repeated,
  set,
  tee,
  v128,
  type WasmFunction,
  when,
} from "./assembler.ts";

const productsPerLoop = 16;

/**
 * `name(products, end, threshold, firstRow, scores, rows, [offset, scales])`: appends every product that is at least
 * `threshold` to `scores` and its row to `rows`, and returns the address behind the last score. Of int32 products,
 * `(product - offset) * scale of the row` counts. Up to 15 products and scales beyond the end are read.
 */
export function selectAbove(name: string, { scaled }: { scaled: boolean }): WasmFunction {
  const [products, end, threshold, row, scores, rows, offset, scales] = [0, 1, 2, 3, 4, 5, 6, 7];
  const locals = scaled ? 8 : 6;
  const [limit, offsets, last, place, score] = [locals, locals + 1, locals + 2, locals + 3, locals + 4];

  const four = (i: number): Code =>
    scaled
      ? [
          [get(products), v128.load(i * 16), get(offsets), i32x4.sub, f32x4.convertI32x4],
          [get(scales), v128.load(i * 16), f32x4.mul],
        ]
      : [get(products), v128.load(i * 16)];
  const one: Code = scaled
    ? [
        [get(place), i32.load(), get(offset), i32.sub, f32.convertI32S],
        [get(scales), get(place), get(products), i32.sub, i32.add, f32.load(), f32.mul],
      ]
    : [get(place), f32.load()];
  const append: Code = [
    [get(scores), get(score), f32.store(), advance(scores, 4)],
    [
      get(rows),
      get(row),
      get(place),
      get(products),
      i32.sub,
      i32.const(2),
      i32.shrU,
      i32.add,
      i32.store(),
      advance(rows, 4),
    ],
  ];
  // The last of the sixteen that are not beyond the end.
  const clip: Code = [
    when([get(products), i32.const(productsPerLoop * 4), i32.add, tee(last), get(end), i32.gtU], [get(end), set(last)]),
  ];
  const scan: Code = [
    clip,
    [get(products), set(place)],
    loopBelow(place, last, [when([one, tee(score), get(threshold), f32.ge], append), advance(place, 4)]),
  ];
  const any: Code = [0, 1, 2, 3].map((i) => [four(i), get(limit), f32x4.ge, i === 0 ? [] : v128.or]);
  const body: Code = [
    when([any, v128.anyTrue], scan),
    advance(products, productsPerLoop * 4),
    advance(row, productsPerLoop),
    scaled ? advance(scales, productsPerLoop * 4) : [],
  ];
  return {
    name,
    params: ["i32", "i32", "f32", "i32", "i32", "i32", ...repeated(scaled ? 2 : 0, "i32")],
    results: ["i32"],
    locals: ["v128", "v128", "i32", "i32", "f32"],
    body: [
      [get(threshold), f32x4.splat, set(limit)],
      scaled ? [get(offset), i32x4.splat, set(offsets)] : [],
      loopBelow(products, end, body),
      get(scores),
    ],
  };
}

/** Queries whose products are looked through at once. */
export const queriesPerColumn = 16;

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

  const ofQuery = (array: number, which: number): Code => [get(array), get(which), i32.const(2), i32.shl, i32.add];
  const vectorOf = (array: number, i: number): Code => [ofQuery(array, first), v128.load(i * 16)];
  const four = (i: number): Code => [
    [get(at), v128.load(i * 16)],
    scaled ? [vectorOf(offsets, i), i32x4.sub, f32x4.convertI32x4, get(scale), f32x4.splat, f32x4.mul] : [],
  ];
  const one: Code = scaled
    ? [
        [ofQuery(products, query), i32.load(), ofQuery(offsets, query), i32.load()],
        [i32.sub, f32.convertI32S, get(scale), f32.mul],
      ]
    : [ofQuery(products, query), f32.load()];
  const place = (array: number): Code => [get(array), get(list), i32.add, get(count), i32.const(2), i32.shl, i32.add];
  const append: Code = [
    [get(query), get(capacity), i32.mul, set(list)],
    [ofQuery(counts, query), i32.load(), set(count)],
    [place(scores), one, f32.store()],
    [place(rows), get(row), i32.store()],
    [ofQuery(counts, query), get(count), i32.const(1), i32.add, i32.store()],
  ];
  // A bit for each query whose threshold is reached; the lowest is taken off until none is left.
  const appendAll: Code = [
    vectors.map((i) => [get(reached(i)), i32x4.bitmask, i32.const(i * 4), i32.shl, i === 0 ? [] : i32.or]),
    set(reaching),
    loopBelow(zero, reaching, [
      [get(reaching), i32.ctz, get(first), i32.add, set(query)],
      append,
      [get(reaching), get(reaching), i32.const(1), i32.sub, i32.and, set(reaching)],
    ]),
  ];
  const any: Code = vectors.map((i) => [
    [four(i), vectorOf(thresholds, i), f32x4.ge, tee(reached(i))],
    i === 0 ? [] : v128.or,
  ]);
  return {
    name,
    params: repeated(params, "i32"),
    results: [],
    locals: ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32", "v128", "v128", "v128", "v128"],
    body: loopBelow(products, end, [
      scaled ? [get(scales), f32.load(), set(scale), advance(scales, 4)] : [],
      [get(products), set(at), i32.const(0), set(first)],
      loopBelow(first, columns, [
        when([any, v128.anyTrue], appendAll),
        advance(at, queriesPerColumn * 4),
        advance(first, queriesPerColumn),
      ]),
      [get(products), get(stride), i32.add, set(products)],
      advance(row, 1),
    ]),
  };
}

const bytesPerLoop = 64;

const whileBelow = (local: number, end: number, body: Code): Code =>
  when([get(local), get(end), i32.ltU], loopBelow(local, end, body));

/** `countAtLeast(scores, end, least)`: how many float32 numbers are at least that much. */
export function countAtLeast(): WasmFunction {
  const [scores, end, least, count, whole, limit, sums] = [0, 1, 2, 3, 4, 5, 6];
  const four = (at: number): Code => [
    get(sums),
    get(scores),
    v128.load(at),
    get(limit),
    f32x4.ge,
    i32x4.sub,
    set(sums),
  ];
  return {
    name: "countAtLeast",
    params: ["i32", "i32", "f32"],
    results: ["i32"],
    locals: ["i32", "i32", "v128", "v128"],
    body: [
      [get(least), f32x4.splat, set(limit)],
      [get(end), get(scores), i32.sub, i32.const(-bytesPerLoop), i32.and, get(scores), i32.add, set(whole)],
      whileBelow(scores, whole, [[0, 16, 32, 48].map(four), advance(scores, bytesPerLoop)]),
      whileBelow(scores, end, [
        [get(count), get(scores), f32.load(), get(least), f32.ge, i32.add, set(count)],
        advance(scores, 4),
      ]),
      get(count),
      [0, 1, 2, 3].map((lane) => [get(sums), i32x4.extractLane(lane), i32.add]),
    ],
  };
}

/**
 * `keepAtLeast(scores, rows, end, least)`: moves the scores that are at least that much to the front, their rows with them, in
 * their order; returns how many they are. Without branches, because which they are cannot be predicted.
 */
export function keepAtLeast(): WasmFunction {
  const [scores, rows, end, least, from, fromRow, to, toRow, score, step] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const forward = (local: number): Code => [get(local), get(step), i32.add, set(local)];
  return {
    name: "keepAtLeast",
    params: ["i32", "i32", "i32", "f32"],
    results: ["i32"],
    locals: ["i32", "i32", "i32", "i32", "f32", "i32"],
    body: [
      [get(scores), tee(from), set(to), get(rows), tee(fromRow), set(toRow)],
      whileBelow(from, end, [
        [get(to), get(from), f32.load(), tee(score), f32.store()],
        [get(toRow), get(fromRow), i32.load(), i32.store()],
        [get(score), get(least), f32.ge, i32.const(2), i32.shl, set(step)],
        [forward(to), forward(toRow), advance(fromRow, 4), advance(from, 4)],
      ]),
      [get(to), get(scores), i32.sub, i32.const(2), i32.shrU],
    ],
  };
}

/** `unlift(scores, rows, end, to, scales, lift)`: writes every score less `lift` times the scale of its row. */
export function unlift(): WasmFunction {
  const [scores, rows, end, to, scales, lift] = [0, 1, 2, 3, 4, 5];
  const scale: Code = [get(rows), i32.load(), i32.const(2), i32.shl, get(scales), i32.add, f32.load()];
  return {
    name: "unlift",
    params: ["i32", "i32", "i32", "i32", "i32", "f32"],
    results: [],
    locals: [],
    body: whileBelow(scores, end, [
      [get(to), get(scores), f32.load(), get(lift), scale, f32.mul, f32.sub, f32.store()],
      [advance(scores, 4), advance(rows, 4), advance(to, 4)],
    ]),
  };
}
