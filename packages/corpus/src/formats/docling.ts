import { isObject } from "@rag-instruct/core";
import type { Heading, RawDocument } from "./format.ts";
import { markdownTable, statedTitle } from "./text.ts";

type Fields = Record<string, unknown>;

/** A document that Docling has read, and how many of its pieces are headers and footers of pages, which are left out. */
export interface DoclingReading {
  document: RawDocument;
  pageHeaders: number;
}

/**
 * The document of what Docling exports as JSON (`DoclingDocument`): its pieces in the order of its body, headings, items of lists, tables as Markdown.
 * Undefined for any other record.
 */
export function doclingDocument(record: Fields, { keepPageHeaders = false } = {}): DoclingReading | undefined {
  if (record.schema_name !== "DoclingDocument") return undefined;
  const writer = new DoclingWriter(record, keepPageHeaders);
  writer.visit(record.body);
  if (keepPageHeaders) writer.visit(record.furniture);
  // Where the body does not name a piece, it stands behind it.
  for (const name of ["texts", "tables"]) for (const piece of listOf(record[name])) writer.visit(piece);
  const { text, headings, title, pageHeaders } = writer;
  const first = headings.find(({ depth }) => depth <= 2)?.title;
  const origin = isObject(record.origin) ? record.origin.filename : undefined;
  const document = {
    title: title ?? first ?? statedTitle(record.name) ?? "",
    text: text.trimEnd(),
    metadata: typeof origin === "string" ? { origin } : undefined,
    headings: headings.length > 0 ? headings : undefined,
  };
  return { document, pageHeaders };
}

class DoclingWriter {
  text = "";
  headings: Heading[] = [];
  title: string | undefined;
  pageHeaders = 0;
  #root: Fields;
  #keepsHeaders: boolean;
  #seen = new Set<unknown>();

  constructor(root: Fields, keepsHeaders: boolean) {
    this.#root = root;
    this.#keepsHeaders = keepsHeaders;
  }

  /** A piece and what stands below it, or the one that a reference names. Each is written once. */
  visit(given: unknown): void {
    const piece = isObject(given) && typeof given.$ref === "string" ? this.#find(given.$ref) : given;
    if (!isObject(piece) || this.#seen.has(piece)) return;
    this.#seen.add(piece);
    this.#write(piece);
    for (const caption of listOf(piece.captions)) this.visit(caption);
    for (const child of listOf(piece.children)) this.visit(child);
    for (const note of listOf(piece.footnotes)) this.visit(note);
  }

  /** `#/texts/3` */
  #find(reference: string): unknown {
    const [, list = "", index = ""] = /^#\/(\w{1,40})\/(\d{1,9})$/.exec(reference) ?? [];
    return listOf(this.#root[list])[Number(index)];
  }

  #write(piece: Fields): void {
    const { label, level, content_layer: layer } = piece;
    const text = typeof piece.text === "string" ? piece.text.trim() : "";
    if (isObject(piece.data)) this.#block(tableOf(piece.data));
    if (text === "") return;
    const isHeader = layer === "furniture" || label === "page_header" || label === "page_footer";
    if (isHeader && !this.#keepsHeaders) this.pageHeaders += 1;
    else if (label === "title" || label === "section_header") {
      const depth = label === "title" ? 1 : (typeof level === "number" ? level : 1) + 1;
      if (label === "title") this.title ??= text;
      this.headings.push({ at: this.text.length, depth, title: text });
      this.#block(text);
    } else if (label === "list_item") {
      const mark = piece.enumerated === true && typeof piece.marker === "string" ? piece.marker : "-";
      this.#block(`${mark} ${text}`);
    } else this.#block(text);
  }

  #block(text: string): void {
    if (text !== "") this.text += `${text}\n\n`;
  }
}

/** A table has its cells by rows, or each with its place. */
function tableOf({ grid, table_cells: cells }: Fields): string {
  const textOf = (cell: unknown) => (isObject(cell) && typeof cell.text === "string" ? cell.text : "");
  if (Array.isArray(grid) && grid.length > 0) return markdownTable(grid.map((row) => listOf(row).map(textOf)));
  const rows: string[][] = [];
  for (const cell of listOf(cells).filter(isObject)) {
    const [row, column] = [Number(cell.start_row_offset_idx), Number(cell.start_col_offset_idx)];
    if (!(row >= 0 && row < maxCells && column >= 0 && column < maxCells)) continue;
    while (rows.length <= row) rows.push([]);
    rows[row]![column] = textOf(cell);
  }
  return markdownTable(rows.map((row) => Array.from(row, (text) => text ?? "")));
}

const maxCells = 10_000;

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
