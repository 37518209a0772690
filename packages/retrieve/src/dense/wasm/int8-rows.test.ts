import { seededRandom } from "@rag-instruct/core";
import { expect, it } from "vitest";
import { codeWidth, compileKernels, instantiateKernels, sharedMemory } from "./kernels.ts";

const random = seededRandom(23);
const memory = sharedMemory(1 << 17);
const [rowAt, centerAt, codesAt, seedsAt, scaleAt] = [0, 8000, 16_000, 24_000, 24_016];
const floats = (at: number, length: number) => new Float32Array(memory.buffer, at, length);

it.each([1, 3, 16, 18, 387])("rounds %i numbers up or down, and on the average to what they are", (dimensions) => {
  const kernels = instantiateKernels(compileKernels(dimensions), memory);
  const [row, center] = [floats(rowAt, dimensions), floats(centerAt, dimensions)];
  new Int32Array(memory.buffer, seedsAt, 4).set([1, 2, 3, 4]);
  for (let i = 0; i < dimensions; i++) {
    row[i] = random.next() * 2 - 1;
    center[i] = random.next() / 10;
  }
  // What follows a row does not count.
  floats(rowAt, dimensions + 4).fill(1e6, dimensions);
  const values = Array.from(row, (value, i) => value - center[i]!);
  const largest = Math.max(...values.map(Math.abs));
  const codes = new Uint8Array(memory.buffer, codesAt, codeWidth(dimensions));
  const [sums, rounds] = [new Float64Array(dimensions), 400];
  for (let round = 0; round < rounds; round++) {
    const square = kernels.quantizeRow(rowAt, centerAt, codesAt, seedsAt, scaleAt);
    const scale = floats(scaleAt, 1)[0]!;
    expect(scale).toBeCloseTo(largest / 63, 6);
    let expected = 0;
    for (let i = 0; i < dimensions; i++) {
      const code = codes[i]! - 64;
      expect(Math.abs(code)).toBeLessThanOrEqual(63);
      expect(Math.abs(code * scale - values[i]!)).toBeLessThanOrEqual(scale * 1.0001);
      expected += code * code;
      sums[i]! += code * scale;
    }
    expect(square).toBe(expected);
  }
  // Five deviations of the mean of numbers that are a step apart.
  for (let i = 0; i < dimensions; i++) {
    expect(Math.abs(sums[i]! / rounds - values[i]!)).toBeLessThan((5 * 0.5 * (largest / 63)) / Math.sqrt(rounds));
  }
});

it("gives a row that is its center a scale of 0", () => {
  const kernels = instantiateKernels(compileKernels(5), memory);
  floats(rowAt, 5).fill(0.25);
  floats(centerAt, 5).fill(0.25);
  kernels.quantizeRow(rowAt, centerAt, codesAt, seedsAt, scaleAt);
  expect(floats(scaleAt, 1)[0]).toBe(0);
});
