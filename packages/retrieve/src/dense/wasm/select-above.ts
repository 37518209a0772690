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

const perLoop = 16;

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
          [get(products), loadVector(i * 16), get(offsets), i32x4.sub, f32x4.convertI32x4],
          [get(scales), loadVector(i * 16), f32x4.mul],
        ]
      : [get(products), loadVector(i * 16)];
  const one: Code = scaled
    ? [
        [get(place), load(0x28), get(offset), [0x6b, 0xb2]],
        [get(scales), get(place), get(products), [0x6b], add, load(0x2a), [0x94]],
      ]
    : [get(place), load(0x2a)];
  const append: Code = [
    [get(scores), get(score), store(0x38), advance(scores, 4)],
    [get(rows), get(row), get(place), get(products), [0x6b], constant(2), [0x76], add, store(0x36), advance(rows, 4)],
  ];
  // The last of the sixteen that are not beyond the end.
  const clip: Code = [
    [get(products), constant(perLoop * 4), add, tee(last), get(end), [0x4b]],
    [0x04, 0x40],
    [get(end), set(last), 0x0b],
  ];
  const scan: Code = [
    clip,
    [get(products), set(place)],
    loopBelow(place, last, [
      [one, tee(score), get(threshold), [0x60]],
      [0x04, 0x40],
      [append, 0x0b],
      advance(place, 4),
    ]),
  ];
  const any: Code = [0, 1, 2, 3].map((i) => [four(i), get(limit), f32x4.ge, i === 0 ? [] : bitwise.or]);
  const body: Code = [
    when([any, bitwise.anyTrue], scan),
    advance(products, perLoop * 4),
    advance(row, perLoop),
    scaled ? advance(scales, perLoop * 4) : [],
  ];
  return {
    name,
    params: [i32, i32, f32, i32, i32, i32, ...(scaled ? [i32, i32] : [])],
    results: [i32],
    locals: [v128, v128, i32, i32, f32],
    body: [
      [get(threshold), f32x4.splat, set(limit)],
      scaled ? [get(offset), i32x4.splat, set(offsets)] : [],
      loopBelow(products, end, body),
      get(scores),
    ],
  };
}
