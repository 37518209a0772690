import { seededRandom } from "@rag-instruct/core";
import { decodeFloat16 } from "@rag-instruct/core/vectors";
import { expect, it } from "vitest";
import { codeWidth, compileKernels, instantiateKernels, productStride, returnMemory, sharedMemory } from "./kernels.ts";

const random = seededRandom(11);
const memory = sharedMemory(64 * 65_536);
const [rowsAt, queriesAt, outAt, scratchAt, scoresAt, foundAt, scalesAt] = [0, 1, 2, 3, 4, 5, 6].map(
  (i) => i * 400_000,
);
const floats = (at: number, length: number) => new Float32Array(memory.buffer, at, length);
const ints = (at: number, length: number) => new Int32Array(memory.buffer, at, length);

function fill<T extends Int32Array | Float32Array>(array: T, valueAt: (i: number) => number): T {
  for (let i = 0; i < array.length; i++) array[i] = valueAt(i);
  return array;
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

it.each([1, 2, 3, 4, 15, 16, 17, 24, 31, 129, 384])("multiplies rows of %i numbers", (dimensions) => {
  const kernels = instantiateKernels(compileKernels(dimensions), memory);
  const count = 12;
  const width = codeWidth(dimensions);
  const codes = new Uint8Array(memory.buffer, rowsAt!, count * width).map(() => 0);
  for (let i = 0; i < codes.length; i++) codes[i] = random.next() * 128;
  new Uint8Array(memory.buffer, rowsAt!, codes.length).set(codes);
  const query = new Int8Array(3 * width).map(() => random.next() * 32 - 16);
  new Int8Array(memory.buffer, queriesAt!, query.length).set(query);
  for (const [multiply, queries] of [
    [kernels.int8Three, 3],
    [kernels.int8One, 1],
  ] as const) {
    multiply(rowsAt!, rowsAt! + codes.length, queriesAt!, outAt!, scratchAt!);
    const out = ints(outAt!, productStride * 3);
    for (let q = 0; q < queries; q++) {
      for (let r = 0; r < count; r++) {
        const expected = product(
          codes.subarray(r * width, (r + 1) * width),
          query.subarray(q * width, (q + 1) * width),
        );
        expect(out[q * productStride + r]).toBe(expected);
      }
    }
  }
  const values = floats(rowsAt!, count * dimensions);
  const floatQueries = floats(queriesAt!, 3 * dimensions);
  for (const numbers of [values, floatQueries])
    for (let i = 0; i < numbers.length; i++) numbers[i] = random.next() - 0.5;
  const row = (r: number) => values.subarray(r * dimensions, (r + 1) * dimensions);
  for (const [multiply, queries] of [
    [kernels.floatThree, 3],
    [kernels.floatOne, 1],
  ] as const) {
    multiply(rowsAt!, rowsAt! + count * dimensions * 4, queriesAt!, outAt!);
    for (let q = 0; q < queries; q++) {
      const query = floatQueries.subarray(q * dimensions, (q + 1) * dimensions);
      for (let r = 0; r < count; r++) {
        expect(floats(outAt!, productStride * 3)[q * productStride + r]).toBeCloseTo(product(row(r), query), 4);
        const exact = kernels.exactProduct(rowsAt! + r * dimensions * 4, queriesAt! + q * dimensions * 4);
        expect(exact).toBeCloseTo(product(row(r), query), 12);
        const near = kernels.floatProduct(rowsAt! + r * dimensions * 4, queriesAt! + q * dimensions * 4);
        expect(near).toBeCloseTo(product(row(r), query), 4);
      }
    }
  }
  const squares = Math.max(...Array.from({ length: count }, (_, r) => product(row(r), row(r))));
  expect(kernels.largestSquare(rowsAt!, rowsAt! + count * dimensions * 4)).toBeCloseTo(squares, 4);
  values[dimensions] = Number.NaN;
  expect(kernels.largestSquare(rowsAt!, rowsAt! + count * dimensions * 4)).toBeNaN();
});

it("decodes every half", () => {
  const kernels = instantiateKernels(compileKernels(4), memory);
  const all = new Uint16Array(65_536).map((_, bits) => bits);
  new Uint16Array(memory.buffer, rowsAt!, all.length).set(all);
  kernels.decodeHalves(rowsAt!, outAt!, outAt! + all.length * 4);
  const expected = new Float32Array(all.length);
  decodeFloat16(all, expected);
  expect(Array.from(floats(outAt!, all.length))).toEqual(Array.from(expected));
});

it.each([1, 15, 16, 17, 100])("selects what reaches the threshold among %i products", (count) => {
  const kernels = instantiateKernels(compileKernels(4), memory);
  const products = ints(outAt!, count + 32).fill(1000);
  const scales = floats(scalesAt!, count + 32).fill(9);
  for (let i = 0; i < count; i++) {
    products[i] = Math.round(random.next() * 200);
    scales[i] = Math.fround(random.next());
  }
  const expected = Array.from({ length: count }, (_, i) => i).filter((i) => (products[i]! - 50) * scales[i]! >= 20);
  const end = kernels.selectInt8(outAt!, outAt! + count * 4, 20, 7, scoresAt!, foundAt!, 50, scalesAt!);
  expect((end - scoresAt!) / 4).toBe(expected.length);
  expect(Array.from(ints(foundAt!, expected.length))).toEqual(expected.map((i) => i + 7));
  const values = floats(outAt!, count + 32).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < count; i++) values[i] = random.next();
  const above = Array.from({ length: count }, (_, i) => i).filter((i) => values[i]! >= 0.75);
  const stop = kernels.selectFloat(outAt!, outAt! + count * 4, 0.75, 0, scoresAt!, foundAt!);
  expect(Array.from(ints(foundAt!, (stop - scoresAt!) / 4))).toEqual(above);
  expect(Array.from(floats(scoresAt!, above.length))).toEqual(above.map((i) => values[i]));
});

it.each([1, 7, 192])("selects what reaches each query's threshold among the products of %i rows", (count) => {
  const kernels = instantiateKernels(compileKernels(4), memory);
  const [queries, wider, capacity] = [32, 48, 300];
  const [thresholdsAt, countsAt, offsetsAt] = [0, 1, 2].map((i) => rowsAt! + i * 1024);
  const valuesAt = outAt! + count * wider * 4;
  const products = fill(ints(outAt!, count * wider), () => Math.round(random.next() * 200));
  const values = fill(floats(valuesAt, count * wider), () => random.next() * 90);
  const scales = fill(floats(scalesAt!, count), () => random.next());
  const thresholds = fill(floats(thresholdsAt!, queries), (q) => (q % 5 === 0 ? Number.POSITIVE_INFINITY : q * 3));
  fill(ints(offsetsAt!, queries), (q) => q);
  const lists = [thresholdsAt!, 40, countsAt!, scoresAt!, foundAt!, capacity * 4] as const;
  const stride = wider * 4;
  for (const [scaled, from] of [
    [true, outAt!],
    [false, valuesAt],
  ] as const) {
    ints(countsAt!, queries).fill(3);
    const shared = [from, from + count * stride, stride, queries, ...lists] as const;
    const select = scaled ? kernels.selectInt8Columns : kernels.selectFloatColumns;
    select(...shared, offsetsAt!, scalesAt!);
    for (let q = 0; q < queries; q++) {
      const score = (row: number) =>
        scaled ? Math.fround((products[row * wider + q]! - q) * scales[row]!) : values[row * wider + q]!;
      const expected = Array.from({ length: count }, (_, row) => row).filter((row) => score(row) >= thresholds[q]!);
      const list = (q * capacity + 3) * 4;
      expect(ints(countsAt!, queries)[q]).toBe(3 + expected.length);
      expect(Array.from(ints(foundAt! + list, expected.length))).toEqual(expected.map((row) => row + 40));
      expect(Array.from(floats(scoresAt! + list, expected.length))).toEqual(expected.map(score));
    }
  }
});

it("gives out again what was returned, unless it is too small or much too large", () => {
  const pages = (count: number) => sharedMemory(count * 65_536);
  const four = pages(4);
  returnMemory(four);
  expect(pages(5)).not.toBe(four);
  expect(pages(1)).not.toBe(four);
  expect(pages(3)).toBe(four);
  expect(pages(3)).not.toBe(four);
});
