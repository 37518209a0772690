import { openText, readLines } from "@rag-instruct/core/node";
import { decodeHTML } from "entities";
import {
  countingInvalid,
  type FormatInput,
  type FormatOptions,
  type RawDocument,
  type ReadEvent,
  unread,
} from "./format.ts";
import { replaceComments } from "./text.ts";

const eventsAtOnce = 256;
/** Most characters of one document; beyond it the closing tag is taken to be missing. */
const maxDocument = 1 << 28;

/**
 * `<doc>` elements one after another, in upper or lower case: collections of TREC, whose parts are elements, pages of its web
 * collections, which are HTML, and what wikiextractor writes, whose id and title are attributes. It is not XML: there need not be a root
 * element, and tags inside need not be closed.
 */
export async function* readDocElements(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  let events: ReadEvent[] = [];
  let open: { line: number; parts: string[]; length: number } | undefined;
  for await (const { text = "", line } of readLines(countingInvalid(openText(input, options), options))) {
    // A whole collection may stand on one line, behind what opens an XML file.
    for (const piece of text.split(/(?<=<\/doc>)/i)) {
      const start = piece.search(open ? /^\s*<doc(?:\s[^>]*)?>/i : /<doc(?:\s[^>]*)?>/i);
      if (start >= 0) {
        if (open) events.push(unread("malformed", input.name, open.line, "the document is not closed by </doc>"));
        open = { line, parts: [], length: 0 };
      }
      if (!open) continue;
      open.length += piece.length;
      if (open.length > maxDocument) {
        events.push(unread("too-long", input.name, open.line, "the document is too long to be held in memory"));
        open = undefined;
      } else {
        open.parts.push(start > 0 ? piece.slice(start) : piece);
        if (!/<\/doc>/i.test(piece)) continue;
        events.push({ document: await docElement(open.parts.join("\n"), input.source), line: open.line });
        open = undefined;
      }
    }
    if (events.length >= eventsAtOnce) {
      yield events;
      events = [];
    }
  }
  if (open) events.push(unread("malformed", input.name, open.line, "the document is not closed by </doc>"));
  yield events;
}

async function docElement(source: string, file: string): Promise<RawDocument> {
  const id = elements(source, ["docno"])[0]?.trim() || undefined;
  if (id === undefined && /^\s*<doc\s[^>]*\bid\s*=/i.test(source)) return wikiDocument(source);
  if (/<html\b/i.test(source)) {
    const { htmlDocument } = await import("./html.ts");
    return { ...htmlDocument(source.slice(source.search(/<html\b/i)), file), id };
  }
  const title = plainText(elements(source, titleElements).join(" ")).replace(/\s+/g, " ").trim();
  const parts = elements(source, textElements);
  return {
    id,
    title,
    text: plainText(parts.length > 0 ? parts.map((part) => part.trim()).join("\n\n") : withoutHead(source)).trim(),
  };
}

// Names in the collections on TREC's disks 1 to 5 and later ones: AP, WSJ, FT, LA Times, FBIS, San Jose Mercury News, Federal Register.
const titleElements = ["title", "headline", "hl", "head", "ti", "h3"];
const textElements = ["leadpara", "lp", "text"];

/** What stands in the elements of the first of these names that there is for titles, and of all of them for texts, in their order. */
function elements(source: string, names: readonly string[]): string[] {
  const pattern = new RegExp(`<(${names.join("|")})(?:\\s[^>]*)?>([\\s\\S]*?)(?:</\\1>|(?=</doc>)|$)`, "gi");
  return Array.from(source.matchAll(pattern), ([, , inner]) => inner!);
}

/** What wikiextractor writes: the title again as the first line, and characters of markup as entities. */
function wikiDocument(source: string): RawDocument {
  const [open = ""] = /^\s*<doc\b[^>]*>/i.exec(source) ?? [];
  const attribute = (name: string) => {
    const value = new RegExp(`\\b${name}\\s*=\\s*"([^"]*)"`, "i").exec(open)?.[1];
    return value === undefined ? undefined : decodeHTML(value);
  };
  const [id, title = "", url] = [attribute("id"), attribute("title"), attribute("url")];
  const text = decodeHTML(source.slice(open.length).replace(/<\/doc>\s*$/i, "")).trim();
  const body = text === title || text.startsWith(`${title}\n`) ? text.slice(title.length).trim() : text;
  return { id, title, text: body, metadata: url === undefined ? undefined : { url } };
}

/** A paragraph for each `<p>`, no other tags and no comments, and entities as what they stand for. */
function plainText(markup: string): string {
  const paragraphs = replaceComments(markup, () => "").split(/<\/?p\b[^<>]*>/i);
  const blocks = paragraphs.map((paragraph) => paragraph.trim()).join("\n\n");
  const bare = blocks.replace(/<\/?[a-z][a-z0-9]*(?:\s[^<>]*)?>/gi, "");
  return decodeHTML(bare.replace(/\n{3,}/g, "\n\n"));
}

function withoutHead(source: string): string {
  return source.replace(/<(docno|docid|dochdr|title|headline)>[\s\S]*?<\/\1>/gi, "");
}
