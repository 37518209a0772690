import { seededRandom } from "@rag-instruct/core";
import { expect, it } from "vitest";
import { compileKernels, instantiateKernels, sharedMemory } from "./kernels.ts";

const random = seededRandom(17);
const memory = sharedMemory(1 << 17);
const kernels = instantiateKernels(compileKernels(4), memory);
const [scoresAt, rowsAt, toAt, scalesAt] = [0, 20_000, 40_000, 60_000];

function made(count: number) {
  const scores = new Float32Array(memory.buffer, scoresAt, count + 20).fill(1e9);
  const rows = new Int32Array(memory.buffer, rowsAt, count + 20).fill(-1);
  for (let i = 0; i < count; i++) {
    scores[i] = Math.floor(random.next() * 20) - 10;
    rows[i] = i;
  }
  return { scores: Array.from(scores.subarray(0, count)), end: scoresAt + count * 4 };
}

it.each([0, 1, 3, 15, 16, 17, 31, 64, 333])("counts and keeps what is at least so much of %i numbers", (count) => {
  for (const least of [Number.NEGATIVE_INFINITY, -3, 4, 20]) {
    const { scores, end } = made(count);
    const expected = scores.flatMap((score, row) => (score >= least ? [{ score, row }] : []));
    expect(kernels.countAtLeast(scoresAt, end, least)).toBe(expected.length);
    const kept = kernels.keepAtLeast(scoresAt, rowsAt, end, least);
    const [left, leftRows] = [
      new Float32Array(memory.buffer, scoresAt, kept),
      new Int32Array(memory.buffer, rowsAt, kept),
    ];
    expect(Array.from(left, (score, i) => ({ score, row: leftRows[i] }))).toEqual(expected);
  }
});

it.each([0, 1, 30])("takes the lift off %i scores, by the scales of their rows", (count) => {
  const { scores, end } = made(count);
  const rows = new Int32Array(memory.buffer, rowsAt, count);
  const scales = new Float32Array(memory.buffer, scalesAt, 100);
  for (let i = 0; i < scales.length; i++) scales[i] = i / 4;
  for (let i = 0; i < count; i++) rows[i] = Math.floor(random.next() * 100);
  kernels.unlift(scoresAt, rowsAt, end, toAt, scalesAt, 3);
  const expected = scores.map((score, i) => score - 3 * scales[rows[i]!]!);
  expect(Array.from(new Float32Array(memory.buffer, toAt, count))).toEqual(expected);
});
