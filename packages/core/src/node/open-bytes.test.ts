import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openBytes, readAllBytes } from "./open-bytes.ts";

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function unpack(packed: Uint8Array, size = 7) {
  const opened = openBytes({ name: "packed", bytes: inChunks(packed, size) });
  return readAllBytes(opened, { maxBytes: 1 << 30 });
}

describe("unpacking", () => {
  const parts = ["first ", "second ", "x".repeat(100_000), " last"];
  const text = parts.join("");

  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ])("reads every member of a %s file, however it is chunked", async (_name, pack) => {
    const packed = Buffer.concat(parts.map((part) => pack(Buffer.from(part))));
    for (const size of [1, 7, 64, packed.length]) {
      expect((await unpack(packed, size)).toString()).toBe(text);
    }
  });

  it.each([
    ["gzip", gzipSync],
    ["zstd", (bytes: Buffer) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ])("calls a %s file that is cut off or damaged corrupt and names it", async (_name, pack) => {
    const packed = pack(Buffer.from(Array.from({ length: 5000 }, (_, i) => `line ${i * 7919}\n`).join("")));
    for (const cut of [packed.length >> 1, packed.length - 3]) {
      await expect(unpack(packed.subarray(0, cut))).rejects.toMatchObject({
        code: "file-corrupt",
        message: expect.stringContaining("packed"),
      });
    }
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, packed.length >> 1, (packed.length >> 1) + 20);
    await expect(unpack(damaged)).rejects.toMatchObject({ code: "file-corrupt" });
  });

  it("passes on what is not packed, whatever its name", async () => {
    expect((await unpack(Buffer.from("id\ttext\ttitle\n"))).toString()).toBe("id\ttext\ttitle\n");
    expect((await unpack(Buffer.alloc(0))).length).toBe(0);
  });

  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ])("stops at a %s bomb long before it is unpacked", async (_name, pack) => {
    const megabyte = pack(Buffer.alloc(1 << 20));
    async function* bomb() {
      for (let i = 0; i < 2000; i++) yield megabyte;
    }
    let given = 0;
    const reading = (async () => {
      for await (const chunk of openBytes({ name: "bomb", bytes: bomb() }).bytes) given += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: "limit-exceeded" });
    expect(given).toBeLessThan(300 << 20);
  });

  it("says that a file is missing or a folder", async () => {
    const read = (path: string) => readAllBytes(openBytes(path), { maxBytes: 10 });
    await expect(read("/nowhere/at-all")).rejects.toMatchObject({ code: "file-missing" });
    await expect(read(import.meta.dirname)).rejects.toMatchObject({ code: "bad-input" });
  });
});
