import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeftOut } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ReadDocumentsOptions, readDocuments, readFileEvents } from "../read-documents.ts";
import type { RawDocument, UnreadRecord } from "./format.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-records-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string, options: ReadDocumentsOptions = {}) {
  await writeFile(join(folder, name), content);
  return Array.fromAsync(readDocuments(join(folder, name), options));
}

const json = (value: unknown) => JSON.stringify(value);
const lines = (...values: unknown[]) => values.map((value) => `${json(value)}\n`).join("");

describe("records as people have them", () => {
  it.each<[what: string, name: string, content: string, documents: Partial<RawDocument>[]]>([
    [
      "LangChain's",
      "a.jsonl",
      lines({ page_content: "One.", metadata: { source: "a.pdf", page: 3 } }),
      [{ title: "", text: "One.", metadata: { source: "a.pdf", page: 3 } }],
    ],
    [
      "LangChain's, dumped",
      "a.json",
      json([{ lc: 1, id: ["langchain"], kwargs: { page_content: "One." } }]),
      [{ title: "", text: "One.", metadata: { lc: 1 } }],
    ],
    [
      "LlamaIndex's",
      "b.json",
      json({ "docstore/data": { n1: { __data__: { text: "One." } } } }),
      [{ id: "n1", title: "", text: "One." }],
    ],
    [
      "abstracts",
      "c.jsonl",
      lines({ id: "0704.1", title: "T", abstract: "One." }),
      [{ id: "0704.1", title: "T", text: "One." }],
    ],
    [
      "texts beside their abstracts",
      "c2.jsonl",
      lines({ pmid: 7, abstract: "Short.", full_text: "One." }),
      [{ id: "7", title: "", text: "One.", metadata: { abstract: "Short." } }],
    ],
    [
      "papers of S2ORC and CORD-19",
      "c3.jsonl",
      lines({
        paper_id: "p",
        metadata: { title: "T" },
        abstract: [{ text: "Short.", section: "Abstract" }],
        body_text: [
          { text: "One.", section: "Method" },
          { text: "Two.", section: "Method" },
        ],
      }),
      [
        {
          id: "p",
          title: "T",
          text: "Short.\n\nMethod\n\nOne.\n\nTwo.\n\n",
          metadata: { title: "T" },
          headings: [{ at: 8, depth: 1, title: "Method" }],
        },
      ],
    ],
    [
      "HotpotQA's Wikipedia, paragraphs of sentences",
      "c4.jsonl",
      lines({ id: "12", title: "T", text: [["One.", " Two."], ["Three."]] }),
      [{ id: "12", title: "T", text: "One. Two.\nThree.\n" }],
    ],
    [
      "dumps of Wikipedia's search, each behind the line that has its id",
      "c5.json",
      lines({ index: { _type: "_doc", _id: "9" } }, { title: "T", text: "One." }, { title: "U", text: "Two." }),
      [
        { id: "9", title: "T", text: "One." },
        { title: "U", text: "Two." },
      ],
    ],
    ["texts in an object", "c6.jsonl", lines({ body: { text: "One.", lang: "en" } }), [{ title: "", text: "One." }]],
    [
      "descriptions, where there is no text",
      "c7.jsonl",
      lines({ headline: "T", description: "One." }),
      [{ title: "T", text: "One." }],
    ],
    ["lines that end as on old Macs", "c8.csv", "id,text\r1,One.\r", [{ id: "1", title: "", text: "One." }]],
    [
      "quotes behind backslashes",
      "c9.csv",
      'id,text\n1,"He said \\"no\\", twice \\\\"\n2,Two.\n',
      [
        { id: "1", title: "", text: 'He said "no", twice \\' },
        { id: "2", title: "", text: "Two." },
      ],
    ],
    [
      "segments of MS MARCO 2.1",
      "d.jsonl",
      lines({ docid: "m#0", title: "T", segment: "One." }),
      [{ id: "m#0", title: "T", text: "One." }],
    ],
    [
      "passages of MS MARCO 2",
      "e.jsonl",
      lines({ pid: "p0", passage: "One.", docid: "d0" }),
      [{ id: "p0", title: "", text: "One.", metadata: { docid: "d0" } }],
    ],
    [
      "SQuAD's, a question each",
      "f.jsonl",
      lines({ id: "q1", title: "T", context: "One.", question: "?" }),
      [{ title: "T", text: "One." }],
    ],
    [
      "Tevatron's",
      "g.jsonl",
      lines({ query: "q", positive_passages: [{ docid: "7", title: "T", text: "One." }] }),
      [{ id: "7", title: "T", text: "One.", isPassage: true }],
    ],
    ["with names in capitals", "h.csv", "ID,Title,Text\n1,T,One.\n", [{ id: "1", title: "T", text: "One." }]],
    [
      "under one name",
      "i.json",
      json({ version: 1, documents: [{ id: 1, text: "One." }] }),
      [{ id: "1", title: "", text: "One." }],
    ],
    [
      "by id",
      "j.json",
      json({ "12": { title: "T", text: "One." }, "13": { text: "Two." } }),
      [
        { id: "12", title: "T", text: "One." },
        { id: "13", title: "", text: "Two." },
      ],
    ],
    [
      "texts by id",
      "k.json",
      json({ Oslo: "A capital.", Bergen: "A city." }),
      [
        { id: "Oslo", title: "", text: "A capital." },
        { id: "Bergen", title: "", text: "A city." },
      ],
    ],
    [
      "whose first text is blank",
      "l.jsonl",
      lines({ id: "3", text: "", content: "Three." }),
      [{ id: "3", title: "", text: "Three." }],
    ],
    [
      "with MongoDB's ids",
      "m.jsonl",
      lines({ _id: { $oid: "65a2" }, text: "One." }),
      [{ id: "65a2", title: "", text: "One." }],
    ],
    [
      "with parts of a text",
      "n.jsonl",
      lines({
        id: 3,
        text: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      }),
      [{ id: "3", title: "", text: "a\nb\n" }],
    ],
    [
      "of pandas, whose first column has no name",
      "o.csv",
      ',doi,abstract\n0,10.1/a,"Built in 1890."\n',
      [{ title: "", text: "Built in 1890.", metadata: { doi: "10.1/a" } }],
    ],
    ["of spreadsheets", "p.csv", "sep=;\nid;title;text\n1;T;One, two.\n", [{ id: "1", title: "T", text: "One, two." }]],
    [
      "with long numbers as ids",
      "q.jsonl",
      '{"id": 12345678901234567891, "text": "One."}\n',
      [{ id: "12345678901234567891", title: "", text: "One." }],
    ],
    [
      "of JSON under a bare name",
      "wiki_00",
      lines({ id: "12", url: "u", title: "T", text: "One." }),
      [{ id: "12", title: "T", text: "One.", metadata: { url: "u" } }],
    ],
  ])("%s", async (_what, name, content, documents) => {
    expect(await read(name, content)).toEqual(documents);
  });

  it("puts sections under their headings", async () => {
    const sections = [
      { heading: "Intro", text: "One." },
      { section_title: "More", text: ["Two.", "Three."] },
    ];
    expect(await read("sections.json", json([{ id: 1, sections }]))).toEqual([
      {
        id: "1",
        title: "",
        text: "Intro\n\nOne.\n\nMore\n\nTwo.\nThree.\n\n\n",
        headings: [
          { at: 0, depth: 1, title: "Intro" },
          { at: 13, depth: 1, title: "More" },
        ],
      },
    ]);
  });

  it("takes no record for a map, and no row number for a text", async () => {
    const found: UnreadRecord[] = [];
    const options = { onUnread: (record: UnreadRecord) => found.push(record) };
    expect(await read("one.json", json({ question: "What is it?", answer: "It is that." }), options)).toEqual([]);
    expect(await read("rows.csv", ",doi\n0,10.1/a\n", options)).toEqual([]);
    expect(await read("languages.jsonl", lines({ id: 2, text: { en: "One", de: "Eins" } }), options)).toEqual([]);
    expect(found.map(({ detail }) => detail.split(":")[0])).toEqual([
      "no text field; it has question, answer",
      "no text field; it has , doi",
      "no text field; it has id, text.en, text.de",
    ]);
    const named = { fields: { text: "text.de" } };
    expect(await read("languages.jsonl", lines({ id: 2, text: { en: "One", de: "Eins" } }), named)).toMatchObject([
      { text: "Eins" },
    ]);
  });
});

describe("passages a row", () => {
  it("keeps quotes of files that know no quoting, as MS MARCO's collection.tsv does not", async () => {
    const texts = [
      '"Manhattan Project" was a name.',
      '"An unclosed one.',
      "Plain.",
      'Said "yes".',
      '"Second unclosed.',
      '"Whole."',
    ];
    const rows = texts.map((text, id) => `${id}\t${text}\n`).join("");
    expect((await read("collection.tsv", rows)).map(({ text }) => text)).toEqual(texts);
  });

  it("reads MS MARCO's documents, whose rows have a URL", async () => {
    const rows = "D15\thttps://example.org/a\tStars\tStars glow.\nD30\thttps://example.org/b\tMilestones\tThey grow.\n";
    expect(await read("msmarco-docs.tsv", rows)).toEqual([
      { id: "D15", title: "Stars", text: "Stars glow.", metadata: { url: "https://example.org/a" } },
      { id: "D30", title: "Milestones", text: "They grow.", metadata: { url: "https://example.org/b" } },
    ]);
  });
});

describe("what Docling exports", () => {
  const ref = (name: string, at: number) => ({ $ref: `#/${name}/${at}` });
  const cell = (text: string, row: number, column: number) => ({
    text,
    start_row_offset_idx: row,
    start_col_offset_idx: column,
  });
  const exported = {
    schema_name: "DoclingDocument",
    name: "pumps",
    origin: { filename: "pumps.pdf" },
    body: { children: [ref("texts", 1), ref("texts", 2), ref("tables", 0), ref("groups", 0)] },
    groups: [{ label: "list", children: [ref("texts", 4), ref("texts", 3)] }],
    texts: [
      { label: "page_header", content_layer: "furniture", text: "ACME" },
      { label: "title", text: "Pumps" },
      { label: "section_header", level: 1, text: "Prices" },
      { label: "list_item", text: "Second.", enumerated: true, marker: "2." },
      { label: "list_item", text: "First.", enumerated: true, marker: "1." },
      { label: "caption", text: "Table 1." },
      { label: "text", text: "Not in the body." },
    ],
    tables: [
      {
        captions: [ref("texts", 5)],
        data: { table_cells: [cell("Item", 0, 0), cell("Price", 0, 1), cell("9.90", 1, 1)] },
      },
    ],
  };

  it("is one document in the order of its body, its headers left out and counted, nothing else lost", async () => {
    const text =
      "Pumps\n\nPrices\n\n| Item | Price |\n| --- | --- |\n|  | 9.90 |\n\nTable 1.\n\n1. First.\n\n2. Second.\n\nNot in the body.";
    const path = join(folder, "pumps.json");
    await writeFile(path, json(exported));
    const leftOut: LeftOut[] = [];
    const events = (
      await Array.fromAsync(readFileEvents({ path, source: "pumps.json", named: true }, {}, leftOut))
    ).flat();
    expect(events).toMatchObject([
      {
        document: {
          title: "Pumps",
          text,
          metadata: { origin: "pumps.pdf" },
          headings: [
            { at: 0, depth: 1, title: "Pumps" },
            { at: text.indexOf("Prices"), depth: 2, title: "Prices" },
          ],
        },
      },
    ]);
    expect(leftOut).toMatchObject([{ reason: "page-header", count: 1 }]);
    const [kept] = await read("kept.jsonl", lines(exported), { keepPageHeaders: true });
    expect(kept?.text).toContain("ACME");
  });
});
