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
import { f32x4, i32x4 } from "./opcodes.ts";

const [below, and, minus, shiftLeft, shiftRight] = [0x49, 0x71, 0x6b, 0x74, 0x76];
const [floatAtLeast, floatMinus, floatTimes] = [0x60, 0x93, 0x94];
const perLoop = 64;

const whileBelow = (local: number, end: number, body: Code): Code =>
  when([get(local), get(end), below], loopBelow(local, end, body));

/** `countAtLeast(scores, end, least)`: how many float32 numbers are at least that much. */
export function countAtLeast(): WasmFunction {
  const [scores, end, least, count, whole, limit, sums] = [0, 1, 2, 3, 4, 5, 6];
  const four = (at: number): Code => [
    get(sums),
    get(scores),
    loadVector(at),
    get(limit),
    f32x4.ge,
    i32x4.sub,
    set(sums),
  ];
  return {
    name: "countAtLeast",
    params: [i32, i32, f32],
    results: [i32],
    locals: [i32, i32, v128, v128],
    body: [
      [get(least), f32x4.splat, set(limit)],
      [get(end), get(scores), minus, constant(-perLoop), and, get(scores), add, set(whole)],
      whileBelow(scores, whole, [[0, 16, 32, 48].map(four), advance(scores, perLoop)]),
      whileBelow(scores, end, [
        [get(count), get(scores), load(0x2a), get(least), floatAtLeast, add, set(count)],
        advance(scores, 4),
      ]),
      get(count),
      [0, 1, 2, 3].map((lane) => [get(sums), i32x4.extractLane(lane), add]),
    ],
  };
}

/**
 * `keepAtLeast(scores, rows, end, least)`: moves the scores that are at least that much to the front, their rows with them, in
 * their order; returns how many they are. Which they are cannot be foretold, so that nothing branches on it.
 */
export function keepAtLeast(): WasmFunction {
  const [scores, rows, end, least, from, fromRow, to, toRow, score, step] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const forward = (local: number): Code => [get(local), get(step), add, set(local)];
  return {
    name: "keepAtLeast",
    params: [i32, i32, i32, f32],
    results: [i32],
    locals: [i32, i32, i32, i32, f32, i32],
    body: [
      [get(scores), tee(from), set(to), get(rows), tee(fromRow), set(toRow)],
      whileBelow(from, end, [
        [get(to), get(from), load(0x2a), tee(score), store(0x38)],
        [get(toRow), get(fromRow), load(0x28), store(0x36)],
        [get(score), get(least), floatAtLeast, constant(2), shiftLeft, set(step)],
        [forward(to), forward(toRow), advance(fromRow, 4), advance(from, 4)],
      ]),
      [get(to), get(scores), minus, constant(2), shiftRight],
    ],
  };
}

/** `unlift(scores, rows, end, to, scales, lift)`: writes every score less `lift` times the scale of its row. */
export function unlift(): WasmFunction {
  const [scores, rows, end, to, scales, lift] = [0, 1, 2, 3, 4, 5];
  const scale: Code = [get(rows), load(0x28), constant(2), shiftLeft, get(scales), add, load(0x2a)];
  return {
    name: "unlift",
    params: [i32, i32, i32, i32, i32, f32],
    results: [],
    locals: [],
    body: whileBelow(scores, end, [
      [get(to), get(scores), load(0x2a), get(lift), scale, floatTimes, floatMinus, store(0x38)],
      [advance(scores, 4), advance(rows, 4), advance(to, 4)],
    ]),
  };
}
