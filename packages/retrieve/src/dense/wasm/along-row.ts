import { advance, type Code, constant, get, loadVector, loopBelow, set, simdMemory } from "./assembler.ts";
import { f32x4 } from "./opcodes.ts";

export const [loadOne, loadTwo] = [92, 93]; // v128.load32_zero, v128.load64_zero
const addScalars: Code = [0x92];
const floatsPerLoop = 16;

/** Four numbers at `pointer + 4 * at`, of which only `count` belong to the row; zeros stand for the others. */
export function loadFloats(pointer: number, at: number, count = 4): Code {
  const offset = at * 4;
  if (count >= 4) return [get(pointer), loadVector(offset)];
  const [first, firstTwo] = [simdMemory(loadOne, offset), simdMemory(loadTwo, offset)];
  if (count < 3) return [get(pointer), count === 1 ? first : firstTwo];
  return [get(pointer), get(pointer), firstTwo, simdMemory(86, offset + 8, 2)]; // v128.load32_lane
}

/**
 * Goes along a row: `step(at, count)` is the code for four numbers from `at` on, or for the last `count`; `pointers` to floats
 * move with it, those of `toBytes` to bytes, and end beyond the last whole loop. `end` is a free local.
 */
export function alongRow(
  dimensions: number,
  pointers: readonly number[],
  end: number,
  step: (at: number, count: number) => Code,
  toBytes: readonly number[] = [],
): Code {
  const looped = dimensions - (dimensions % floatsPerLoop);
  const steps = (from: number, to: number) =>
    Array.from({ length: Math.ceil((to - from) / 4) }, (_, i) => step(from + i * 4, Math.min(4, to - from - i * 4)));
  const first = pointers[0]!;
  const body = [
    steps(0, floatsPerLoop),
    pointers.map((pointer) => advance(pointer, floatsPerLoop * 4)),
    toBytes.map((pointer) => advance(pointer, floatsPerLoop)),
  ];
  return [
    looped === 0 ? [] : [get(first), constant(looped * 4), [0x6a], set(end), loopBelow(first, end, body)],
    steps(0, dimensions - looped),
  ];
}

export const sumOfLanes = (vector: number): Code => [
  [get(vector), f32x4.extractLane(0), get(vector), f32x4.extractLane(1), addScalars],
  [get(vector), f32x4.extractLane(2), get(vector), f32x4.extractLane(3), addScalars, addScalars],
];
