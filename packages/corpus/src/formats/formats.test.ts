import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pdfOf, textAt } from "../../test/pdf-of.ts";
import { type ReadDocumentsOptions, readDocuments } from "../read-documents.ts";
import type { RawDocument, UnreadRecord } from "./format.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-formats-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array, options: ReadDocumentsOptions = {}) {
  await writeFile(join(folder, name), content);
  return Array.fromAsync(readDocuments(join(folder, name), options));
}

describe("a file that is named like a text", () => {
  // As programs begin: words of few bits, one after another.
  const program = Buffer.from(
    Array.from({ length: 4096 }, (_, i) => (i % 4 === 0 ? (i * 37) % 256 : i % 4 === 1 ? 0xe8 : 0)),
  );
  it.each(["tool.md", "tool.html", "tool.srt", "tool.txt"])(
    "is no document where it is a program: %s",
    async (name) => {
      await expect(read(name, program)).rejects.toMatchObject({ code: "unknown-format" });
    },
  );

  it.each<[string, Uint8Array | string]>([
    ["a stray NUL", `${"The ferry leaves at noon. ".repeat(40)}\0 And at four.`],
    ["Windows-1252", Buffer.from("Caf\xe9 au lait, cr\xe8me br\xfbl\xe9e. ".repeat(20), "latin1")],
    ["UTF-16 with its mark", Buffer.from(`\ufeff${"The ferry leaves at noon. ".repeat(4)}`, "utf16le")],
  ])("is read with %s", async (_, content) => {
    expect(await read("page.md", content)).toHaveLength(1);
  });
});

describe("records", () => {
  it("finds id, title and text under their usual names, or under those given", async () => {
    const usual = [
      { _id: "a", title: "T", text: "one" },
      { docid: 2, contents: '"T"\ntwo' },
      { idx: "c", paragraph_text: "three", url: "https://example.com" },
      { put: "id:x", fields: { id: "d", body: "four" } },
      { _id: "e", _source: { content: "five" } },
    ];
    expect(await read("usual.json", JSON.stringify(usual))).toEqual([
      { id: "a", title: "T", text: "one" },
      { id: "2", title: "T", text: "two" },
      { id: "c", title: "", text: "three", metadata: { url: "https://example.com" } },
      { id: "d", title: "", text: "four", metadata: { put: "id:x" } },
      { id: "e", title: "", text: "five" },
    ]);
    const fields = { id: "key", text: "deep.inside", title: "name" };
    expect(await read("named.jsonl", '{"key":7,"name":"N","deep":{"inside":"x"}}', { fields })).toEqual([
      { id: "7", title: "N", text: "x" },
    ]);
  });

  it("reads the documents that question sets bring", async () => {
    const sets = [
      {
        context: [
          ["A", ["One.", " Two."]],
          ["B", ["Three.", "Four."]],
        ],
      },
      { context: { title: ["C"], sentences: [["Five."]] } },
      { title: "D", paragraphs: [{ context: "Six." }] },
      { ctxs: [{ id: "9", title: "E", text: "Seven." }] },
      { example_question: "Who?", context: [{ id: 10, title: "F", text: "Eight.", socre: 2.1 }, "Nine."] },
    ];
    expect(await read("sets.json", JSON.stringify(sets))).toEqual([
      { title: "A", text: "One. Two." },
      { title: "B", text: "Three. Four." },
      { title: "C", text: "Five." },
      { title: "D", text: "Six." },
      { id: "9", title: "E", text: "Seven.", isPassage: true },
      { id: "10", title: "F", text: "Eight.", isPassage: true },
      { title: "", text: "Nine." },
    ]);
  });

  it("says what a record without text has instead", async () => {
    const found: UnreadRecord[] = [];
    await read("odd.jsonl", '{"question":"q"}\n[1]\n', { onUnread: (record) => found.push(record) });
    expect(found.map(({ line, detail }) => [line, detail])).toEqual([
      [1, "no text field; it has question: name it by fields: { text: … } (--field text=…)"],
      [2, "the record is not a JSON object"],
    ]);
  });
});

describe("Parquet", () => {
  it("gives its rows with integers of 64 bits exact, from a file of several row groups or packed", async () => {
    const count = 5000;
    const ids = Array.from({ length: count }, (_, row) => 9_007_199_254_740_000n + BigInt(row));
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        rowGroupSize: 1500,
        columnData: [
          { name: "id", data: ids, type: "INT64" },
          { name: "text", data: ids.map((id) => `text of ${id}`), type: "STRING" },
        ],
      }),
    );
    const expected = ids.map((id) => ({ id: String(id), title: "", text: `text of ${id}` }));
    expect(await read("rows.parquet", bytes)).toEqual(expected);
    expect(await read("rows.parquet.gz", gzipSync(bytes))).toEqual(expected);
    const broken = read("broken.parquet", Buffer.concat([Buffer.from("PAR1"), Buffer.alloc(100), Buffer.from("PAR1")]));
    await expect(broken).rejects.toMatchObject({ code: "file-corrupt" });
  });
});

describe("DPR's TSV", () => {
  const rows = '1\t"""Aaron"" is"\tA\n2\ttwo\tB\n';
  const documents = [
    { id: "1", title: "A", text: '"Aaron" is', isPassage: true },
    { id: "2", title: "B", text: "two", isPassage: true },
  ];

  it.each([
    ["with a header, in gzip", "psgs.tsv.gz", gzipSync(`id\ttext\ttitle\n${rows}`)],
    ["with a header, not in gzip whatever its name", "plain.tsv.gz", Buffer.from(`id\ttext\ttitle\n${rows}`)],
    ["without a header, in zstd", "psgs.tsv.zst", zstdCompressSync(Buffer.from(rows))],
    ["in UTF-16 with CRLF", "wide.tsv", Buffer.from(`\uFEFF${rows.replaceAll("\n", "\r\n")}`, "utf16le")],
  ])("is read %s", async (_how, name, content) => {
    expect(await read(name, content)).toEqual(documents);
  });

  it("names rows of other shapes", async () => {
    const found: UnreadRecord[] = [];
    await read("bad.tsv", `${rows}3\n\tno id\tx\n4\ta\tb\tc\n`, { onUnread: (record) => found.push(record) });
    expect(found.map(({ line, reason }) => [line, reason])).toEqual([
      [3, "malformed"],
      [4, "malformed"],
      [5, "malformed"],
    ]);
  });
});

describe("pages", () => {
  it("keeps Markdown, its front matter as metadata and its headings, not those in code", async () => {
    const markdown =
      "---\ntitle: Guide\norder: 3\n---\nIntro.\n\n# First *part*\n\n```sh\n# no heading\n```\n\nUnderlined\n---\n";
    expect(await read("guide.mdx", markdown)).toEqual([
      {
        title: "Guide",
        text: markdown.slice(markdown.indexOf("Intro.")),
        metadata: { title: "Guide", order: 3, source: "guide.mdx" },
        headings: [
          { at: 8, depth: 1, title: "First part" },
          { at: markdown.indexOf("Underlined") - markdown.indexOf("Intro."), depth: 2, title: "Underlined" },
        ],
      },
    ]);
    const [odd] = await read("02-my_page.md", "---\nnot: [closed\n---\ntext\n");
    expect(odd).toMatchObject({ title: "my page", text: "---\nnot: [closed\n---\ntext\n" });
  });

  it("gives the main content of HTML, and runs and fetches nothing", async () => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const paragraph = "A sentence of the article, which goes on for a while, so that it counts as content. ".repeat(4);
    const html = `<!doctype html><html lang="en"><head><title>Page</title><link rel="stylesheet" href="${url}/a.css">
      <script>globalThis.wasRun = true; fetch("${url}")</script></head><body onload="globalThis.wasRun = true">
      <nav><a href="/">Home</a> <a href="/x">Elsewhere</a></nav>
      <article><h1>Page</h1><p>${paragraph}</p><h2>Part</h2><p>${paragraph}<br>A &amp; B</p><img src="${url}/b.png">
      <iframe src="${url}"></iframe><pre>  code\n    more</pre></article><footer>Imprint</footer></body></html>`;
    const [document] = (await read("page.html", html)) as [RawDocument];
    await new Promise((resolve) => server.close(resolve));
    expect(document.title).toBe("Page");
    expect(document.text).toContain("as content.\nA & B");
    expect(document.text).toContain("  code\n    more");
    expect(document.text).not.toMatch(/Elsewhere|Imprint|wasRun/);
    expect(document.headings?.map(({ at, title }) => [document.text.slice(at, at + 4), title])).toContainEqual([
      "Part",
      "Part",
    ]);
    expect([(globalThis as { wasRun?: boolean }).wasRun, requests]).toEqual([undefined, 0]);
    expect((await read("short.html", "<html><body><p>Only this.</p></body></html>"))[0]?.text).toBe("Only this.");
  });

  it("reads TREC collections, and names a document that is not closed", async () => {
    const trec =
      "<DOC>\n<DOCNO> d1 </DOCNO>\n<TITLE>One\nline</TITLE>\n<TEXT>\nfirst text\n</TEXT>\n</DOC>\n<doc><docno>d2</docno>\nbare\n<doc>\n<docno>d3</docno><text>third</text></doc>\n";
    const found: UnreadRecord[] = [];
    expect(await read("trec.xml", trec, { onUnread: (record) => found.push(record) })).toEqual([
      { id: "d1", title: "One line", text: "first text" },
      { id: "d3", title: "", text: "third" },
    ]);
    expect(found).toMatchObject([{ reason: "malformed", line: 9 }]);
  });

  it.each([
    ["on one line", ""],
    ["as an XML file on one line", '<?xml version="1.0" encoding="UTF-8"?><collection>'],
    ["as an XML file on lines", '<?xml version="1.0"?>\n<root>\n'],
  ])("reads every document of a collection %s", async (_, before) => {
    const documents = ["one", "two <doc> three", "four"].map((text, i) => `<DOC><DOCNO>d${i}</DOCNO>${text}</DOC>`);
    const read3 = await read("ap.xml", `${before}${documents.join("")}${before && "</collection>"}\n`);
    expect(read3).toMatchObject([{ id: "d0", text: "one" }, { id: "d1" }, { id: "d2", text: "four" }]);
  });
});

describe("PDF", () => {
  it("gives the text of its pages and its title, and runs no script in it", async () => {
    const [document] = await read("paper.pdf", scriptedPdf(["Hello from page one", "and page two"]));
    expect(document).toMatchObject({
      title: "A paper",
      text: "Hello from page one\n\nand page two",
      metadata: { pages: 2 },
    });
  });

  it("is malformed when it is none", async () => {
    const found: UnreadRecord[] = [];
    await read("broken.pdf", "%PDF-1.7\nnothing", { onUnread: (record) => found.push(record) });
    expect(found).toMatchObject([{ reason: "malformed", detail: expect.stringContaining("not a PDF") }]);
  });
});

/** A PDF of text pages, with a script that opens with it. */
function scriptedPdf(pages: readonly string[]): Buffer {
  const catalog = "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>";
  const contents = pages.map((text) => ({ content: textAt([[50, 700, text]]) }));
  return pdfOf(contents, { info: "/Title (A paper)", catalog });
}
