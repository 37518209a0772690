import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeftOut } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFileEvents } from "../read-documents.ts";
import type { RawDocument } from "./format.ts";
import { zipOf } from "./zip-of.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-documents-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array, { named = true } = {}) {
  const path = join(folder, name);
  await writeFile(path, content);
  const leftOut: LeftOut[] = [];
  const events = (await Array.fromAsync(readFileEvents({ path, source: name, named }, {}, leftOut))).flat();
  const documents = events.map((event) => ("document" in event ? event.document : event.unread));
  return { documents: documents as RawDocument[], leftOut };
}

const odt = (body: string) => ({
  mimetype: "application/vnd.oasis.opendocument.text",
  "META-INF/manifest.xml": "<manifest/>",
  "content.xml": `<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>${body}</office:text></office:body></office:document-content>`,
});

const slide = (text: string) =>
  `<?xml version="1.0"?><p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>`;

describe("documents that are ZIP files are one document each, and no archives", () => {
  it("reads OpenDocument under any name, told by what it says of itself", async () => {
    const body = '<text:h text:outline-level="1">Leave</text:h><text:p>Ask your lead.</text:p>';
    const { documents } = await read("leave", zipOf(odt(body)));
    expect(documents).toMatchObject([
      { title: "Leave", text: "Leave\n\nAsk your lead.", headings: [{ at: 0, depth: 1, title: "Leave" }] },
    ]);
  });

  it("reads slides in their order", async () => {
    const types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>';
    const presentation = '<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"/>';
    const slides = Array.from({ length: 11 }, (_, at) => [`ppt/slides/slide${at + 1}.xml`, slide(`Point ${at + 1}.`)]);
    const { documents } = await read(
      "talk.pptx",
      zipOf({ "[Content_Types].xml": types, "ppt/presentation.xml": presentation, ...Object.fromEntries(slides) }),
    );
    expect(documents[0]?.text.match(/\d+/g)).toEqual(Array.from({ length: 11 }, (_, at) => String(at + 1)));
  });

  it("reads the chapters of a book in the order of its spine", async () => {
    const chapter = (title: string) =>
      `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><h1>${title}</h1><p>Text of ${title}.</p></body></html>`;
    const book = {
      mimetype: "application/epub+zip",
      "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
      "OEBPS/book.opf":
        '<package><metadata xmlns:dc="d"><dc:title>The Lamp</dc:title><dc:language>en</dc:language></metadata><manifest><item id="a" href="c10.xhtml"/><item id="b" href="text/c%202.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
      "OEBPS/text/c 2.xhtml": chapter("Two"),
      "OEBPS/c10.xhtml": chapter("One"),
    };
    const { documents } = await read("lamp.epub", zipOf(book));
    const text = "One\n\nText of One.\n\nTwo\n\nText of Two.";
    expect(documents).toMatchObject([{ title: "The Lamp", text, metadata: { language: "en" } }]);
    expect(documents[0]?.headings?.map(({ at, title }) => [text.slice(at, at + 3), title])).toEqual([
      ["One", "One"],
      ["Two", "Two"],
    ]);
  });

  it("says what is damaged, in books and slides, and goes on with the next file", async () => {
    for (const [name, content] of [
      ["bad.epub", zipOf({ mimetype: "application/epub+zip" })],
      ["bad.odt", zipOf({ ...odt(""), "content.xml": "<broken" }).subarray(0, 200)],
    ] as const)
      expect((await read(name, content)).documents).toMatchObject([{ reason: "malformed" }]);
  });
});

describe("other documents", () => {
  it("reads RTF, and refuses what Office wrote before 2007 with the way round", async () => {
    expect((await read("memo.rtf", "{\\rtf1\\ansi The meeting is in May.\\par}")).documents).toMatchObject([
      { text: "The meeting is in May." },
    ]);
    const old = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(600)]);
    await expect(read("notes.ppt", old)).rejects.toThrow(
      /notes\.ppt is of an Office before 2007.*soffice --headless --convert-to pptx/,
    );
    expect((await read("notes.doc", old, { named: false })).leftOut).toMatchObject([
      { reason: "unknown-format", count: 1 },
    ]);
  });

  it("reads notebooks as Markdown, code and what it printed in fences", async () => {
    const cells = [
      { cell_type: "markdown", source: ["# Sales\n", "\n", "Of a year."] },
      { cell_type: "code", source: "1 + 1", outputs: [{ data: { "text/plain": ["2"], "image/png": "iVBO" } }] },
      { cell_type: "code", source: "", outputs: [] },
    ];
    const { documents } = await read("sales.ipynb", JSON.stringify({ cells, nbformat: 4 }));
    expect(documents).toMatchObject([
      { title: "Sales", text: "# Sales\n\nOf a year.\n\n```python\n1 + 1\n```\n\n```text\n2\n```" },
    ]);
  });

  it("reads what is said in subtitles, once", async () => {
    const vtt =
      "WEBVTT\n\nNOTE by hand\n\nSTYLE\n::cue { color: red }\n\n1\n00:01.000 --> 00:04.000 align:start\n<v Ann>Welcome <b>all</b>.\n\n00:04.000 --> 00:06.000\n<v Ann>Welcome <b>all</b>.\nIt begins.\n";
    expect((await read("talk.vtt", vtt)).documents).toMatchObject([
      { title: "talk", text: "Ann: Welcome all.\nIt begins." },
    ]);
    const srt =
      "1\r\n00:00:01,000 --> 00:00:04,000\r\nWelcome.\r\n\r\n2\r\n00:00:04,500 --> 00:00:07,000\r\n{\\an8}We begin at 7:30.\r\n";
    expect((await read("talk.srt", srt)).documents[0]?.text).toBe("Welcome.\nWe begin at 7:30.");
  });

  it("reads messages, each of a mailbox, and saved pages, and counts attachments", async () => {
    const mail =
      "From: Ann <a@example.com>\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCaf=E9 at ten.\r\n--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\nabc\r\n--b--\r\n";
    const one = await read("mail.eml", mail);
    expect(one.documents).toMatchObject([{ title: "Café", text: "Café at ten.", metadata: { from: "a@example.com" } }]);
    expect(one.leftOut).toMatchObject([{ reason: "attachment", count: 1 }]);
    const box =
      "From a@b Mon Jan  1 00:00:00 2024\nSubject: One\n\nFirst.\n>From here on.\n\nFrom c@d Mon Jan  1 00:00:00 2024\nSubject: Two\n\n<p>Second.\n";
    expect((await read("box.mbox", box)).documents.map(({ title, text }) => [title, text])).toEqual([
      ["One", "First.\nFrom here on."],
      ["Two", "<p>Second."],
    ]);
    const saved =
      'From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.com/\r\nSubject: A page\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<html><head><title>Bridges</title></head><body><nav><a href=a>Home</a></nav><p>Text about bridges.</p></body></html>\r\n--b--\r\n';
    expect((await read("page.mhtml", saved)).documents).toMatchObject([
      { title: "Bridges", text: "Text about bridges." },
    ]);
  });
});
