import { Readability } from "@mozilla/readability";
import { readText } from "@rag-instruct/core/node";
import { parseHTML } from "linkedom";
import {
  type FormatInput,
  type FormatOptions,
  type Heading,
  type RawDocument,
  type ReadEvent,
  unread,
} from "./format.ts";
import { titleFromName } from "./text.ts";

type ReaderDocument = ConstructorParameters<typeof Readability>[0];

/** Most bytes of a page: the whole tree of it is held in memory. */
const maxPageBytes = 1 << 25;

/** HTML: the main content of a page, as Firefox's reader view finds it. Nothing of the page is run or fetched. */
export async function* readHtml(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, { maxBytes: maxPageBytes, ...options });
  options.onInvalidBytes(invalidBytes);
  try {
    yield [{ document: htmlDocument(text, input.source), line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not HTML: ${(error as Error).message}`)];
  }
}

/** The document of a page. Where no main content is found, that is all of its text but navigation and the like. */
export function htmlDocument(html: string, source: string): RawDocument {
  const { document } = parseHTML(html);
  const title = document.querySelector("title")?.textContent?.trim() ?? "";
  const language = document.documentElement?.getAttribute("lang");
  const article = new Readability(parseHTML(html).document as unknown as ReaderDocument).parse();
  const content = article?.content ? parseHTML(`<html><body>${article.content}</body></html>`).document : document;
  if (content === document) {
    for (const aside of document.querySelectorAll("nav, header, footer, aside, form, [hidden]")) aside.remove();
  }
  const { text, headings } = htmlText(content as unknown as HtmlNode);
  return {
    title: article?.title?.trim() || title || titleFromName(source),
    text,
    metadata: { source, language: language || undefined },
    headings: headings.length > 0 ? headings : undefined,
  };
}

/** The part of a DOM node that is read here. */
export interface HtmlNode {
  nodeType: number;
  nodeName: string;
  nodeValue: string | null;
  childNodes: Iterable<HtmlNode>;
}

const elementNode = 1;
const textNode = 3;
const unseen = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "IFRAME", "OBJECT", "SVG", "CANVAS"]);
const inline = new Set(
  "A ABBR ACRONYM B BDI BDO BIG CITE CODE DATA DEL DFN EM FONT I INS KBD LABEL MARK Q S SAMP SMALL SPAN STRIKE STRONG SUB SUP TIME TT U VAR WBR".split(
    " ",
  ),
);

/** The text of HTML as it reads: a line for each block, a blank line around headings and paragraphs, `pre` as it stands. */
export function htmlText(root: HtmlNode): { text: string; headings: Heading[] } {
  const writer = new TextWriter();
  visit(root, writer, false);
  return writer.finish();
}

function visit(node: HtmlNode, writer: TextWriter, isPre: boolean): void {
  if (node.nodeType === textNode) {
    writer.add(node.nodeValue ?? "", isPre);
    return;
  }
  const name = node.nodeName.toUpperCase();
  if (unseen.has(name)) return;
  if (name === "BR") {
    writer.breakLine(1);
    return;
  }
  const isInline = node.nodeType === elementNode && inline.has(name);
  const gap = /^(P|H[1-6]|PRE|BLOCKQUOTE|TABLE|UL|OL|DL|SECTION|ARTICLE)$/.test(name) ? 2 : 1;
  const isCell = name === "TD" || name === "TH";
  if (isCell) writer.add(" ", false);
  else if (!isInline) writer.breakLine(gap);
  const depth = /^H([1-6])$/.exec(name)?.[1];
  if (depth) writer.openHeading(Number(depth));
  for (const child of node.childNodes) visit(child, writer, isPre || name === "PRE");
  if (depth) writer.closeHeading();
  if (!isInline && !isCell) writer.breakLine(gap);
}

/** Puts text together so that breaks and spaces never pile up. */
class TextWriter {
  #parts: string[] = [];
  #length = 0;
  #breaks = 0;
  #space = false;
  #headings: Heading[] = [];
  #open: { depth: number; heading?: Heading } | undefined;

  add(text: string, isPre: boolean): void {
    if (isPre) {
      if (text !== "") this.#push(text);
      return;
    }
    const words = text.trim().replace(/\s+/gu, " ");
    this.#space ||= /^\s/u.test(text);
    if (words === "") return;
    this.#push(words);
    this.#space = /\s$/u.test(text);
  }

  breakLine(count: number): void {
    this.#breaks = Math.max(this.#breaks, count);
    this.#space = false;
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

  #push(text: string): void {
    const gap = this.#length === 0 ? "" : this.#breaks > 0 ? "\n".repeat(this.#breaks) : this.#space ? " " : "";
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
