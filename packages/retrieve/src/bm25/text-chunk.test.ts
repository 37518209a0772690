import { expect, it } from "vitest";
import { mostTexts } from "./run.ts";
import { chunkWriter } from "./text-chunk.ts";

it("fills a chunk with no more texts than two bytes number, and uses its memory again", () => {
  const writer = chunkWriter();
  for (let i = 1; i < mostTexts; i++) expect(writer.add("é")).toBe(false);
  expect(writer.add("a")).toBe(true);
  const first = writer.take()!;
  expect(first).toMatchObject({ number: 0, firstRow: 0 });
  expect([first.ends.length, first.ascii[0], first.ascii.at(-1)]).toEqual([mostTexts, 0, 1]);
  writer.reuse(first);
  writer.add("b");
  const second = writer.take()!;
  expect(second).toMatchObject({ number: 1, firstRow: mostTexts });
  expect(second.bytes).toBe(first.bytes);
  expect(writer.take()).toBeUndefined();
});
