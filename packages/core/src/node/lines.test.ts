import { describe, expect, it } from "vitest";
import { readLines } from "./lines.ts";

async function* inChunks(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("readLines", () => {
  it("ends lines at LF and CRLF alone, however the text is chunked", async () => {
    const text = "a\r\n\nb\u2028still b\u0085\rx\nc\0d\n\r\nlast";
    const expected = ["a", "", "b\u2028still b\u0085\rx", "c\0d", "", "last"];
    for (let size = 1; size <= 30; size++) {
      const lines = await Array.fromAsync(readLines(inChunks(text, size)));
      expect(lines).toEqual(expected.map((line, index) => ({ text: line, line: index + 1 })));
    }
  });

  it("reads a line of 50 MB", async () => {
    const long = "x".repeat(50 << 20);
    const lengths = [];
    for await (const { text, line } of readLines(inChunks(`a\n${long}\nb`, 1 << 18)))
      lengths.push([line, text?.length]);
    expect(lengths).toEqual([
      [1, 1],
      [2, 50 << 20],
      [3, 1],
    ]);
  });

  it("gives a line over the limit without its text and goes on", async () => {
    for (let size = 1; size < 20; size++) {
      const lines = await Array.fromAsync(readLines(inChunks("ab\n0123456789012345\ncd\n", size), { maxBytes: 10 }));
      expect(lines.map(({ line }) => line)).toEqual([1, 2, 3]);
      expect([lines[0]?.text, lines[2]?.text]).toEqual(["ab", "cd"]);
    }
  });
});
