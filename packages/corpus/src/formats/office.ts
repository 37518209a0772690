import { extensionOf, importPeer, readAllBytes } from "@rag-instruct/core/node";
import { parseDocument } from "htmlparser2";
import { type FormatInput, type FormatOptions, type Heading, type ReadEvent, unread } from "./format.ts";
import { childrenOf, findElement } from "./html-tree.ts";
import { markdownTable, statedTitle, titleFromName } from "./text.ts";
import { unzip, zipOf } from "./zip.ts";

/** Most bytes of a document, packed and unpacked. */
const maxBytes = 1 << 26;
const maxUnpackedBytes = 1 << 28;

// What the library is told where a name says it; else it looks for itself.
const kinds = ["pptx", "xlsx", "odt", "odp", "ods", "rtf"] as const;
type Kind = (typeof kinds)[number];

/**
 * Slides, sheets and texts of Office and OpenDocument (PPTX, XLSX, ODT, ODP, ODS) and RTF, with their headings and tables, by the optional
 * peer officeparser. Notes stand behind what they belong to. Pictures are not read.
 */
export async function* readOffice(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { OfficeParser } = await importPeer("officeparser", () => import("officeparser"));
  const packed = await readAllBytes(input, { maxBytes });
  options.signal?.throwIfAborted();
  try {
    const named = extensionOf(input.name) as Kind;
    const fileType = kinds.includes(named) ? named : undefined;
    const isPacked = packed.toString("latin1", 0, 2) === "PK";
    const buffer = isPacked ? await withValues(packed, input.name) : packed;
    const parsed = await OfficeParser.parseOffice(buffer, { fileType, outputErrorToConsole: false });
    const writer = new OfficeText();
    writer.write(parsed.content as readonly OfficeNode[]);
    const { text, headings } = writer;
    const title = statedTitle((parsed.metadata as { title?: unknown } | undefined)?.title);
    const document = {
      title: title ?? headings.find(({ depth }) => depth === 1)?.title ?? titleFromName(input.source),
      text: text.trimEnd(),
      metadata: { source: input.source },
      headings: headings.length > 0 ? headings : undefined,
    };
    yield [{ document, line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not an office document that can be read: ${(error as Error).message}`)];
  }
}

/** A workbook with its values written out as they are shown; any other document as it is. */
async function withValues(packed: Buffer, name: string): Promise<Buffer> {
  const parts = await unzip(packed, {
    name,
    maxUnpackedBytes,
    wanted: /^\[Content_Types\]\.xml$|^(xl|docProps|_rels)\/.*\.(xml|rels)$/,
  });
  return parts.has("xl/workbook.xml") && writeOutValues(parts) ? zipOf(Object.fromEntries(parts)) : packed;
}

/** The part of the library's tree that is read here. */
interface OfficeNode {
  type: string;
  text?: string;
  children?: readonly OfficeNode[];
  metadata?: { level?: number; sheetName?: string; col?: number };
  /** Notes on a slide, footnotes of a text. */
  notes?: readonly OfficeNode[];
}

class OfficeText {
  text = "";
  headings: Heading[] = [];

  write(nodes: readonly OfficeNode[]): void {
    for (const node of nodes) this.#writeNode(node);
  }

  #writeNode(node: OfficeNode): void {
    const { type, children = [], metadata, notes = [] } = node;
    if (type === "heading") this.#heading(textOf(node), metadata?.level ?? 1);
    else if (type === "table") this.#block(tableOf(children));
    else if (type === "sheet") {
      if (metadata?.sheetName) this.#heading(metadata.sheetName, 2);
      this.#block(tableOf(children));
    } else if (type === "list") this.#line(`- ${textOf(node)}`);
    else if (type === "paragraph" || type === "text") this.#block(textOf(node));
    else this.write(children);
    this.write(notes);
  }

  #heading(title: string, depth: number): void {
    if (title.trim() === "") return;
    this.headings.push({ at: this.text.length, depth, title: title.trim() });
    this.#block(title);
  }

  #line(text: string): void {
    if (text.trim() !== "") this.text += `${text.trim()}\n`;
  }

  #block(text: string): void {
    if (text.trim() !== "") this.text += `${text.trim()}\n\n`;
  }
}

/** Cells stand in their columns where these are known, as empty ones are not in the tree; columns and rows without any text are left out. */
function tableOf(rows: readonly OfficeNode[]): string {
  const cells = rows.filter(({ type }) => type === "row").map(({ children = [] }) => rowOf(children));
  const filled = new Set(cells.flatMap((row) => row.flatMap((cell, column) => (cell.trim() === "" ? [] : column))));
  const table = cells.map((row) => row.filter((_, column) => filled.has(column)));
  return markdownTable(table.filter((row) => row.some((cell) => cell.trim() !== "")));
}

/** A sheet has so many columns at most. */
const maxColumns = 16_384;

function rowOf(cells: readonly OfficeNode[]): string[] {
  const row: string[] = [];
  for (const cell of cells) {
    const column = Math.min(Math.max(row.length, cell.metadata?.col ?? 0), maxColumns);
    while (row.length < column) row.push("");
    row.push(textOf(cell));
  }
  return row;
}

function textOf({ text, children = [] }: OfficeNode): string {
  return text ?? children.map(textOf).join(children.some(({ type }) => type === "paragraph") ? "\n" : "");
}

/** Number formats of Excel that show a day, and those that show a time alone (ECMA-376 part 1, section 18.8.30). */
const dateFormats = new Set([14, 15, 16, 17, 22, ...range(27, 36), ...range(50, 58)]);
const timeFormats = new Set([18, 19, 20, 21, 45, 46, 47]);

type Shown = "date" | "time";

/**
 * Writes values of a workbook's sheets out as they are shown, where its reader knows only numbers: days as `2024-01-31`, with their time where they have
 * one, times as `14:30:00`, truth as TRUE and FALSE. True where anything was written.
 */
function writeOutValues(parts: Map<string, Buffer>): boolean {
  const shown = shownByStyle(parts.get("xl/styles.xml")?.toString("utf8") ?? "");
  const is1904 = /<workbookPr\b[^<>]*\bdate1904="(1|true)"/.test(parts.get("xl/workbook.xml")?.toString("utf8") ?? "");
  let isChanged = false;
  for (const [name, bytes] of parts) {
    if (!/^xl\/worksheets\/[^/]+\.xml$/.test(name)) continue;
    const sheet = bytes.toString("utf8");
    const written = sheet.replace(
      /<c\b([^<>]*)>(?:<f\b[^<>]*\/>|<f\b[^<>]*>[^<]*<\/f>)?<v>([^<>]{1,40})<\/v>/g,
      (cell, attributes: string, value: string) => {
        const text = shownText(attributes, value, { shown, is1904 });
        if (text === undefined) return cell;
        return `<c${attributes.replace(/\bt="\w*"/, "")} t="inlineStr"><is><t>${text}</t></is>`;
      },
    );
    if (written === sheet) continue;
    parts.set(name, Buffer.from(written));
    isChanged = true;
  }
  return isChanged;
}

function shownText(
  attributes: string,
  value: string,
  { shown, is1904 }: { shown: readonly (Shown | undefined)[]; is1904: boolean },
): string | undefined {
  const type = /\bt="(\w*)"/.exec(attributes)?.[1] ?? "n";
  if (type === "b") return value === "1" ? "TRUE" : "FALSE";
  const how = type === "n" ? shown[Number(/\bs="(\d{1,6})"/.exec(attributes)?.[1] ?? 0)] : undefined;
  const days = Number(value);
  return how && days >= 0 && days < maxDays ? dateText(days, { how, is1904 }) : undefined;
}

/** The last day of the year 9999. */
const maxDays = 2_958_466;

/** Days are counted from the end of 1899, or of 1903 in workbooks of old Macs. */
function dateText(days: number, { how, is1904 }: { how: Shown; is1904: boolean }): string {
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const iso = new Date(epoch + Math.round(days * 86_400) * 1000).toISOString();
  const [day = "", time = ""] = iso.slice(0, 19).split("T");
  if (how === "time" && days < 1) return time;
  return time === "00:00:00" ? day : `${day} ${time}`;
}

/** How the values of each style of cells are shown; undefined for numbers. */
function shownByStyle(styles: string): (Shown | undefined)[] {
  const root = parseDocument(styles, { xmlMode: true });
  const [formats, cells] = [findElement(root, "numFmts"), findElement(root, "cellXfs")];
  const codes = new Map<number, string>();
  for (const { attribs } of formats ? childrenOf(formats, "numFmt") : [])
    codes.set(Number(attribs.numFmtId), attribs.formatCode ?? "");
  return (cells ? childrenOf(cells, "xf") : []).map(({ attribs }) => {
    const id = Number(attribs.numFmtId ?? 0);
    const code = codes.get(id);
    if (code !== undefined) return shownByCode(code);
    return dateFormats.has(id) ? "date" : timeFormats.has(id) ? "time" : undefined;
  });
}

/** By the letters of a format's first part that stand for themselves in none: not those in quotes, in brackets or escaped. */
function shownByCode(code: string): Shown | undefined {
  const bare = code.replace(/"[^"]*"|\[[^[\]]*\]|[\\_*]./g, "").split(";", 1)[0]!;
  if (/general/i.test(bare)) return undefined;
  if (/[dy]/i.test(bare)) return "date";
  return /[hs]/i.test(bare) ? "time" : undefined;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
