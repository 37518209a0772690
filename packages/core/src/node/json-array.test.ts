import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonArray } from "./json-array.ts";

async function* inChunks(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const elements = (text: string, size: number, options = {}) =>
  Array.fromAsync(readJsonArray(inChunks(text, size), options));

describe("readJsonArray", () => {
  it("gives back the elements of any array, however it is written and chunked", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(3),
        async (array, size, indent) => {
          const found = await elements(JSON.stringify(array, null, indent), size);
          expect(found.map(({ text }) => JSON.parse(text!))).toEqual(JSON.parse(JSON.stringify(array)));
          expect(found.every(({ torn }) => !torn)).toBe(true);
        },
      ),
    );
  });

  it("gives what is no array as one element", async () => {
    expect(await elements(' {"a": [1, 2], "b": "]"}\n', 3)).toEqual([
      { text: '{"a": [1, 2], "b": "]"}', number: 1, torn: false },
    ]);
    expect(await elements("", 3)).toEqual([]);
    expect(await elements(" [ ] ", 3)).toEqual([]);
  });

  it("says where the input ends too soon", async () => {
    const found = await elements('[{"a": 1}, {"b": "cut', 4);
    expect(found.map(({ torn }) => torn)).toEqual([false, true]);
    expect((await elements("[1, 2", 2)).at(-1)).toMatchObject({ number: 2, torn: true });
  });

  it("gives an element over the limit without its text and goes on", async () => {
    const found = await elements('[1, "01234567890123456789", 3]', 3, { maxBytes: 10 });
    expect(found.map(({ text }) => text)).toEqual(["1", undefined, "3"]);
  });
});
