import { importPeer, readAllBytes } from "@rag-instruct/core/node";
import { parseDocument } from "htmlparser2";
import { completeParts, listStyle } from "./docx-parts.ts";
import type { ReadEvent } from "./format.ts";
import { type FormatInput, type FormatOptions, unread } from "./format.ts";
import { htmlText } from "./html-text.ts";
import { titleFromName } from "./text.ts";
import { unzip } from "./zip.ts";
import { zipOf } from "./zip-of.ts";

/** Most bytes of a document, packed and unpacked. */
const maxBytes = 1 << 26;
const maxUnpackedBytes = 1 << 28;

/**
 * Word documents (DOCX) with their headings, tables as Markdown, formulas as LaTeX and numbers of lists, by the optional peer mammoth.
 * Pictures and linked files are left alone.
 */
export async function* readDocx(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { default: mammoth } = await importPeer("mammoth", () => import("mammoth"));
  const packed = await readAllBytes(input, { maxBytes });
  options.signal?.throwIfAborted();
  try {
    const parts = await unzip(packed, { name: input.name, maxUnpackedBytes, wanted: /\.(xml|rels)$/i });
    const stated = completeParts(parts);
    const buffer = zipOf(Object.fromEntries(parts));
    const convertImage = mammoth.images.imgElement(async () => ({ src: "" }));
    const styleMap = [`p.${listStyle} => div:fresh`];
    const { value } = await mammoth.convertToHtml({ buffer }, { convertImage, styleMap, externalFileAccess: false });
    const { text, headings } = htmlText(parseDocument(value));
    const document = {
      title: stated.title ?? headings.find(({ depth }) => depth === 1)?.title ?? titleFromName(input.source),
      text,
      metadata: { source: input.source },
      headings: headings.length > 0 ? headings : undefined,
    };
    yield [{ document, line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not a Word document that can be read: ${(error as Error).message}`)];
  }
}
