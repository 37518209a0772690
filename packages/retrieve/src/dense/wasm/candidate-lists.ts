import type { Code, WasmFunction } from "./assembler.ts";
import { advance, f32, f32x4, get, i32, i32x4, loopBelow, set, tee, v128, when } from "./instructions.ts";

const perLoop = 64;

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
      [get(end), get(scores), i32.sub, i32.const(-perLoop), i32.and, get(scores), i32.add, set(whole)],
      whileBelow(scores, whole, [[0, 16, 32, 48].map(four), advance(scores, perLoop)]),
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
