import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFileEvents } from "../read-documents.ts";
import type { RawDocument } from "./format.ts";
import { zipOf } from "./zip.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-docx-"));
});
afterAll(() => rm(folder, { recursive: true }));

const spaces =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"';
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const types = "application/vnd.openxmlformats-officedocument.wordprocessingml";

interface Made {
  styles?: string;
  numbering?: string;
  coreTitle?: string;
}

async function read(body: string, { styles = "", numbering = "", coreTitle }: Made = {}): Promise<RawDocument> {
  const parts: Record<string, string> = {
    "[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${types}.document.main+xml"/></Types>`,
    "_rels/.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${relations}/officeDocument" Target="word/document.xml"/></Relationships>`,
    "word/_rels/document.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${relations}/styles" Target="styles.xml"/><Relationship Id="r2" Type="${relations}/numbering" Target="numbering.xml"/></Relationships>`,
    "word/document.xml": `<w:document ${spaces}><w:body>${body}</w:body></w:document>`,
    "word/styles.xml": `<w:styles ${spaces}>${styles}</w:styles>`,
    "word/numbering.xml": `<w:numbering ${spaces}>${numbering}</w:numbering>`,
  };
  if (coreTitle !== undefined)
    parts["docProps/core.xml"] =
      `<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>${coreTitle}</dc:title></cp:coreProperties>`;
  const path = join(folder, "travel_plan.docx");
  await writeFile(path, zipOf(parts));
  const events = (
    await Array.fromAsync(readFileEvents({ path, source: "travel_plan.docx", named: true }, {}, []))
  ).flat();
  const [document] = events.map((event) => ("document" in event ? event.document : event.unread)) as RawDocument[];
  return document!;
}

const p = (text: string, properties = "") =>
  `<w:p>${properties && `<w:pPr>${properties}</w:pPr>`}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
const inStyle = (id: string, text: string) => p(text, `<w:pStyle w:val="${id}"/>`);
const style = (id: string, name: string, numbers = "") =>
  `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${numbers && `<w:pPr><w:numPr>${numbers}</w:numPr></w:pPr>`}</w:style>`;

describe("the title of a Word document", () => {
  // As a German Word names its styles.
  const styles = style("Titel", "Title") + style("berschrift1", "heading 1");
  const heading = inStyle("berschrift1", "Introduction");

  it("is what stands in the style of titles, whatever its language, then what it states of itself, then its first heading", async () => {
    const titled = `${inStyle("Titel", "Travel policy")}${heading}`;
    expect((await read(titled, { styles, coreTitle: "Another" })).title).toBe("Travel policy");
    expect((await read(heading, { styles, coreTitle: "Travel policy" })).title).toBe("Travel policy");
    expect((await read(heading, { styles, coreTitle: "Microsoft Word - v2.docx" })).title).toBe("Introduction");
    expect((await read(p("Text."), { styles, coreTitle: "Untitled" })).title).toBe("travel plan");
  });
});

describe("tables of Word", () => {
  const cell = (text: string, properties = "") => `<w:tc><w:tcPr>${properties}</w:tcPr>${p(text)}</w:tc>`;
  const row = (...cells: string[]) => `<w:tr>${cells.join("")}</w:tr>`;

  it("are Markdown, a cell over several rows in each of them", async () => {
    const table = `<w:tbl>${row(cell("Region"), cell("Product"), cell("Units | year"))}${row(cell("EU", '<w:vMerge w:val="restart"/>'), cell("Cable"), cell("12"))}${row(cell("", "<w:vMerge/>"), cell("Hub"), cell("7"))}${row(cell("All", '<w:gridSpan w:val="2"/>'), cell("19"))}</w:tbl>`;
    const { text } = await read(`${p("Before.")}${table}${p("After.")}`);
    expect(text).toBe(
      "Before.\n\n| Region | Product | Units \\| year |\n| --- | --- | --- |\n| EU | Cable | 12 |\n| EU | Hub | 7 |\n| All |  | 19 |\n\nAfter.",
    );
  });
});

describe("formulas of Word", () => {
  const r = (text: string) => `<m:r><m:t>${text}</m:t></m:r>`;
  const e = (inner: string) => `<m:e>${inner}</m:e>`;

  it.each([
    ["E=mc^2", `${r("E=m")}<m:sSup>${e(r("c"))}<m:sup>${r("2")}</m:sup></m:sSup>`],
    ["x_{12}", `<m:sSub>${e(r("x"))}<m:sub>${r("12")}</m:sub></m:sSub>`],
    ["a_i^2", `<m:sSubSup>${e(r("a"))}<m:sub>${r("i")}</m:sub><m:sup>${r("2")}</m:sup></m:sSubSup>`],
    ["\\frac{a+b}{2}", `<m:f><m:num>${r("a+b")}</m:num><m:den>${r("2")}</m:den></m:f>`],
    ["a/b", `<m:f><m:fPr><m:type m:val="lin"/></m:fPr><m:num>${r("a")}</m:num><m:den>${r("b")}</m:den></m:f>`],
    ["\\sqrt{x}", `<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/>${e(r("x"))}</m:rad>`],
    ["\\sqrt[3]{x}", `<m:rad><m:deg>${r("3")}</m:deg>${e(r("x"))}</m:rad>`],
    [
      "\\sum_{i=1}^n x",
      `<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>${r("i=1")}</m:sub><m:sup>${r("n")}</m:sup>${e(r("x"))}</m:nary>`,
    ],
    ["\\int_0^1 f", `<m:nary><m:sub>${r("0")}</m:sub><m:sup>${r("1")}</m:sup>${e(r("f"))}</m:nary>`],
    ["\\{a|b\\}", `<m:d><m:dPr><m:begChr m:val="{"/><m:endChr m:val="}"/></m:dPr>${e(r("a"))}${e(r("b"))}</m:d>`],
    ["(x)", `<m:d>${e(r("x"))}</m:d>`],
    [
      "\\begin{matrix}1 & 0 \\\\ 0 & 1\\end{matrix}",
      `<m:m><m:mr>${e(r("1"))}${e(r("0"))}</m:mr><m:mr>${e(r("0"))}${e(r("1"))}</m:mr></m:m>`,
    ],
    ["\\sin x", `<m:func><m:fName>${r("sin")}</m:fName>${e(r("x"))}</m:func>`],
    [
      "\\lim_{n→∞} q",
      `<m:func><m:fName><m:limLow>${e(r("lim"))}<m:lim>${r("n→∞")}</m:lim></m:limLow></m:fName>${e(r(" q"))}</m:func>`,
    ],
    ["\\vec{v}", `<m:acc><m:accPr><m:chr m:val="\u20D7"/></m:accPr>${e(r("v"))}</m:acc>`],
    ["\\overline{z}", `<m:bar><m:barPr><m:pos m:val="top"/></m:barPr>${e(r("z"))}</m:bar>`],
  ])("%s", async (latex, inner) => {
    const math = `<m:oMath>${inner}</m:oMath>`;
    const [inline, apart] = [
      math,
      `<m:oMathPara><m:oMathParaPr><m:jc m:val="left"/></m:oMathParaPr>${math}</m:oMathPara>`,
    ];
    const text = (formula: string) => `<w:r><w:t xml:space="preserve">${formula}</w:t></w:r>`;
    const body = `<w:p>${text("So ")}${inline}${text(" holds.")}</w:p><w:p>${apart}</w:p>`;
    expect((await read(body)).text).toBe(`So ${latex} holds.\n\n${latex}`);
  });
});

describe("lists of Word", () => {
  const level = (at: number, format: string, text: string, more = "") =>
    `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${more}<w:lvlText w:val="${text}"/></w:lvl>`;
  const list = (id: number, ...levels: string[]) =>
    `<w:abstractNum w:abstractNumId="${id}">${levels.join("")}</w:abstractNum>`;
  const use = (id: number, of: number, more = "") =>
    `<w:num w:numId="${id}"><w:abstractNumId w:val="${of}"/>${more}</w:num>`;
  const item = (numId: number, text: string, at = 0) =>
    p(text, `<w:numPr><w:ilvl w:val="${at}"/><w:numId w:val="${numId}"/></w:numPr>`);
  const numbering = [
    list(0, level(0, "decimal", "%1."), level(1, "lowerLetter", "%2)"), level(2, "lowerRoman", "(%3)")),
    list(1, level(0, "bullet", "\uF0B7")),
    list(
      2,
      level(0, "decimal", "%1", '<w:pStyle w:val="Heading1"/>'),
      level(1, "decimal", "%1.%2", '<w:pStyle w:val="Heading2"/>'),
    ),
    use(1, 0),
    use(2, 1),
    use(3, 0, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'),
    use(4, 2),
  ].join("");

  it("have their numbers, also behind what stands between, by letters, nested, and begun anew", async () => {
    const body = [
      item(1, "Open"),
      item(1, "the valve", 1),
      item(1, "the lid", 1),
      item(1, "slowly", 2),
      p("A remark."),
      item(1, "Wait"),
      item(1, "a minute", 1),
      item(2, "Gloves"),
      item(3, "Close"),
      p("No list.", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'),
    ];
    expect((await read(body.join(""), { numbering })).text).toBe(
      "1. Open\na) the valve\nb) the lid\n(i) slowly\n\nA remark.\n\n2. Wait\na) a minute\n- Gloves\n5. Close\n\nNo list.",
    );
  });

  it("number headings, whose styles say so", async () => {
    const styles =
      style("Heading1", "heading 1", '<w:numId w:val="4"/>') +
      style("Heading2", "heading 2", '<w:ilvl w:val="1"/><w:numId w:val="4"/>');
    const body = [
      ...[inStyle("Heading1", "Scope"), inStyle("Heading2", "People"), inStyle("Heading2", "Places")],
      ...[inStyle("Heading1", "Terms"), inStyle("Heading2", "Dates")],
    ].join("");
    const { headings, title } = await read(body, { numbering, styles });
    expect(headings?.map(({ depth, title: each }) => [depth, each])).toEqual([
      [1, "1 Scope"],
      [2, "1.1 People"],
      [2, "1.2 Places"],
      [1, "2 Terms"],
      [2, "2.1 Dates"],
    ]);
    expect(title).toBe("1 Scope");
  });
});

describe("what else stands in a Word document", () => {
  it("is read once: boxes of new programs alone or beside an old form, changes as they are now, words apart at the end of a page", async () => {
    const box = (text: string) => `<w:txbxContent>${p(text)}</w:txbxContent>`;
    const choice = (text: string) =>
      `<mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>${box(text)}</wps:txbx></wps:wsp></w:drawing></mc:Choice>`;
    const fallback = (text: string) =>
      `<mc:Fallback><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox>${box(text)}</v:textbox></v:shape></w:pict></mc:Fallback>`;
    const boxes = `<w:p><w:r><mc:AlternateContent>${choice("New.")}</mc:AlternateContent></w:r></w:p><w:p><w:r><mc:AlternateContent>${choice("Both.")}${fallback("Both.")}</mc:AlternateContent></w:r></w:p>`;
    const changed =
      '<w:p><w:r><w:t xml:space="preserve">It costs </w:t></w:r><w:del><w:r><w:delText>ten</w:delText></w:r></w:del><w:ins><w:r><w:t>twelve</w:t></w:r></w:ins><w:r><w:br w:type="page"/><w:t>euros &amp; more.</w:t></w:r></w:p>';
    expect((await read(boxes + changed)).text).toBe("New.\n\nBoth.\n\nIt costs twelve\neuros & more.");
  });
});
