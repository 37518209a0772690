import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, readLines, type TextReport } from "./open-text.ts";

async function decode(bytes: Uint8Array, cuts: readonly number[] = []) {
  const report: TextReport = { encoding: "utf-8", invalidBytes: 0 };
  async function* chunks() {
    let from = 0;
    for (const cut of [...cuts].sort((a, b) => a - b)) {
      if (cut > from && cut < bytes.length) {
        yield bytes.subarray(from, cut);
        from = cut;
      }
    }
    yield bytes.subarray(from);
  }
  const parts = await Array.fromAsync(decodeText(chunks(), report));
  for (const part of parts) expect(part.toString("utf8")).not.toContain("\uFFFD");
  return { text: Buffer.concat(parts).toString("utf8"), ...report };
}

const text = "naïve 日本語 \u{1F600} end\r\nnext\u2028line\0nul";

describe("decodeText", () => {
  it.each([
    ["UTF-8", Buffer.from(text), "utf-8"],
    ["UTF-8 with a mark", Buffer.from(`\uFEFF${text}`), "utf-8"],
    ["UTF-16 LE with a mark", Buffer.from(`\uFEFF${text}`, "utf16le"), "utf-16le"],
    ["UTF-16 BE with a mark", Buffer.from(`\uFEFF${text}`, "utf16le").swap16(), "utf-16be"],
    ["UTF-16 LE without", Buffer.from("plain words of text", "utf16le"), "utf-16le"],
    ["UTF-16 BE without", Buffer.from("plain words of text", "utf16le").swap16(), "utf-16be"],
  ])("reads %s, cut anywhere after its beginning", async (name, bytes, encoding) => {
    const expected = name.endsWith("without") ? "plain words of text" : text;
    for (let cut = 20; cut < bytes.length; cut++) {
      expect(await decode(bytes, [cut])).toEqual({ text: expected, encoding, invalidBytes: 0 });
    }
  });

  it("leaves invalid bytes out and counts them, wherever the chunks are cut", async () => {
    const piece = fc.oneof(
      fc
        .string({ unit: "grapheme" })
        .map((value) => Buffer.from(value.replaceAll("\uFFFD", "").toWellFormed(), "utf8")),
      fc.uint8Array({ maxLength: 5 }).map((value) => Buffer.from(value)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(60)), async (pieces, cuts) => {
        const bytes = Buffer.concat([Buffer.from("a plain beginning "), ...pieces]);
        const { text: decoded, invalidBytes } = await decode(
          bytes,
          cuts.map((cut) => cut + 18),
        );
        const lossy = bytes.toString("utf8");
        expect(decoded).toBe(lossy.replaceAll("\uFFFD", ""));
        expect(Buffer.byteLength(decoded) + invalidBytes).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps a replacement character that stands in the text", async () => {
    const report: TextReport = { encoding: "utf-8", invalidBytes: 0 };
    const parts = await Array.fromAsync(
      decodeText(
        (async function* () {
          yield Buffer.from("a\uFFFDb");
        })(),
        report,
      ),
    );
    expect([Buffer.concat(parts).toString(), report.invalidBytes]).toEqual(["a\uFFFDb", 0]);
  });

  it("leaves lone surrogates of UTF-16 and a last odd byte out and counts them", async () => {
    const units = Buffer.concat([Buffer.from("\uFEFFa\uD800b\uDC00c", "utf16le"), Buffer.from([0x41])]);
    expect(await decode(units)).toEqual({ text: "abc", encoding: "utf-16le", invalidBytes: 5 });
  });
});

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
