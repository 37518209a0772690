import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MalformedRecord, type ReadRecordsOptions, readJsonArray, readRecords } from "./records.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "core-records-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array, options: ReadRecordsOptions = {}) {
  const path = join(folder, name);
  await writeFile(path, content);
  return Array.fromAsync(readRecords(path, options), ({ value, line }) => ({ value, line }));
}

describe("readRecords", () => {
  it("tells formats by content first: JSON lines and arrays under any name", async () => {
    const both = [
      { value: { a: 1 }, line: 1 },
      { value: { a: 2 }, line: 2 },
    ];
    expect(await read("lines.json", '{"a":1}\n{"a":2}\n')).toEqual(both);
    expect(await read("lines.jsonl", '\uFEFF{"a":1}\r\n{"a":2}')).toEqual(both);
    expect(await read("array.json", '\uFEFF[{"a":1},{"a":2}]')).toEqual(both);
    expect(await read("array", '[{"a":1},\n{"a":2}]')).toEqual(both);
    expect(await read("packed.jsonl", gzipSync('{"a":1}\n{"a":2}\n'))).toEqual(both);
    expect(await read("wide.jsonl", Buffer.from('\uFEFF{"a":1}\n{"a":2}', "utf16le"))).toEqual(both);
    expect(await read("one.json", '{\n "a": 1\n}')).toEqual([{ value: { a: 1 }, line: 1 }]);
  });

  it("keeps U+2028 and NUL inside a line of JSON", async () => {
    const value = { text: "one\u2028two\u2029three\0four" };
    expect(await read("separators.jsonl", `{"text":"one\u2028two\u2029three\\u0000four"}\n`)).toEqual([
      { value, line: 1 },
    ]);
  });

  it("names file and line of the first bad record, or hands each to onMalformed", async () => {
    const lines = '{"a":1}\n{"a":\n\n[broken\n{"a":2}';
    await expect(read("bad.jsonl", lines)).rejects.toMatchObject({
      code: "bad-record",
      message: expect.stringContaining("bad.jsonl:2"),
    });
    const bad: MalformedRecord[] = [];
    const good = await read("bad.jsonl", lines, { onMalformed: (record) => bad.push(record) });
    expect(good.map(({ line }) => line)).toEqual([1, 5]);
    expect(bad.map(({ line }) => line)).toEqual([2, 4]);
  });

  it("reports invalid bytes at the end of a text", async () => {
    const reports: number[] = [];
    const bytes = Buffer.concat([Buffer.from('{"a":"x'), Buffer.from([0xff, 0xc3]), Buffer.from('y"}\n')]);
    const found = await read("invalid.jsonl", bytes, { onText: ({ invalidBytes }) => reports.push(invalidBytes) });
    expect(found).toEqual([{ value: { a: "xy" }, line: 1 }]);
    expect(reports).toEqual([2]);
  });

  it("reads CSV and TSV with quotes, newlines in fields and an unnamed column", async () => {
    const csv = 'id,text\n1,"a ""b"", c\nd"\n2,plain "quote"\n';
    expect((await read("a.csv", csv)).map(({ value }) => value)).toEqual([
      { id: "1", text: 'a "b", c\nd' },
      { id: "2", text: 'plain "quote"' },
    ]);
    expect((await read("a.tsv", "\tx\ty\n0\tp\tq\n")).map(({ value }) => value)).toEqual([{ "": "0", x: "p", y: "q" }]);
    const bare = await read("b.tsv", "1\tone\n", { header: ["id", "text"] });
    expect(bare.map(({ value }) => value)).toEqual([{ id: "1", text: "one" }]);
  });

  it("counts rows of the wrong width and a quote that is never closed as malformed", async () => {
    const bad: MalformedRecord[] = [];
    const onMalformed = (record: MalformedRecord) => bad.push(record);
    const good = await read("wide.csv", 'a,b\n1,2\n1\n1,2,3,4\n5,6\n"never closed,7\n8,9\n', { onMalformed });
    expect(good.map(({ value }) => value)).toEqual([
      { a: "1", b: "2" },
      { a: "5", b: "6" },
      { a: "8", b: "9" },
    ]);
    expect(bad.map(({ line }) => line)).toEqual([3, 4, 6]);
    const shifted = await read("shifted.csv", "id,text\n1,Hello, world\n2,one\n", { onMalformed });
    expect(shifted.map(({ value }) => value)).toEqual([{ id: "2", text: "one" }]);
    expect(bad.at(-1)).toMatchObject({ line: 2, detail: "3 fields where the header has 2" });
  });

  it("sets aside a number before each row that the header has no name for", async () => {
    const bad: MalformedRecord[] = [];
    const onMalformed = (record: MalformedRecord) => bad.push(record);
    const rows = await read("numbered.tsv", "a\tb\n0\t1\t2\n1\t3\t4\n5\t6\n", { onMalformed });
    expect(rows.map(({ value }) => value)).toEqual([
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ]);
    expect(bad).toHaveLength(1);
  });

  it("sees what parts the fields of a CSV, and spaces behind it", async () => {
    const expected = [{ id: "1", text: "Oslo, the capital" }];
    for (const [name, content] of [
      ["semicolons.csv", "id;text\n1;Oslo, the capital\n"],
      ["tabs.csv", "id\ttext\n1\tOslo, the capital\n"],
      ["bars.csv", "id|text\n1|Oslo, the capital\n"],
      ["said.csv", 'sep=,\r\nid,text\r\n1,"Oslo, the capital"\r\n'],
      ["said-other.csv", "sep=;\nid;text\n1;Oslo, the capital\n"],
      ["spaces.csv", 'id, text\n1, "Oslo, the capital"\n'],
      ["commas.tsv", 'id,text\n1,"Oslo, the capital"\n'],
    ] as const)
      expect(
        (await read(name, content)).map(({ value }) => value),
        name,
      ).toEqual(expected);
  });

  it("takes quotes of TSV for quoting where its writer needed it, and else for text", async () => {
    const rows = (text: string) => read("q.tsv", `id\ttext\n${text}`);
    const texts = async (text: string) => (await rows(text)).map(({ value }) => (value as { text: string }).text);
    expect(
      await texts('1\t"Manhattan" was a name\n2\t"An unclosed one\n3\tplain\n4\t"Whole."\n5\tends in 5"\n'),
    ).toEqual(['"Manhattan" was a name', '"An unclosed one', "plain", '"Whole."', 'ends in 5"']);
    expect(await texts('1\t"""Aaron"" is"\n2\t"two\nlines"\n3\t"a\ttab"\n')).toEqual([
      '"Aaron" is',
      "two\nlines",
      "a\ttab",
    ]);
    expect((await read("all.tsv", '"id"\t"text"\n"1"\t"one"\n'))[0]?.value).toEqual({ id: "1", text: "one" });
    expect(await texts('1\t"open to the end')).toEqual(['"open to the end']);
  });

  it("reads objects over several lines one after another, and what Python writes for JSON", async () => {
    const both = [{ a: 1 }, { a: 2 }];
    for (const [name, content] of [
      ["pretty.jsonl", '{\n  "a": 1\n}\n{\n  "a": 2\n}\n'],
      ["joined.json", '{"a":1}{"a":2}'],
    ] as const)
      expect((await read(name, content)).map(({ value }) => value)).toEqual(both);
    const odd = await read("python.jsonl", '{"a":NaN,"b":-Infinity,"c":"NaN a\tb"}\n');
    expect(odd[0]?.value).toEqual({ a: null, b: null, c: "NaN a\tb" });
  });

  it("throws for a missing file, an unknown format, a torn archive and an aborted signal", async () => {
    const missing = Array.fromAsync(readRecords(join(folder, "nowhere.jsonl")));
    await expect(missing).rejects.toMatchObject({ code: "file-missing" });
    await expect(read("words.bin", "just words")).rejects.toMatchObject({ code: "unknown-format" });
    const torn = gzipSync('{"a":1}\n'.repeat(1000));
    await expect(read("torn.jsonl.gz", torn.subarray(0, torn.length - 9))).rejects.toMatchObject({
      code: "file-corrupt",
    });
    const reason = new Error("enough");
    await expect(read("a.jsonl", '{"a":1}\n', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

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
