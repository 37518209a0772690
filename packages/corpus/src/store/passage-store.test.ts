import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { Passage } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPassageStore } from "./passage-store.ts";

let folder = "";
const at = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-store-"));
});
afterEach(() => rm(folder, { recursive: true }));

const passage = (id: string, text = `text of ${id}`): Passage => ({ id, title: `title ${id}`, text });
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => passage(String(from + index)));

describe("the passage store", () => {
  it("gives passages back as they were: any characters, any id, metadata", async () => {
    const passages: Passage[] = [
      { id: "007", title: "", text: "NUL \0 inside, \u2028, 日本 \u{1F600} and \r\n" },
      { id: "7", title: "T", text: "seven", metadata: { tags: ["x"], n: 1.5 } },
      { id: "a\0b", title: "odd id", text: "with NUL" },
      { id: "9007199254740993", title: "", text: "beyond exact numbers" },
      { id: "-1", title: "", text: "minus" },
    ];
    await using store = await openPassageStore(at("s.sqlite"));
    await store.add(passages);
    expect(await Array.fromAsync(store.all())).toEqual(passages);
    const ids = passages.map(({ id }) => id).reverse();
    expect((await store.get(ids)).map(({ id }) => id)).toEqual(ids);
  });

  it("keeps every id as text in the file, so that any program that opens it finds what it asks for", async () => {
    const ids = ["4303", "8621", "007", "1e3", "9007199254740993", "x"];
    const store = await openPassageStore(at("s.sqlite"));
    await store.add([...ids.map((id) => passage(id)), ...numbered(100, 200)]);
    await store.close();
    using database = new DatabaseSync(at("s.sqlite"), { readOnly: true });
    expect(database.prepare("SELECT DISTINCT typeof(id) AS type FROM passages").all()).toEqual([{ type: "text" }]);
    for (const id of ids) {
      expect(database.prepare(`SELECT id FROM passages WHERE id = '${id}'`).all()).toEqual([{ id }]);
    }
  });

  it("answers in the order asked, also repeated and beyond a thousand ids, and names what is missing", async () => {
    await using store = await openPassageStore(at("s.sqlite"));
    await store.add(numbered(100, 3600));
    const ids = Array.from({ length: 2500 }, (_, index) => String(100 + ((index * 7919) % 3500)));
    const asked = [...ids, "100", "100"];
    expect((await store.get(asked)).map(({ id }) => id)).toEqual(asked);
    expect(await store.get([])).toEqual([]);
    await expect(store.get(["100", "x", "99"])).rejects.toMatchObject({
      code: "passage-missing",
      message: expect.stringMatching(/no passage x, 99$/),
    });
  });

  it("counts duplicates by id and by normalised text, and refuses the same id with another text", async () => {
    await using store = await openPassageStore(at("s.sqlite"));
    const added = await store.add([
      passage("1", "One  Text"),
      passage("2", "one text "),
      passage("1", "One  Text"),
      passage("3", "ｏｎｅ　ＴＥＸＴ"),
    ]);
    expect(added).toEqual({ read: 4, written: 1, duplicate: 3 });
    expect(await store.add([passage("4", "one text")], { dedupe: "id" })).toEqual({
      read: 1,
      written: 1,
      duplicate: 0,
    });
    await expect(store.add([passage("5"), passage("1", "other")])).rejects.toMatchObject({ code: "duplicate-id" });
    expect(store.size).toBe(2);
    const many = [...numbered(1000, 1120), ...numbered(1100, 1200)];
    expect(await store.add(many, { dedupe: "id" })).toEqual({ read: 220, written: 200, duplicate: 20 });
  });

  it("is one file when closed, and reading leaves nothing beside it", async () => {
    const store = await openPassageStore(at("s.sqlite"));
    await store.add(numbered(0, 10));
    await store.close();
    await store.close();
    const reader = await openPassageStore(at("s.sqlite"), { readOnly: true });
    await reader.get(["1"]);
    await expect(reader.add([])).rejects.toMatchObject({ code: "bad-option" });
    expect(await readdir(folder)).toEqual(["s.sqlite"]);
    await reader.close();
  });

  it("shows readers a consistent beginning while it is written", async () => {
    await using writer = await openPassageStore(at("s.sqlite"));
    await writer.add(numbered(0, 1500));
    await using reader = await openPassageStore(at("s.sqlite"), { readOnly: true });
    const seen: string[] = [];
    for await (const { id } of reader.all()) {
      if (seen.push(id) === 10) await writer.add(numbered(1500, 5000));
    }
    expect(seen).toEqual(numbered(0, 1500).map(({ id }) => id));
    expect(reader.size).toBe(5000);
    expect((await reader.get(["4999"]))[0]?.id).toBe("4999");
  });

  it("is read by many processes while one writes, each seeing whole transactions only", async () => {
    await using writer = await openPassageStore(at("s.sqlite"));
    await writer.add(numbered(0, 2000));
    const readers = Array.from({ length: 3 }, () => readerProcess(at("s.sqlite"), 20_000));
    for (let from = 2000; from < 20_000; from += 2000) await writer.add(numbered(from, from + 2000));
    for (const sizes of await Promise.all(readers)) {
      expect(sizes.at(-1)).toBe(20_000);
      expect(sizes.every((size) => size % 2000 === 0)).toBe(true);
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    }
  });

  it("refuses a second writer, a missing file, another database and another version", async () => {
    await using first = await openPassageStore(at("s.sqlite"));
    await using second = await openPassageStore(at("s.sqlite"));
    await first.add(numbered(0, 5));
    await expect(second.add(numbered(5, 9))).rejects.toMatchObject({ code: "folder-locked" });
    await expect(openPassageStore(at("nowhere.sqlite"), { readOnly: true })).rejects.toMatchObject({
      code: "file-missing",
    });
    await writeFile(at("text.sqlite"), "not a database at all, just some text that goes on for a while".repeat(20));
    await expect(openPassageStore(at("text.sqlite"))).rejects.toMatchObject({ code: "file-corrupt" });
    new DatabaseSync(at("other.sqlite")).exec("CREATE TABLE t(a)");
    await expect(openPassageStore(at("other.sqlite"))).rejects.toMatchObject({ code: "bad-input" });
    new DatabaseSync(at("newer.sqlite")).exec(
      "PRAGMA application_id = 0x72616773; PRAGMA user_version = 99; CREATE TABLE t(a)",
    );
    await expect(openPassageStore(at("newer.sqlite"))).rejects.toMatchObject({ code: "unsupported-version" });
  });
});

/** Reads a store from its beginning again and again until it holds so many passages; gives the sizes that were seen. */
async function readerProcess(path: string, until: number): Promise<number[]> {
  const program = fileURLToPath(new URL("../../test/reader-child.ts", import.meta.url));
  const args = ["--conditions=@rag-instruct/source", "--no-warnings", program, path, String(until)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(Buffer.concat(await Array.fromAsync(child.stdout as AsyncIterable<Buffer>)).toString());
}
