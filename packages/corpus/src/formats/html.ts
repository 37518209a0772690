import { readText } from "@rag-instruct/core/node";
import type { ChildNode, Element, ParentNode } from "domhandler";
import { parseDocument } from "htmlparser2";
import {
  type FormatInput,
  type FormatOptions,
  type Heading,
  type RawDocument,
  type ReadEvent,
  unread,
} from "./format.ts";
import { formulaText } from "./formulas.ts";
import { findElement, isElement, isHidden, openPanels, removeClutter, textOf } from "./html-tree.ts";
import { fileDocument, markdownTable, withoutUnseen } from "./text.ts";

/** Most bytes of a page: the whole tree of it is held in memory. */
const maxPageBytes = 1 << 25;

/** HTML: the text of a page without menus, banners and the like. Nothing of the page is run or fetched. */
export async function* readHtml(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, { maxBytes: maxPageBytes, ...options });
  options.onInvalidBytes(invalidBytes);
  try {
    yield [{ document: htmlDocument(text, input.source), line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not HTML: ${(error as Error).message}`)];
  }
}

/** The document of a page, by its title, else its first heading, else the name of its file. */
export function htmlDocument(html: string, source: string): RawDocument {
  const page = parsePage(html, { isXml: /^\s*<\?xml\b/.test(html) });
  const root = findElement(page, "html");
  const title = findElement(page, "title");
  openPanels(page);
  removeClutter(page);
  const stated = title && textOf(title).replace(/\s+/g, " ").trim();
  const language = root?.attribs.lang || root?.attribs["xml:lang"] || undefined;
  return fileDocument(source, { ...htmlText(page), title: stated, metadata: { source, language } });
}

/** The tree of a page. Of one that says it is XML `<title/>` is a whole element; of any other what follows it would belong to it. */
export function parsePage(html: string, { isXml }: { isXml: boolean }) {
  return parseDocument(html, { recognizeSelfClosing: isXml });
}

const unseen = new Set(
  "script style noscript noframes template head iframe object canvas select textarea datalist audio video".split(" "),
);
const blocks = new Set(
  "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre section summary table tbody td tfoot th thead tr ul caption".split(
    " ",
  ),
);
const paragraphs = new Set(
  "p h1 h2 h3 h4 h5 h6 pre blockquote table ul ol dl section article figure details".split(" "),
);

/**
 * The text of HTML as it reads: a line for each block, a blank line around headings and paragraphs, `pre` as it stands, tables of data
 * as Markdown, items of lists marked, formulas once, pictures by their alternative text. What is not known stands in the line.
 */
export function htmlText(root: ParentNode): { text: string; headings: Heading[] } {
  const writer = new TextWriter();
  visitAll(root.children, writer);
  return writer.finish();
}

function visitAll(nodes: readonly ChildNode[], writer: TextWriter): void {
  for (const node of nodes) {
    if (node.type === "text") writer.add(node.data);
    else if (isElement(node)) visit(node, writer);
    else if ("children" in node) visitAll(node.children, writer);
  }
}

function visit(element: Element, writer: TextWriter): void {
  const name = element.name.toLowerCase();
  if (unseen.has(name) && name !== "script") return;
  const formula = formulaText(element);
  if (formula !== undefined) writer.add(formula);
  else if (name === "script" || isHidden(element)) return;
  else if (name === "br") writer.breakLine(1);
  else if (name === "img") writer.add(alternativeText(element));
  else if (name === "sup") visitRaised(element, writer);
  else if (name === "ruby") visitRuby(element, writer);
  else if (name === "svg") writer.add(` ${drawnText(element)} `);
  else if (name === "table" && isDataTable(element)) writeTable(element, writer);
  else visitPlain(element, name, writer);
}

function visitPlain(element: Element, name: string, writer: TextWriter): void {
  // A custom element may be a block or not: it parts words.
  const isApart = name.includes("-");
  const gap = paragraphs.has(name) ? 2 : blocks.has(name) ? 1 : 0;
  if (gap > 0) writer.breakLine(gap);
  else if (isApart) writer.add(" ");
  if (name === "li") writer.mark(markOf(element));
  const depth = /^h([1-6])$/.exec(name)?.[1];
  if (depth) writer.openHeading(Number(depth));
  if (name === "pre") writer.inPre(() => visitAll(element.children, writer));
  else visitAll(element.children, writer);
  if (depth) writer.closeHeading();
  if (gap > 0) writer.breakLine(gap);
  else if (isApart) writer.add(" ");
}

const maxAlternative = 200;

/** What a picture says in words; not the name of its file. */
function alternativeText({ attribs }: Element): string {
  const text = attribs.alt?.trim() ?? "";
  const isName =
    /^\S+\.(png|jpe?g|gif|svg|webp)$/i.test(text) || /^(image|img|alt|photo|picture|icon|logo)$/i.test(text);
  return isName || text.length > maxAlternative ? "" : text;
}

/** The words in a drawing, such as a diagram's. */
function drawnText(drawing: ParentNode): string {
  return drawing.children
    .filter(isElement)
    .map((child) => (child.name === "text" ? textOf(child) : drawnText(child)))
    .filter((text) => text.trim() !== "")
    .join(" ");
}

/** Exponents keep apart from their base: 10<sup>6</sup> is not 106. */
function visitRaised(element: Element, writer: TextWriter): void {
  const text = textOf(element).trim();
  if (/^[-−+]?\d+$/.test(text) && !has(element, "a")) writer.add(`^${text}`);
  else visitAll(element.children, writer);
}

/** Readings of characters stand behind them in parentheses, as the standard has it for those who cannot set them above. */
function visitRuby(element: Element, writer: TextWriter): void {
  const hasParentheses = has(element, "rp");
  for (const child of element.children) {
    if (!isElement(child)) visitAll([child], writer);
    else if (child.name === "rt" && !hasParentheses) writer.add(`（${textOf(child)}）`);
    else visitAll(/^r[bpt]c?$/.test(child.name) ? child.children : [child], writer);
  }
}

function markOf(item: Element): string {
  const list = item.parent;
  if (!list || !("attribs" in list) || list.name !== "ol") return "- ";
  const items = list.children.filter((child) => isElement(child) && child.name === "li");
  const start = Number(list.attribs.start ?? 1);
  return `${(Number.isInteger(start) ? start : 1) + items.indexOf(item)}. `;
}

const maxSpan = 100;
const maxCellText = 1000;

/** A table of data: several columns, no table or heading in a cell, and no cell that is a text by itself. Others only lay out a page. */
function isDataTable(table: Element): boolean {
  if (table.attribs.role === "presentation" || has(table, "table") || has(table, "h1") || has(table, "h2"))
    return false;
  const rows = rowsOf(table).map(cellsOf);
  const isWide = rows.filter((cells) => cells.length > 1).length * 2 > rows.length;
  return isWide && rows.flat().every((cell) => !has(cell, "pre") && textOf(cell).length <= maxCellText);
}

function writeTable(table: Element, writer: TextWriter): void {
  writer.breakLine(2);
  const caption = table.children.find((child): child is Element => isElement(child) && child.name === "caption");
  if (caption) visit(caption, writer);
  writer.breakLine(2);
  const rows = cellTexts(table);
  for (const line of markdownTable(rows.filter((cells) => cells.some((cell) => cell !== ""))).split("\n")) {
    writer.line(line);
  }
  writer.breakLine(2);
}

/** The text of each cell by rows and columns: one that spans columns stands in the first, one that spans rows in each of them. */
function cellTexts(table: Element): string[][] {
  const spanning: { text: string; rows: number }[] = [];
  return rowsOf(table).map((row) => {
    const texts: string[] = [];
    const fillSpanned = () => {
      for (let above = spanning[texts.length]; above && above.rows > 0; above = spanning[texts.length]) {
        above.rows -= 1;
        texts.push(above.text);
      }
    };
    for (const cell of cellsOf(row)) {
      fillSpanned();
      const { text } = htmlText(cell);
      const rows = spanOf(cell, "rowspan") - 1;
      for (let column = 0; column < spanOf(cell, "colspan"); column++) {
        const shown = column === 0 ? text : "";
        spanning[texts.length] = { text: shown, rows };
        texts.push(shown);
      }
    }
    fillSpanned();
    return texts;
  });
}

function spanOf({ attribs }: Element, name: "rowspan" | "colspan"): number {
  return Math.min(maxSpan, Math.max(1, Number(attribs[name]) || 1));
}

function rowsOf(table: Element): Element[] {
  return table.children.filter(isElement).flatMap((child) => {
    if (child.name === "tr") return [child];
    return /^t(head|body|foot)$/.test(child.name) ? rowsOf(child) : [];
  });
}

function cellsOf(row: Element): Element[] {
  return row.children.filter(isElement).filter(({ name }) => name === "td" || name === "th");
}

function has(element: Element, name: string): boolean {
  return findElement(element, name) !== undefined;
}

/** Puts text together so that breaks and spaces never pile up. */
class TextWriter {
  #parts: string[] = [];
  #length = 0;
  #breaks = 0;
  #space = false;
  #isPre = false;
  #mark = "";
  #headings: Heading[] = [];
  #open: { depth: number; heading?: Heading } | undefined;

  add(given: string): void {
    const text = withoutUnseen(given);
    if (this.#isPre) {
      if (text !== "") this.#push(text);
      return;
    }
    const words = text.trim().replace(/\s+/gu, " ");
    this.#space ||= /^\s/u.test(text);
    if (words === "") return;
    this.#push(words);
    this.#space = /\s$/u.test(text);
  }

  /** A line as it stands. */
  line(text: string): void {
    this.breakLine(1);
    if (text !== "") this.#push(text);
    this.breakLine(1);
  }

  /** What the next text begins with; nothing where none comes before the next mark. */
  mark(mark: string): void {
    this.#mark = mark;
  }

  breakLine(count: number): void {
    this.#breaks = Math.max(this.#breaks, count);
    this.#space = false;
  }

  inPre(write: () => void): void {
    const before = this.#isPre;
    this.#isPre = true;
    write();
    this.#isPre = before;
  }

  openHeading(depth: number): void {
    this.#open = { depth };
  }

  closeHeading(): void {
    this.#open = undefined;
  }

  finish(): { text: string; headings: Heading[] } {
    return { text: this.#parts.join(""), headings: this.#headings };
  }

  #push(given: string): void {
    const gap = this.#length === 0 ? "" : this.#breaks > 0 ? "\n".repeat(this.#breaks) : this.#space ? " " : "";
    const text = this.#mark + given;
    this.#mark = "";
    this.#breaks = 0;
    this.#space = false;
    if (this.#open) this.#pushHeading(this.#open, text, gap);
    this.#parts.push(gap, text);
    this.#length += gap.length + text.length;
  }

  #pushHeading(open: { depth: number; heading?: Heading }, text: string, gap: string): void {
    if (open.heading) {
      open.heading.title += (gap === "" ? "" : " ") + text;
      return;
    }
    open.heading = { at: this.#length + gap.length, depth: open.depth, title: text };
    this.#headings.push(open.heading);
  }
}
