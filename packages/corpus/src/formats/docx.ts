import { importPeer, readAllBytes } from "@rag-instruct/core/node";
import { parseDocument } from "htmlparser2";
import type { ReadEvent } from "./format.ts";
import { type FormatInput, type FormatOptions, unread } from "./format.ts";
import { htmlText } from "./html-text.ts";
import { titleFromName } from "./text.ts";
import { checkZip } from "./zip.ts";

/** Most bytes of a document, packed and unpacked. */
const maxBytes = 1 << 26;
const maxUnpackedBytes = 1 << 28;

/** Word documents (DOCX) with their headings, by the optional peer mammoth. Pictures and linked files are left alone. */
export async function* readDocx(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { default: mammoth } = await importPeer("mammoth", () => import("mammoth"));
  const buffer = await readAllBytes(input, { maxBytes });
  options.signal?.throwIfAborted();
  try {
    await checkZip(buffer, { name: input.name, maxUnpackedBytes });
    const convertImage = mammoth.images.imgElement(async () => ({ src: "" }));
    const { value } = await mammoth.convertToHtml({ buffer }, { convertImage, externalFileAccess: false });
    const { text, headings } = htmlText(parseDocument(value));
    const title = headings.find(({ depth }) => depth === 1)?.title ?? titleFromName(input.source);
    const document = {
      title,
      text,
      metadata: { source: input.source },
      headings: headings.length > 0 ? headings : undefined,
    };
    yield [{ document, line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not a Word document that can be read: ${(error as Error).message}`)];
  }
}
