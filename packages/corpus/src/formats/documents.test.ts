import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeftOut } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFileEvents } from "../read-documents.ts";
import type { RawDocument } from "./format.ts";
import { zipOf } from "./zip.ts";

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

/** An OpenDocument of a kind: text, spreadsheet, presentation. */
const open = (kind: string, body: string) => {
  const urn = "urn:oasis:names:tc:opendocument:xmlns";
  const spaces = ["office", "text", "table", "presentation"].map((name) => `xmlns:${name}="${urn}:${name}:1.0"`);
  return {
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    "META-INF/manifest.xml": "<manifest/>",
    "content.xml": `<?xml version="1.0"?><office:document-content ${spaces.join(" ")} xmlns:draw="${urn}:drawing:1.0"><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
  };
};
const odt = (body: string) => open("text", body);

const presentation = {
  "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
  "ppt/presentation.xml": '<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"/>',
};
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
    const slides = Array.from({ length: 11 }, (_, at) => [`ppt/slides/slide${at + 1}.xml`, slide(`Point ${at + 1}.`)]);
    const { documents } = await read("talk.pptx", zipOf({ ...presentation, ...Object.fromEntries(slides) }));
    expect(documents[0]?.text.match(/\d+/g)).toEqual(Array.from({ length: 11 }, (_, at) => String(at + 1)));
  });

  it("reads shapes of slides that PowerPoint puts up for choice, with formulas and the like, once", async () => {
    const spaces =
      'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"';
    const shape = (text: string) => `<p:sp><p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp>`;
    const choice = `<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
      <mc:Choice xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" Requires="a14">${shape("Chosen.")}</mc:Choice>
      <mc:Fallback>${shape("Drawn as a picture.")}</mc:Fallback></mc:AlternateContent>`;
    const content = `<?xml version="1.0"?><p:sld ${spaces}><p:cSld><p:spTree>${shape("First.")}${choice}${shape("Last.")}</p:spTree></p:cSld></p:sld>`;
    const { documents } = await read("choice.pptx", zipOf({ ...presentation, "ppt/slides/slide1.xml": content }));
    expect(documents[0]?.text.split("\n\n")).toEqual(["First.", "Chosen.", "Last."]);
  });

  it("reads a table's rows of headings, footnotes and controls of texts in OpenDocument", async () => {
    const cell = (text: string) => `<table:table-cell><text:p>${text}</text:p></table:table-cell>`;
    const row = (...cells: string[]) => `<table:table-row>${cells.map(cell).join("")}</table:table-row>`;
    const table = `<table:table><table:table-header-rows>${row("Level", "Answer")}</table:table-header-rows>${row("Gold", "1 h")}</table:table>`;
    const note = `<text:note text:id="ftn1" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>But for holidays.</text:p></text:note-body></text:note>`;
    const { documents } = await read(
      "levels.odt",
      zipOf(
        odt(
          `<text:p>Levels${note} are <loext:content-control xmlns:loext="urn:l">three</loext:content-control>.</text:p>${table}`,
        ),
      ),
    );
    expect(documents[0]?.text).toBe(
      "Levels are three.\n\nBut for holidays.\n\n| Level | Answer |\n| --- | --- |\n| Gold | 1 h |",
    );
  });

  it("leaves out what was deleted from OpenDocument, and comments", async () => {
    const deleted =
      "<text:tracked-changes><text:changed-region><text:deletion><text:p>Struck.</text:p></text:deletion></text:changed-region></text:tracked-changes>";
    const comment = "<office:annotation><text:p>Really?</text:p></office:annotation>";
    const body = `${deleted}<text:p>It ${comment}stands<office:annotation-end/> here.</text:p>`;
    expect((await read("tracked.odt", zipOf(odt(body)))).documents[0]?.text).toBe("It stands here.");
  });

  it("reads each letter of RTF once, and its footnotes", async () => {
    const rtf = String.raw`{\rtf1\ansi\ansicpg1252\uc1 Gr\u246\'f6\u223\'dfe \u8220\'93quoted\u8221\'94 ok{\super\chftn}{\*\footnote A note.}, {\uc0\u233 }t\u233?, co\-op\~{\uc2\u26085\'93\'fa}\u169" end.\par}`;
    const { documents } = await read("letters.rtf", rtf);
    expect(documents[0]?.text.replace(/\s+/g, " ")).toBe("Größe “quoted” ok, été, coop 日© end. A note.");
  });

  it("reads letters of RTF in the encoding of their font", async () => {
    const fonts = String.raw`{\fonttbl{\f0\fcharset0 Arial;}{\f1\fnil\fcharset204 Arial;}{\f2\fmodern\fprq1\fcharset128 MS Gothic;}}`;
    const russian = String.raw`{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}`;
    const rtf = String.raw`{\rtf1\ansi\ansicpg1252\deff0${fonts}\f0 caf\'e9 \emdash  ${russian} {\f2 \'93\'fa\'83V}\par}`;
    expect((await read("fonts.rtf", rtf)).documents[0]?.text).toBe("café — Привет 日シ");
  });

  it("reads every sheet of a workbook, each value in its column and as it is shown, and no columns and rows of nothing", async () => {
    const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
    const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const cell = (at: string, text: string) => `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
    const sheet = (rows: string) => `<worksheet ${main}><sheetData>${rows}</sheetData></worksheet>`;
    const related = (id: number) =>
      `<Relationship Id="r${id}" Type="${relations}/worksheet" Target="worksheets/sheet${id}.xml"/>`;
    const { documents } = await read(
      "prices.xlsx",
      zipOf({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "docProps/core.xml":
          '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>untitled</dc:title></cp:coreProperties>',
        "xl/workbook.xml": `<workbook ${main} xmlns:r="${relations}"><sheets><sheet name="Prices" sheetId="1" r:id="r1"/><sheet name="Stock" sheetId="2" r:id="r2"/></sheets></workbook>`,
        "xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${related(1)}${related(2)}</Relationships>`,
        "xl/styles.xml": `<styleSheet ${main}><numFmts><numFmt numFmtId="164" formatCode="[$-407]d\\. mmmm yyyy;@"/><numFmt numFmtId="165" formatCode="0.0 &quot;days&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/></cellXfs></styleSheet>`,
        "xl/sharedStrings.xml": `<sst ${main}><si><t>Item</t></si><si><r><t>Copper </t></r><r><t>cable</t></r></si></sst>`,
        "xl/worksheets/sheet1.xml": sheet(
          `<row r="1"><c r="A1" t="s"><v>0</v></c>${cell("B1", "Price")}${cell("D1", "Unit")}</row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><f>5*2.5</f><v>12.5</v></c>${cell("D2", "metre")}</row><row r="4">${cell("D4", "all in euros")}</row>`,
        ),
        "xl/worksheets/sheet2.xml": sheet(
          `<row r="1">${cell("A1", "Hub")}<c r="B1"><v>7</v></c></row><row r="2"><c r="A2" s="1"><v>45322</v></c><c r="B2" s="2"><f>A2+0.5</f><v>45322.5</v></c></row><row r="3"><c r="A3" s="3"><v>45322</v></c><c r="B3" s="4"><v>0.25</v></c></row><row r="4"><c r="A4" t="b"><v>1</v></c><c r="B4" s="1" t="s"><v>0</v></c></row>`,
        ),
      }),
    );
    expect(documents).toMatchObject([
      {
        title: "prices",
        text: "Prices\n\n| Item | Price | Unit |\n| --- | --- | --- |\n| Copper cable | 12.5 | metre |\n|  |  | all in euros |\n\nStock\n\n| Hub | 7 |\n| --- | --- |\n| 2024-01-31 | 2024-01-31 12:00:00 |\n| 45322 | 06:00:00 |\n| TRUE | Item |",
        headings: [{ title: "Prices" }, { title: "Stock" }],
      },
    ]);
  });

  it("reads OpenDocument's sheets and slides, with their notes", async () => {
    const cell = (text: string, more = "") => `<table:table-cell ${more}><text:p>${text}</text:p></table:table-cell>`;
    const row = (...cells: string[]) => `<table:table-row>${cells.join("")}</table:table-row>`;
    const empty =
      '<table:table-row table:number-rows-repeated="9"><table:table-cell table:number-columns-repeated="2"/></table:table-row>';
    const value = cell("12.50", 'office:value-type="float" office:value="12.5"');
    const table = `<table:table table:name="Prices">${row(cell("Item"), cell("Price"))}${row(cell("Cable"), value)}${empty}</table:table>`;
    expect((await read("prices.ods", zipOf(open("spreadsheet", table)))).documents).toMatchObject([
      { title: "prices", text: "Prices\n\n| Item | Price |\n| --- | --- |\n| Cable | 12.50 |" },
    ]);
    const box = (text: string) => `<draw:text-box><text:p>${text}</text:p></draw:text-box>`;
    const page = (title: string, text: string, notes: string) =>
      `<draw:page><draw:frame presentation:class="title">${box(title)}</draw:frame><draw:frame>${box(text)}</draw:frame><presentation:notes><draw:frame>${box(notes)}</draw:frame></presentation:notes></draw:page>`;
    const pages = page("Bridges", "Steel is strong.", "Slowly.") + page("Rivers", "Water flows.", "Quickly.");
    expect((await read("talk.odp", zipOf(open("presentation", pages)))).documents).toMatchObject([
      {
        title: "Bridges",
        text: "Bridges\n\nSteel is strong.\n\nSlowly.\n\nRivers\n\nWater flows.\n\nQuickly.",
        headings: [{ title: "Bridges" }, { title: "Rivers" }],
      },
    ]);
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

  it("reads books whose tags close themselves, and whose package document names its space", async () => {
    const head = '<title/><script src="reader.js"/><style/>';
    const book = {
      mimetype: "application/epub+zip",
      "META-INF/container.xml": '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>',
      "book.opf":
        '<opf:package xmlns:opf="http://www.idpf.org/2007/opf"><opf:manifest><opf:item id="a" href="a.xhtml"/></opf:manifest><opf:spine><opf:itemref idref="a"/></opf:spine></opf:package>',
      "a.xhtml": `<?xml version="1.0"?><html><head>${head}</head><body><p><a id="p1"/>The lamp.</p></body></html>`,
    };
    expect((await read("closed.epub", zipOf(book))).documents).toMatchObject([{ title: "closed", text: "The lamp." }]);
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

  it.each<[string, string, [number, string][], string]>([
    [
      "plan.org",
      "#+TITLE: Plan\n* TODO Water :dry:\nText.\n** Pipes\n",
      [
        [1, "Water"],
        [2, "Pipes"],
      ],
      "Plan",
    ],
    [
      "plan.adoc",
      "= Plan\n:toc:\n\n----\n= code\n----\n\n== Water\n\nText.\n",
      [
        [1, "Plan"],
        [2, "Water"],
      ],
      "Plan",
    ],
    [
      "plan.rst",
      "====\nPlan\n====\n\nWater\n-----\nText::\n\n   a = b\n\nPipes\n~~~~~\n\n===== =====\nA     B\n===== =====\n",
      [
        [1, "Plan"],
        [2, "Water"],
        [3, "Pipes"],
      ],
      "Plan",
    ],
    [
      "plan.tex",
      "\\title{Plan}\n\\section{Water \\label{w}}\nText.\n\\subsection*{The \\emph{old} pipes}\n",
      [
        [1, "Water"],
        [2, "The old pipes"],
      ],
      "Plan",
    ],
    ["plan.txt", "* Plan\n= Water\n", [], "plan"],
  ])("knows the headings of %s and leaves its text as it is", async (name, text, headings, title) => {
    const [document] = (await read(name, text)).documents;
    expect(document).toMatchObject({ title, text });
    expect((document?.headings ?? []).map((heading) => [heading.depth, heading.title])).toEqual(headings);
    for (const { at, title: each } of document?.headings ?? [])
      expect(text.slice(at, at + 40)).toContain(each.split(" ")[0]);
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
