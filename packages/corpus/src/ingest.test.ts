import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingest } from "./ingest.ts";
import { describeLanguages } from "./store/ingest-state.ts";
import { openPassageStore } from "./store/passage-store.ts";

let folder = "";
const at = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-ingest-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function rows(path: string) {
  await using store = await openPassageStore(path, { readOnly: true });
  return Array.fromAsync(store.all());
}

describe("ingest", () => {
  it("accounts for every record", async () => {
    const records = [
      '{"id":"a","title":"T","text":"one two three four five"}',
      '{"id":"b","text":" "}',
      "{broken",
      '{"id":"c","text":"ONE  two three four five"}',
      '{"id":"a","title":"T","text":"one two three four five"}',
    ];
    await writeFile(at("in.jsonl"), records.join("\n"));
    const report = await ingest({ from: at("in.jsonl"), to: at("store.sqlite"), words: 5 });
    expect(report).toMatchObject({
      documents: 4,
      read: 5,
      written: 1,
      skipped: { duplicate: 2, empty: 1, malformed: 1, "too-long": 0 },
    });
    expect(report.unread.map(({ reason, line }) => [reason, line])).toEqual([
      ["empty", 2],
      ["malformed", 3],
    ]);
  });

  it("leaves out a passage that no reader could hold, by name", async () => {
    const records = [`{"id":"a","text":"one ${"x".repeat(200_000)} two"}`, '{"id":"b","text":"one two three"}'];
    await writeFile(at("in.jsonl"), records.join("\n"));
    const { read, written, skipped, leftOut, unread } = await ingest({
      from: at("in.jsonl"),
      to: at("store.sqlite"),
      by: "none",
    });
    expect({ read, written, skipped }).toMatchObject({ read: 2, written: 1, skipped: { "too-long": 1 } });
    expect(leftOut).toContainEqual({ reason: "too-long", count: 1, places: [`${at("in.jsonl")}:1`] });
    expect(unread[0]?.detail).toBe("a passage of 200008 characters, more than 100000");
  });

  it("tells the languages of the passages, and keeps them with these", async () => {
    const german = "Das Haus steht an der Straße, und es ist nicht für jeden offen, der mit dem Zug kommt.";
    const english = "The house stands at the road, and it is not open for those who come by train.";
    const lines = [german, `${german} Ja.`, `${german} Nein.`, english].map((text) => JSON.stringify({ text }));
    await writeFile(at("in.jsonl"), lines.join("\n"));
    const { languages } = await ingest({ from: at("in.jsonl"), to: at("store.sqlite") });
    expect(languages).toEqual({ sampled: 4, shares: { de: 0.75, en: 0.25 } });
    expect(describeLanguages(languages!)).toBe("German (75%) and English (25%)");
    await using store = await openPassageStore(at("store.sqlite"), { readOnly: true });
    expect(store.languages()).toEqual(languages);
    await using other = await openPassageStore(at("other.sqlite"));
    expect(other.languages()).toBeUndefined();
  });

  it("says of everything that it passes over why, how much and where, and the same after an interruption", async () => {
    await mkdir(at("docs/.git"), { recursive: true });
    await mkdir(at("docs/node_modules"));
    await writeFile(at("docs/a.md"), "# A\n\nOne two three.\n");
    await writeFile(at("docs/b.md"), "# A\n\nOne two three.\n");
    await writeFile(at("docs/bytes.txt"), Buffer.concat([Buffer.from("éèàùâêîôû "), Buffer.from([255, 254])]));
    await writeFile(at("docs/cafe.txt"), Buffer.from("Le caf\xe9 de l'h\xf4tel", "latin1"));
    const picture = `data:image/png;base64,${"iVBORw0KGgo".repeat(20)}==`;
    await writeFile(at("docs/data.md"), `# B\n\n![](${picture}) and ![](${picture})\n\n## C\n`);
    await writeFile(at("docs/empty.md"), "");
    await writeFile(at("docs/image.bin"), Buffer.from([1, 0, 2, 0, 3, 9, 9, 9, 9]));
    await writeFile(
      at("docs/records.jsonl"),
      `{"id":"a","text":"four"}\n${"{broken\n".repeat(12)}{"id":"b","text":" "}\n`,
    );
    await symlink("/nowhere", at("docs/link.md"));
    const report = await ingest({ from: at("docs"), to: at("store.sqlite") });
    const docs = (name: string) => [at(`docs/${name}`)];
    expect(report.leftOut).toEqual([
      { reason: "hidden", count: 2, places: [...docs(".git"), ...docs("node_modules")] },
      { reason: "link-outside", count: 1, places: docs("link.md") },
      { reason: "duplicate", count: 1, places: docs("b.md:1") },
      { reason: "invalid-bytes", count: 2, places: docs("bytes.txt") },
      { reason: "guessed-encoding", count: 2, places: docs("cafe.txt (as windows-1252)") },
      { reason: "embedded-data", count: 2, places: docs("data.md") },
      { reason: "empty-file", count: 1, places: docs("empty.md") },
      { reason: "unknown-format", count: 1, places: docs("image.bin") },
      {
        reason: "malformed",
        count: 12,
        places: Array.from({ length: 10 }, (_, i) => at(`docs/records.jsonl:${i + 2}`)),
      },
      { reason: "empty", count: 1, places: docs("records.jsonl:14") },
    ]);
    expect(await ingest({ from: at("docs"), to: at("store.sqlite") })).toEqual(report);
  });

  it("names both places when an id comes again with another text, and keeps what was written", async () => {
    await writeFile(at("1.jsonl"), '{"id":"a","text":"one"}\n');
    await writeFile(at("2.jsonl"), '{"id":"b","text":"two"}\n{"id":"a","text":"three"}\n');
    const failing = ingest({ from: [at("1.jsonl"), at("2.jsonl")], to: at("store.sqlite") });
    await expect(failing).rejects.toThrow(`${at("2.jsonl")}:2 has the id "a" of ${at("1.jsonl")}:1 with another text`);
    expect((await rows(at("store.sqlite"))).map(({ id }) => id)).toEqual(["a"]);
  });

  it("names a document after its file too where its id is another one's, by option, and goes on so after an interruption", async () => {
    const long = "A sentence of five words. ".repeat(30);
    await writeFile(at("1.jsonl"), '{"id":0,"text":"one"}\n{"id":1,"text":"same"}\n');
    await writeFile(
      at("2.jsonl"),
      `{"id":1,"text":"same"}\n{"id":0,"text":${JSON.stringify(long)}}\n{"id":0,"text":"three"}\n`,
    );
    const options = { from: [at("1.jsonl"), at("2.jsonl")], to: at("store.sqlite"), sameIds: "rename" } as const;
    const report = await ingest(options);
    expect([report.written, report.skipped.duplicate]).toEqual([5, 1]);
    const ids = (await rows(at("store.sqlite"))).map(({ id }) => id);
    expect(ids).toEqual(["0", "1", "0 (2.jsonl)", "0 (2.jsonl)#2", "0 (2.jsonl, 2)"]);
    expect(await ingest(options)).toEqual(report);
  });

  it("says that a corpus is empty, that a path is missing and that a format is unknown", async () => {
    await mkdir(at("docs"));
    const to = at("store.sqlite");
    await expect(ingest({ from: at("docs"), to })).rejects.toMatchObject({ code: "corpus-empty" });
    await expect(ingest({ from: at("nowhere"), to })).rejects.toMatchObject({ code: "file-missing" });
    await writeFile(at("a.bin"), Buffer.from([1, 0, 2, 0, 3, 9, 9, 9, 9]));
    await expect(ingest({ from: at("a.bin"), to })).rejects.toMatchObject({ code: "unknown-format" });
  });

  it("reads a folder of pages with front matter", async () => {
    await mkdir(at("docs/deep"), { recursive: true });
    await writeFile(at("docs/deep/02-page.mdx"), "---\ntitle: A page\ntags: [x]\n---\n# Hello\n\nSome words here.\n");
    await ingest({ from: at("docs"), to: at("store.sqlite") });
    expect(await rows(at("store.sqlite"))).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        title: "A page",
        text: "# Hello\n\nSome words here.",
        metadata: { title: "A page", tags: ["x"], source: "deep/02-page.mdx" },
      },
    ]);
  });

  it("stops at the first malformed record when strict, and says where", async () => {
    await writeFile(at("in.jsonl"), '{"id":"a","text":"one"}\n{"id":\n');
    const failing = ingest({ from: at("in.jsonl"), to: at("store.sqlite"), strict: true });
    await expect(failing).rejects.toMatchObject({ code: "bad-record", message: expect.stringContaining("in.jsonl:2") });
  });

  it("lists the first hundred malformed records and counts them all", async () => {
    await writeFile(at("in.jsonl"), `${"{broken\n".repeat(150)}{"id":"a","text":"one"}\n`);
    const report = await ingest({ from: at("in.jsonl"), to: at("store.sqlite") });
    expect([report.skipped.malformed, report.unread.length, report.unread[99]?.line]).toEqual([150, 100, 100]);
  });

  it("keeps every id of a source made of passages, and drops equal texts elsewhere", async () => {
    await writeFile(at("psgs.tsv"), "id\ttext\ttitle\n1\tsame text\tA\n2\tsame text\tB\n2\tsame text\tB\n");
    expect(await ingest({ from: at("psgs.tsv"), to: at("1.sqlite") })).toMatchObject({
      written: 2,
      skipped: { duplicate: 1 },
    });
    const dropped = await ingest({ from: at("psgs.tsv"), to: at("2.sqlite"), dedupe: "text" });
    expect(dropped).toMatchObject({ written: 1, skipped: { duplicate: 2 } });
  });

  it("refuses to go on with other options", async () => {
    await writeFile(at("a.txt"), "some words");
    await ingest({ from: at("a.txt"), to: at("store.sqlite") });
    const other = ingest({ from: at("a.txt"), to: at("store.sqlite"), words: 50 });
    await expect(other).rejects.toMatchObject({ code: "bad-option" });
  });

  it("reads standard input, each time another", async () => {
    const program = fileURLToPath(new URL("../test/stdin-child.ts", import.meta.url));
    const args = ["--conditions=@rag-instruct/source", "--no-warnings", program, at("store.sqlite")];
    const run = (input: string | Uint8Array) => execFileSync(process.execPath, args, { input, encoding: "utf8" });
    expect(run('{"id":"a","text":"one"}\n')).toBe("1 1");
    expect(run(gzipSync('{"id":"b","text":"two"}\n{"id":"a","text":"one"}'))).toBe("3 2");
  });
});
