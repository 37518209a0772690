import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packTar } from "modern-tar";
import { describe, expect, it } from "vitest";
import { isTar, tarEntries } from "./tar.ts";

const python = process.env.RAG_INSTRUCT_PYTHON ?? "";

/** In chunks that lie in one buffer, as readers of files give them. */
async function* reusing(bytes: Uint8Array, size: number) {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = Math.min(size, bytes.length - at);
    buffer.set(bytes.subarray(at, at + length));
    yield buffer.subarray(0, length);
    buffer.fill(0xee);
  }
}

async function read(bytes: Uint8Array, size = 1000): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const entry of tarEntries({ name: "made.tar", bytes: reusing(bytes, size) })) {
    const parts: Buffer[] = [];
    for await (const part of entry.bytes) parts.push(Buffer.from(part));
    found.push([entry.name, Buffer.concat(parts).toString()]);
  }
  return found;
}

const long = `${"folder/".repeat(40)}passages_Ω`;
const files: [string, string][] = [
  ["empty", ""],
  ["passages_00", "x".repeat(512)],
  [long, "long".repeat(300)],
  ["passages_01", "y"],
];
const pack = () =>
  packTar(files.map(([name, body]) => ({ header: { name, size: body.length }, body: new TextEncoder().encode(body) })));

describe("tarEntries", () => {
  it.each([1, 511, 512, 513, 1 << 20])("reads every file, however the bytes come: %i at a time", async (size) => {
    expect(await read(await pack(), size)).toEqual(files);
  });
  it("is told by the checksum or the magic of its first header", async () => {
    const whole = Buffer.from(await pack());
    expect(isTar(whole)).toBe(true);
    const old = Buffer.from(whole.subarray(0, 512)).fill(0, 257, 265);
    const lost = [..."ustar\u000000"].reduce((sum, character) => sum + character.charCodeAt(0), 0);
    const checksum = Number.parseInt(whole.toString("latin1", 148, 154), 8) - lost;
    old.write(checksum.toString(8).padStart(6, "0"), 148);
    expect(isTar(old)).toBe(true);
    whole[0]! ^= 1;
    expect(isTar(whole)).toBe(true);
    expect([Buffer.alloc(512), Buffer.from("id\ttext\n"), Buffer.alloc(0)].map(isTar)).toEqual([false, false, false]);
  });
  it("passes over what nobody reads, or reads in part", async () => {
    const names: string[] = [];
    for await (const { name, bytes } of tarEntries({ name: "made.tar", bytes: reusing(await pack(), 100) })) {
      names.push(name);
      if (name === "passages_00") for await (const _ of bytes) break;
    }
    expect(names).toEqual(files.map(([name]) => name));
  });
  it("ends without the empty blocks that some writers leave out", async () => {
    const whole = await pack();
    expect(await read(whole.subarray(0, whole.length - 1024))).toEqual(files);
    expect(await read(new Uint8Array(1024))).toEqual([]);
  });
  it("names the byte where it is cut off or damaged", async () => {
    const whole = await pack();
    for (const length of [100, 512 + 100, 1024 + 300]) {
      await expect(read(whole.subarray(0, length))).rejects.toThrow(`made.tar is cut off: it ends at byte ${length}`);
    }
    const damaged = Buffer.from(whole);
    damaged[515]! ^= 1;
    await expect(read(damaged)).rejects.toThrow("made.tar has no header of an entry at byte 512");
  });
  it("stops reading its source when nobody reads on", async () => {
    let closed = false;
    async function* source() {
      try {
        yield* reusing(await pack(), 100);
      } finally {
        closed = true;
      }
    }
    for await (const _ of tarEntries({ name: "made.tar", bytes: source() })) break;
    expect(closed).toBe(true);
  });
});

describe.skipIf(!python)("a .tar written by Python (needs RAG_INSTRUCT_PYTHON)", () => {
  it.each(["USTAR", "GNU", "PAX"])(
    "in the format %s, with long names, folders, links and large numbers",
    async (format) => {
      const folder = mkdtempSync(join(tmpdir(), "tar-"));
      try {
        const script = `import io, tarfile
with tarfile.open("made.tar", "w", format=tarfile.${format}_FORMAT) as tar:
    def add(name, body=b"", **fields):
        info = tarfile.TarInfo(name)
        for key, value in fields.items(): setattr(info, key, value)
        info.size = len(body)
        tar.addfile(info, io.BytesIO(body))
    add("folder", type=tarfile.DIRTYPE)
    add("folder/" + "n" * 90 + "/passages_00", b"a" * 700)
    add("link", type=tarfile.SYMTYPE, linkname="folder/" + "l" * (60 if "${format}" == "USTAR" else 200))
    add("passages_01", b"b" * 512, uid=5 if "${format}" == "USTAR" else 2 ** 40, mtime=1)
    if "${format}" != "USTAR": add("o" * 300 + "/passages_02", b"c")`;
        execFileSync(python, ["-c", script], { cwd: folder });
        const expected = [
          [`folder/${"n".repeat(90)}/passages_00`, "a".repeat(700)],
          ["passages_01", "b".repeat(512)],
          [`${"o".repeat(300)}/passages_02`, "c"],
        ];
        expect(await read(readFileSync(join(folder, "made.tar")))).toEqual(
          expected.slice(0, format === "USTAR" ? 2 : 3),
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

it("reads sizes beyond eight octal gigabytes, and refuses files whose holes are left out", async () => {
  const [header] = [Buffer.from((await pack()).subarray(0, 512))];
  const sealed = (block: Buffer) => {
    block.fill(0x20, 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    return block;
  };
  const huge = Buffer.from(header!);
  huge.fill(0, 124, 136);
  huge[124] = 0x80;
  huge.writeBigUInt64BE(9n * 2n ** 30n, 128);
  await expect(read(sealed(huge))).rejects.toThrow("is cut off: it ends at byte 512");
  const sparse = Buffer.from(header!);
  sparse[156] = "S".charCodeAt(0);
  await expect(read(sealed(sparse))).rejects.toThrow("made.tar stores empty with its holes left out");
});
