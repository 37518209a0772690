import { expect, it } from "vitest";
import { ChunkWriter } from "./build-threads.ts";
import { maxTexts } from "./runs.ts";

it("fills a chunk with no more texts than two bytes number, and uses its memory again", () => {
  const writer = new ChunkWriter();
  for (let i = 1; i < maxTexts; i++) expect(writer.add("é")).toBe(false);
  expect(writer.add("a")).toBe(true);
  const first = writer.take()!;
  expect(first).toMatchObject({ number: 0, firstRow: 0 });
  expect([first.ends.length, first.ascii[0], first.ascii.at(-1)]).toEqual([maxTexts, 0, 1]);
  writer.reuse(first);
  writer.add("b");
  const second = writer.take()!;
  expect(second).toMatchObject({ number: 1, firstRow: maxTexts });
  expect(second.bytes).toBe(first.bytes);
  expect(writer.take()).toBeUndefined();
});
