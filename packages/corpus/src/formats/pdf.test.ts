import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeftOut } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PdfPage, pdfOf, streamOf, textAt } from "../../test/pdf-of.ts";
import { ingest } from "../ingest.ts";
import { type ReadOptions, readFileEvents } from "../read-documents.ts";
import type { PageImage, RawDocument } from "./format.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-pdf-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: Uint8Array | readonly PdfPage[], options: ReadOptions & { name?: string } = {}) {
  const { name = "paper.pdf" } = options;
  const path = join(folder, name);
  await writeFile(path, content instanceof Uint8Array ? content : pdfOf(content));
  const leftOut: LeftOut[] = [];
  const events = (await Array.fromAsync(readFileEvents({ path, source: name, named: true }, options, leftOut))).flat();
  const [document] = events.map((event) => ("document" in event ? event.document : event.unread)) as RawDocument[];
  const counts = leftOut.map(({ reason, count, places }) => [
    reason,
    count,
    places.map((at) => at.replace(/^.*:/, "")),
  ]);
  return { title: document?.title, text: document?.text, document, leftOut: counts };
}

const linesFrom = (lines: readonly string[], { x = 60, y = 700 } = {}): PdfPage => ({
  content: textAt(lines.map((text, at) => [x, y - 14 * at, text])),
});

describe("characters of PDF", () => {
  it("reads Chinese whose map of characters the file only names", async () => {
    const codes = Buffer.from("北京的首都", "utf16le").swap16().toString("hex");
    const { text } = await read([{ content: `BT /F2 12 Tf 60 700 Td <${codes}> Tj ET` }]);
    expect(text).toBe("北京的首都");
  });

  it("takes what is not seen out of words, and joins at a soft hyphen", async () => {
    const map =
      "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange 2 beginbfchar <01> <00AD> <02> <200B> endbfchar 1 beginbfrange <20> <7e> <0020> endbfrange endcmap end";
    const objects = {
      5: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R /FirstChar 0 /LastChar 2 >>",
      6: streamOf(map),
    };
    const content = "BT /F9 12 Tf 60 700 Td (An infor\\001) Tj 0 -14 Td (mation with a long\\002est word) Tj ET";
    const pages = [{ content: content.replace("F9", "F1") }];
    const bytes = pdfOf(pages, { objects }).toString("latin1").replace("/F1 3 0 R", "/F1 5 0 R");
    expect((await read(Buffer.from(bytes, "latin1"))).text).toBe("An information with a longest word");
  });

  it("reads what is drawn twice once, a stamp in the margin last, and leaves out a watermark, counted", async () => {
    const twice = textAt([
      [60, 700, "Important notice"],
      [60.3, 700, "Important notice"],
    ]);
    const aside =
      "BT /F1 12 Tf 0 1 -1 0 30 300 Tm (Stamped 2024) Tj ET BT /F1 60 Tf 0.7 0.7 -0.7 0.7 200 300 Tm (DRAFT) Tj ET";
    const page = { content: `${twice}\n${aside}\n${textAt([[60, 686, "It goes on."]])}` };
    const { text, leftOut } = await read([page]);
    expect(text).toBe("Important notice\nIt goes on.\nStamped 2024");
    expect(leftOut).toEqual([["page-header", 1, ["page 1"]]]);
    expect((await read([page], { keepPageHeaders: true })).text).toContain("DRAFT");
  });
});

describe("what is drawn in other ways", () => {
  it("reads what runs a little aslant, as scans do, as it reads what runs straight", async () => {
    const line = (y: number) => `BT /F1 12 Tf 0.9986 0.0523 -0.0523 0.9986 100 ${y} Tm (A tilted line at ${y}.) Tj ET`;
    const { text, leftOut } = await read([{ content: `${line(600)}\n${line(580)}` }]);
    expect(text).toBe("A tilted line at 600.\nA tilted line at 580.");
    expect(leftOut).toEqual([]);
  });

  it("begins a line for what is drawn into the page from elsewhere", async () => {
    const form = streamOf(
      textAt([[60, 650, "Drawn in."]]),
      "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >>",
    );
    const content = `${textAt([[60, 700, "Of the page."]])}\n/Fm Do`;
    const page = { content, resources: "/XObject << /Fm 5 0 R >>" };
    expect((await read(pdfOf([page], { objects: { 5: form } }))).text).toBe("Of the page.\nDrawn in.");
  });

  it("puts marks of lists that are drawn at the end before their items", async () => {
    const content = textAt([
      [60, 700, "To bring:"],
      [90, 680, "A lamp"],
      [90, 664, "A rope"],
      [60, 640, "That is all."],
      [70, 680, "1."],
      [70, 664, "2."],
    ]);
    expect((await read([{ content }])).text).toBe("To bring:\n1. A lamp\n2. A rope\nThat is all.");
  });

  it.each([
    ["(\\250Uber caf\\264e garc\\270on, it\\264s)", "Über café garçon, it´s"],
    ["(M\\344rchen, war\\264e)", "Märchen, war´e"],
  ])(
    "puts accents that are drawn by themselves onto their letters, where none has one: %s",
    async (drawn, expected) => {
      expect((await read([{ content: `BT /F1 12 Tf 60 700 Td ${drawn} Tj ET` }])).text).toBe(expected);
    },
  );

  it("counts attachments, and finds the head behind other bytes", async () => {
    const catalog = "/Names << /EmbeddedFiles << /Names [(notes.txt) 5 0 R] >> >>";
    const objects = { 5: "<< /Type /Filespec /F (notes.txt) /EF << /F 6 0 R >> >>", 6: streamOf("Notes.") };
    const bytes = pdfOf([linesFrom(["Text."])], { catalog, objects });
    const { text, leftOut } = await read(Buffer.concat([Buffer.from("\r\nHTTP junk\r\n"), bytes]));
    expect([text, leftOut.map(([reason, count]) => [reason, count])]).toEqual(["Text.", [["attachment", 1]]]);
  });
});

describe("words that the end of a line cuts", () => {
  it.each([
    ["an English word", ["Talks on the infor-", "mation were long."], "Talks on the information were long."],
    ["in capitals", ["THE INFOR-", "MATION"], "THE INFORMATION"],
    ["a word that stands elsewhere", ["Das Werk ist kaputt, ein Ge-", "triebe.", "Das Getriebe."], "ein Getriebe."],
    ["neither part of which is a word", ["Der Zwischenspei-", "cherzugriff."], "Der Zwischenspeicherzugriff."],
    ["over the end of a page", ["This is electri-"], "electrification of railways."],
    [
      "with a hyphen of its own",
      ["A well-", "known state-of-the-", "art pump."],
      "A well-known state-of-the-art pump.",
    ],
    ["as it stands elsewhere", ["The xy-foo is here, an xy-", "foo."], "an xy-foo."],
    ["before a name", ["The Schmidt-", "Meier theory."], "The Schmidt-\nMeier theory."],
    ["that may be two", ["A kubelet-", "hop question."], "A kubelet-\nhop question."],
    ["without a hyphen", ["Of the infor", "mation in", "side the box."], "Of the information in\nside the box."],
  ])("%s", async (how, lines, expected) => {
    const pages = [linesFrom(lines), ...(how.startsWith("over") ? [linesFrom(["fication of railways."])] : [])];
    expect((await read(pages)).text).toContain(expected);
  });
});

describe("forms of PDF", () => {
  it("puts what is filled in beside its label", async () => {
    const field = (entries: string, rect: string) => `<< /Type /Annot /Subtype /Widget /Rect [${rect}] ${entries} >>`;
    const annotations = [
      field("/FT /Tx /T (name) /V (Erika Mustermann)", "200 690 400 710"),
      field("/FT /Tx /T (code) /V (secret) /Ff 8192", "200 670 400 690"),
      field("/FT /Ch /T (city) /V (l) /Opt [[(l) (Lyon)] [(p) (Paris)]] /Ff 131072", "200 650 400 670"),
      field("/FT /Btn /T (yes) /V /On /AS /On /AP << /N << /On 5 0 R >> >>", "60 630 70 640"),
      field("/FT /Btn /T (no) /V /Off /AS /Off /AP << /N << /On 5 0 R >> >>", "60 610 70 620"),
      field("/FT /Tx /T (note) /V (Comes by train.)", "60 540 400 590"),
      "<< /Type /Annot /Subtype /FreeText /Rect [60 500 200 520] /Contents (Approved) /DA (/F1 12 Tf) >>",
    ];
    const content = textAt([
      [60, 694, "Name:"],
      [60, 674, "Code:"],
      [60, 654, "City:"],
      [80, 632, "I agree."],
      [80, 612, "I object."],
      [60, 480, "Signed."],
    ]);
    const catalog = `/AcroForm << /Fields [${"null ".repeat(6)}] >>`;
    const box = streamOf("", "/Type /XObject /Subtype /Form /BBox [0 0 10 10]");
    const { text } = await read(pdfOf([{ content, annotations }], { catalog, objects: { 5: box } }));
    expect(text?.split("\n")).toEqual([
      "Name: Erika Mustermann",
      "Code:",
      "City: Lyon",
      "[x] I agree.",
      "[ ] I object.",
      "Comes by train.",
      "Approved",
      "Signed.",
    ]);
  });
});

describe("what pages repeat beside their text", () => {
  const body = (page: number) =>
    Array.from(
      { length: 6 },
      (_, at) => [60, 740 - 14 * at, `Sentence ${at} of page ${page} is about topic ${page * 10 + at}.`] as const,
    );
  // Titles of chapters on the right pages, of the book on the left ones, and numbers on outer sides.
  const book = Array.from({ length: 6 }, (_, at) => {
    const page = at + 1;
    const head =
      page % 2 === 0 ? ([60, 785, "Handbook of pumps"] as const) : ([400, 785, `Valves ${page + 8}`] as const);
    const foot = [page % 2 === 0 ? 60 : 500, 30, `- ${page + 8} -`] as const;
    return { content: textAt([head, ...body(page), [60, 50, "Confidential"], foot]) };
  });

  it("leaves out running headers, footers and numbers of pages, counted by page", async () => {
    const { text, leftOut } = await read(book);
    expect(text).toBe(
      [1, 2, 3, 4, 5, 6]
        .map((page) =>
          body(page)
            .map(([, , line]) => line)
            .join("\n"),
        )
        .join("\n\n"),
    );
    expect(leftOut).toEqual([["page-header", 18, [1, 2, 3, 4, 5, 6].map((page) => `page ${page}`)]]);
  });

  it("keeps them by option", async () => {
    const { text, leftOut } = await read(book, { keepPageHeaders: true });
    expect(text?.match(/Handbook of pumps|Valves \d+|Confidential|- \d+ -/g)).toHaveLength(18);
    expect(leftOut).toEqual([]);
  });

  it("knows the header of a chapter of one page by where the numbers stand", async () => {
    const heads = ["Pipes", "Pipes", "Pipes", "Seals"].map((chapter, at) => `${chapter} ${at + 3}`);
    const { text } = await read(heads.map((head, at) => ({ content: textAt([[60, 785, head], ...body(at)]) })));
    expect(text).not.toMatch(/Pipes|Seals/);
  });

  it.each<[string, PdfPage[]]>([
    ["lines at the same place with numbers of their own", [1, 2, 3].map((page) => ({ content: textAt(body(page)) }))],
    ["pages that say the same", [1, 2, 3].map(() => linesFrom(["The same again."]))],
    [
      "titles, which are larger",
      [1, 2, 3].map((page) => ({ content: textAt([[60, 780, "Results", 24], ...body(page)]) })),
    ],
    [
      "the head of a table on each page",
      [1, 2, 3].map((page) => ({ content: textAt([[60, 754, "Item Price"], ...body(page)]) })),
    ],
    ["a page alone", [{ content: textAt([[60, 785, "Dear Ann,"], ...body(1), [300, 30, "1"]]) }]],
  ])("keeps %s", async (_what, pages) => {
    const kept = await read(pages, { keepPageHeaders: true });
    const { text, leftOut } = await read(pages);
    expect(text).toBe(kept.text);
    expect(leftOut).toEqual([]);
  });
});

describe("columns of PDF", () => {
  const left = [
    "The first column tells about",
    "the construction of the dam",
    "in the northern valley, which",
    "took eleven years of hard work",
    "and many hands.",
  ];
  const right = [
    "The second column is about",
    "the lake behind it, where the",
    "fish returned after a decade",
    "and tourists rent small boats",
    "in the summer months.",
  ];
  const above = [60, 730, "A title over both columns of the page, from one side to the other, and on"] as const;
  const below = [60, 600, "A footnote under both columns, which also goes from side to side of it."] as const;

  it("reads columns one after the other, drawn row by row or not, also with rows of different heights", async () => {
    const rows = left.flatMap((text, at) => [
      [60, 700 - 14 * at, text] as const,
      [320, 700 - 14 * at, right[at]!] as const,
    ]);
    const uneven = left.flatMap((text, at) => [
      [60, 700 - 14 * at, text] as const,
      [320, 697 - 14 * at, right[at]!] as const,
    ]);
    const columns = [
      ...left.map((text, at) => [60, 700 - 14 * at, text] as const),
      ...right.map((text, at) => [320, 700 - 14 * at, text] as const),
    ];
    for (const drawn of [rows, uneven, columns]) {
      const { text } = await read([{ content: textAt([above, ...drawn, below]) }]);
      expect(text?.split("\n")).toEqual([above[2], ...left, ...right, below[2]]);
    }
  });

  it("reads three columns", async () => {
    const third = right.map((line) => line.replace("the ", "our "));
    const rows = left.flatMap((text, at) =>
      [text, right[at]!, third[at]!].map((line, column) => [30 + 190 * column, 700 - 14 * at, line, 10] as const),
    );
    expect((await read([{ content: textAt(rows) }])).text?.split("\n")).toEqual([...left, ...right, ...third]);
  });

  it("keeps the rows of tables", async () => {
    const cells = [
      ["Copper cable of three strands", "Metal Works of Lyon and Sons", "12.50"],
      ["Fibre cable for the outdoors", "Glass House of Upper Austria", "9.90"],
      ["Steel rope with a plastic coat", "Northern Rope and Chain Works", "7.10"],
      ["Rubber seal for hydrants", "Tyre and Seal Company of Oslo", "3.20"],
    ];
    const rows = cells.flatMap((row, at) =>
      row.map((text, column) => [40 + 200 * column, 700 - 14 * at, text] as const),
    );
    expect((await read([{ content: textAt(rows) }])).text?.split("\n")).toEqual(cells.map((row) => row.join(" ")));
  });
});

describe("titles of PDF", () => {
  it.each([
    ["A paper", "A paper"],
    ["untitled", "the name"],
    ["(anonymous)", "the name"],
    ["Microsoft Word - travel v2.docx", "the name"],
    ["PowerPoint Presentation", "the name"],
    ["paper_final.dvi", "the name"],
    ["", "the name"],
    ["Untitled, a novel", "Untitled, a novel"],
  ])("%s", async (stated, expected) => {
    const info = `/Title (${stated.replace(/[()]/g, "\\$&")})`;
    expect((await read(pdfOf([linesFrom(["Text."])], { info }), { name: "the_name.pdf" })).title).toBe(expected);
  });
});

describe("pages without text", () => {
  const picture = streamOf(
    "\u0000\u00ff\u0000\u00ff",
    "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8",
  );
  const scan = { content: "q 500 0 0 700 50 50 cm /Im Do Q", resources: "/XObject << /Im 5 0 R >>" };
  const bytes = pdfOf([linesFrom(["Text."]), scan, { content: "" }, scan], { objects: { 5: picture } });

  it("counts those that show something, by page", async () => {
    const { text, leftOut } = await read(bytes);
    expect(text).toBe("Text.");
    expect(leftOut).toEqual([["scanned-page", 2, ["page 2", "page 4"]]]);
  });

  it("counts a scan with a stamp on it, which is kept, and no picture beside text", async () => {
    const [stamp, text] = [
      [[280, 20, "Page 3"]],
      [[60, 720, "A picture with a line that says what it shows."]],
    ] as const;
    const pages = [stamp, text].map((lines) => ({ ...scan, content: `${scan.content}\n${textAt(lines)}` }));
    const stamped = pdfOf(pages, { objects: { 5: picture } });
    expect(await read(stamped)).toMatchObject({
      text: "Page 3\n\nA picture with a line that says what it shows.",
      leftOut: [["scanned-page", 1, ["page 1"]]],
    });
    expect((await read(stamped, { ocr: () => "Read by eye." })).text).toMatch(/^Read by eye\.\n\nA picture/);
  });

  it("has them read as pictures by a function", async () => {
    const seen: PageImage[] = [];
    const ocr = async (image: PageImage) => {
      seen.push(image);
      return image.page === 2 ? "Read by eye." : " ";
    };
    const { text, document, leftOut } = await read(bytes, { ocr });
    expect(text).toBe("Text.\n\nRead by eye.");
    expect(document?.metadata).toMatchObject({ ocrPages: [2, 4] });
    expect(leftOut).toEqual([["scanned-page", 1, ["page 4"]]]);
    expect(seen.map(({ page, mediaType }) => [page, mediaType])).toEqual([
      [2, "image/png"],
      [4, "image/png"],
    ]);
    const png = Buffer.from(seen[0]!.bytes);
    expect([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(["PNG", 1667, 2223]);
  });

  it("says which page it was where the function fails", async () => {
    const ocr = () => {
      throw new Error("no such model");
    };
    await expect(read(bytes, { ocr })).rejects.toThrow(/paper\.pdf, page 2: ocr failed: no such model/);
  });

  it("says of a corpus of nothing else what it is", async () => {
    const only = join(folder, "scan.pdf");
    await writeFile(only, pdfOf([scan], { objects: { 5: picture } }));
    const ingested = ingest({ from: only, to: join(folder, "scan.sqlite") });
    await expect(ingested).rejects.toThrow(/1 scanned-page \(.*scan\.pdf:page 1\), which needs `ocr`/);
  });
});

describe("pictures", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d", "hex");

  it("are counted in a folder, refused when named, and read by a function", async () => {
    const path = join(folder, "photo of a sign.png");
    await writeFile(path, png);
    const leftOut: LeftOut[] = [];
    const file = { path, source: "photo_of_a_sign.png" };
    expect(await Array.fromAsync(readFileEvents({ ...file, named: false }, {}, leftOut))).toEqual([]);
    expect(leftOut).toMatchObject([{ reason: "image", count: 1 }]);
    const named = Array.fromAsync(readFileEvents({ ...file, named: true }, {}, []));
    await expect(named).rejects.toThrow(/photo_of_a_sign\.png is a picture: its text needs a function `ocr`/);
    const ocr = ({ mediaType, bytes }: PageImage) => `${mediaType} of ${bytes.length} bytes`;
    expect((await Array.fromAsync(readFileEvents({ ...file, named: true }, { ocr }, []))).flat()).toMatchObject([
      { document: { title: "photo of a sign", text: "image/png of 12 bytes" } },
    ]);
  });
});
