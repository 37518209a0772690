import { extensionOf, importPeer, readAllBytes } from "@rag-instruct/core/node";
import { type FormatInput, type FormatOptions, type Heading, type ReadEvent, unread } from "./format.ts";
import { asLibraryReads } from "./office-input.ts";
import { fileDocument, markdownTable, statedTitle } from "./text.ts";

const maxBytes = 1 << 26;

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
    const buffer = await asLibraryReads(packed, input.name);
    const parsed = await OfficeParser.parseOffice(buffer, { fileType, outputErrorToConsole: false });
    const writer = new OfficeText();
    writer.write(parsed.content as readonly OfficeNode[]);
    const { text, headings } = writer;
    const title = statedTitle((parsed.metadata as { title?: unknown } | undefined)?.title);
    yield [{ document: fileDocument(input.source, { title, text: text.trimEnd(), headings }), line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not an office document that can be read: ${(error as Error).message}`)];
  }
}

/** The part of the library's tree that is read here. */
interface OfficeNode {
  type: string;
  text?: string;
  children?: readonly OfficeNode[];
  metadata?: { level?: number; sheetName?: string; col?: number; listType?: string; itemIndex?: number };
  /** Notes on a slide; footnotes, at the words that they are about. */
  notes?: readonly OfficeNode[];
}

/** What is written whole, with the notes of all in it behind. */
const textTypes: ReadonlySet<string> = new Set(["heading", "table", "sheet", "list", "paragraph", "text"]);

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
    } else if (type === "list") this.#line(`${markOf(metadata)} ${textOf(node)}`);
    else if (type === "paragraph" || type === "text") this.#block(textOf(node));
    else this.write(children);
    this.write(textTypes.has(type) ? notesIn(node) : notes);
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

/** Columns of a sheet at most. */
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

function markOf({ listType, itemIndex = 0 }: OfficeNode["metadata"] = {}): string {
  return listType === "ordered" ? `${itemIndex + 1}.` : "-";
}

function notesIn({ notes = [], children = [] }: OfficeNode): OfficeNode[] {
  return [...notes, ...children.flatMap(notesIn)];
}

function textOf({ text, children = [] }: OfficeNode): string {
  return text ?? children.map(textOf).join(children.some(({ type }) => type === "paragraph") ? "\n" : "");
}
