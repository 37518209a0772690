import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LeftOut } from "@rag-instruct/core";
import { packTar } from "modern-tar";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDocuments, readFileEvents } from "../read-documents.ts";
import type { UnreadRecord } from "./format.ts";
import { zipOf } from "./zip.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-archives-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: Uint8Array) {
  await writeFile(join(folder, name), content);
  const unread: UnreadRecord[] = [];
  const onUnread = (record: UnreadRecord) => unread.push(record);
  return { documents: await Array.fromAsync(readDocuments(join(folder, name), { onUnread })), unread };
}

const files = {
  "docs/a.md": "# A\n\nfirst",
  "docs/b.jsonl.gz": gzipSync('{"id":"1","text":"second"}\n{broken\n'),
  "docs/picture.png": Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1]),
  "docs/empty.md": "",
};

describe("archives", () => {
  it("reads the files in a .tar.gz one by one", async () => {
    const entries = Object.entries(files).map(([name, body]) => ({ header: { name, size: body.length }, body }));
    const { documents, unread } = await read("docs.tar.gz", gzipSync(await packTar(entries)));
    expect(documents.map(({ title, text }) => [title, text])).toEqual([
      ["A", "# A\n\nfirst"],
      ["", "second"],
    ]);
    expect(unread).toMatchObject([{ file: join(folder, "docs.tar.gz/docs/b.jsonl.gz"), line: 2, reason: "malformed" }]);
  });

  it("reads the files in a ZIP", async () => {
    const { documents, unread } = await read("docs.zip", zipOf(files));
    expect(documents.map(({ text }) => text)).toEqual(["# A\n\nfirst", "second"]);
    expect(unread.length).toBe(1);
  });

  it("passes over in archives what it passes over in folders, and counts it", async () => {
    const path = join(folder, "mac.zip");
    const passed = [
      "__MACOSX/._a.md",
      "docs/._a.md",
      ".git/config.md",
      "home/.ssh/notes.txt",
      "node_modules/x/readme.md",
    ];
    const generated = ["package-lock.json", "app/bundle.min.js", "app/page.min.html"];
    const contents = Object.fromEntries([...passed, ...generated].map((name) => [name, "words"]));
    await writeFile(path, zipOf({ "docs/a.md": "# A\n\nfirst", ...contents }));
    const leftOut: LeftOut[] = [];
    const events = (
      await Array.fromAsync(readFileEvents({ path, source: "mac.zip", named: true }, {}, leftOut))
    ).flat();
    expect(events.length).toBe(1);
    const places = (names: string[]) => names.map((name) => `${path}/${name}`);
    expect(leftOut).toEqual([
      { reason: "hidden", count: 5, places: places(passed) },
      { reason: "generated", count: 3, places: places(generated) },
    ]);
  });

  it("takes nothing from a tar whose paths lead out of it, and follows no link", async () => {
    const body = "secret";
    const archive = await packTar([
      { header: { name: "../outside.md", size: body.length }, body },
      { header: { name: "/etc/absolute.md", size: body.length }, body },
      { header: { name: "link.md", size: 0, type: "symlink", linkname: "/etc/passwd" } },
      { header: { name: "good.md", size: body.length }, body },
    ]);
    const { documents, unread } = await read("evil.tar", archive);
    expect(documents.map(({ metadata }) => metadata?.source)).toEqual(["good.md"]);
    expect(unread.map(({ detail }) => detail)).toEqual(Array(2).fill("its path leads out of the archive"));
  });

  it("refuses a ZIP whose paths lead out of it, and a tar that is cut off", async () => {
    await expect(read("evil.zip", zipOf({ "../outside.md": "secret" }))).rejects.toMatchObject({
      code: "file-corrupt",
    });
    const archive = await packTar([{ header: { name: "a.md", size: 4000 }, body: "x".repeat(4000) }]);
    await expect(read("torn.tar", archive.subarray(0, 2000))).rejects.toMatchObject({ code: "file-corrupt" });
  });

  it("stops at a bomb inside an archive", async () => {
    const bomb = gzipSync(Buffer.alloc(257 << 20));
    const archive = await packTar([{ header: { name: "bomb.jsonl.gz", size: bomb.length }, body: bomb }]);
    await expect(read("bomb.tar", archive)).rejects.toMatchObject({ code: "limit-exceeded" });
    await expect(read("bomb.zip", zipOf({ "a.txt": Buffer.alloc(257 << 20) }))).rejects.toMatchObject({
      code: "limit-exceeded",
    });
  });

  it("counts a page that is too large to be held in memory as too long", async () => {
    const { documents, unread } = await read("page.txt.gz", gzipSync(Buffer.alloc(257 << 20, "word "), { level: 1 }));
    expect(documents).toEqual([]);
    expect(unread).toMatchObject([{ reason: "too-long", line: 1 }]);
  });
});

describe("Word documents", () => {
  const word = (body: string) => ({
    "[Content_Types].xml":
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels":
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    "word/styles.xml":
      '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>',
  });
  const heading = '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Leave</w:t></w:r></w:p>';
  const paragraph = "<w:p><w:r><w:t>Ask your lead &amp; book it.</w:t></w:r></w:p>";

  it("give their text and headings", async () => {
    const { documents } = await read("leave.docx", zipOf(word(heading + paragraph)));
    expect(documents).toEqual([
      {
        title: "Leave",
        text: "Leave\n\nAsk your lead & book it.",
        metadata: { source: "leave.docx" },
        headings: [{ at: 0, depth: 1, title: "Leave" }],
      },
    ]);
  });

  it("are malformed when they are none or unpack to too much", async () => {
    const none = await read("none.docx", Buffer.from("PK no archive"));
    expect(none.unread).toMatchObject([
      { reason: "malformed", detail: expect.stringContaining("not a Word document") },
    ]);
    const bomb = await read("bomb.docx", zipOf({ ...word(paragraph), "word/media/a.xml": Buffer.alloc(300 << 20) }));
    expect(bomb.unread).toMatchObject([
      { reason: "malformed", detail: expect.stringContaining("unpacks to more than") },
    ]);
  });
});
