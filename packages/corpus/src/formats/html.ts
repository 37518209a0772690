import { readText } from "@rag-instruct/core/node";
import { parseDocument } from "htmlparser2";
import { type FormatInput, type FormatOptions, type RawDocument, type ReadEvent, unread } from "./format.ts";
import { removeClutter } from "./html-content.ts";
import { htmlText } from "./html-text.ts";
import { findElement, textOf } from "./html-tree.ts";
import { titleFromName } from "./text.ts";

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
  const page = parseDocument(html);
  const root = findElement(page, "html");
  const title = findElement(page, "title");
  removeClutter(page);
  const { text, headings } = htmlText(page);
  const first = headings.find(({ depth }) => depth === 1)?.title;
  return {
    title: (title && textOf(title).replace(/\s+/g, " ").trim()) || first || titleFromName(source),
    text,
    metadata: { source, language: root?.attribs.lang || root?.attribs["xml:lang"] || undefined },
    headings: headings.length > 0 ? headings : undefined,
  };
}
