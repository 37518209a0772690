import { expect, it } from "vitest";
import { madePass } from "../../test/made-pass.ts";
import { productRuntime } from "./product-runtime.ts";
import { paddedQueries } from "./shared-pass.ts";
import { sharedMemory } from "./wasm/kernels.ts";

const [rowsAt, productsAt] = [4 << 20, 5 << 20];
const memory = sharedMemory(8 << 20);

it.each([1, 16, 33])("multiplies rows of float32 with %i queries", async (queries) => {
  const [dimensions, count] = [19, 5];
  const pass = madePass(queries, { precision: "float32", rounding: undefined, dimensions, threads: 1 });
  const asked = new Float32Array(memory.buffer, pass.queryRows, queries * dimensions);
  const rows = new Float32Array(memory.buffer, rowsAt, count * dimensions);
  for (const numbers of [asked, rows]) for (let i = 0; i < numbers.length; i++) numbers[i] = (i % 7) - 3;
  const runtime = productRuntime(memory);
  await using product = await runtime.prepare(pass);
  await product.multiply({ address: rowsAt, count }, productsAt);
  const stride = paddedQueries(queries);
  const products = new Float32Array(memory.buffer, productsAt, count * stride);
  for (let row = 0; row < count; row++) {
    for (let query = 0; query < stride; query++) {
      let expected = 0;
      for (let i = 0; query < queries && i < dimensions; i++) {
        expected += rows[row * dimensions + i]! * asked[query * dimensions + i]!;
      }
      expect(products[row * stride + query]).toBe(expected);
    }
  }
});

// Instructions that add pairs in 16 bits would cut larger sums off; those of 7 bits and 8 bits fit.
it("multiplies the largest codes without loss", async () => {
  const [dimensions, count, queries] = [770, 3, 17];
  const width = 784;
  const pass = madePass(queries, { dimensions, threads: 1 });
  const codes = new Uint8Array(memory.buffer, rowsAt, count * width).fill(127);
  const asked = new Int8Array(memory.buffer, pass.queryCodes, queries * width);
  for (let i = 0; i < asked.length; i++)
    asked[i] = i % width < dimensions ? (Math.floor(i / width) % 2 ? -127 : 127) : 0;
  codes.fill(3, width, width + 5);
  const runtime = productRuntime(memory);
  await using product = await runtime.prepare(pass);
  await product.multiply({ address: rowsAt, count }, productsAt);
  const products = new Int32Array(memory.buffer, productsAt, count * 32);
  const whole = 127 * 127 * dimensions;
  for (let query = 0; query < queries; query++) {
    const sign = query % 2 ? -1 : 1;
    expect(products[query]! * sign).toBe(whole);
    expect(products[32 + query]! * sign).toBe(whole - 5 * 124 * 127);
  }
  expect(Array.from(products.subarray(queries, 32))).toEqual(Array.from({ length: 32 - queries }, () => 0));
});
