import { Readability } from "@mozilla/readability";
import { readText } from "@rag-instruct/core/node";
import { parseHTML } from "linkedom";
import type { RawDocument, ReadEvent } from "../raw-document.ts";
import { type FormatInput, type FormatOptions, unread } from "./format.ts";
import { type HtmlNode, htmlText } from "./html-text.ts";
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
