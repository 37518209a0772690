import { importPeer, readAllBytes } from "@rag-instruct/core/node";
import type { RawDocument, ReadEvent } from "./format.ts";
import { type FormatInput, type FormatOptions, unread } from "./format.ts";
import { titleFromName } from "./text.ts";

const maxBytes = 1 << 27;

/** PDF: the text of its pages, a blank line between them, by the optional peer unpdf (PDF.js). Its scripts are not run. */
export async function* readPdf(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const unpdf = await importPeer("unpdf", () => import("unpdf"));
  const bytes = await readAllBytes(input, { maxBytes });
  options.signal?.throwIfAborted();
  try {
    yield [{ document: await pdfDocument(unpdf, new Uint8Array(bytes), input.source), line: 1 }];
  } catch (error) {
    yield [unread("malformed", input.name, 1, `not a PDF that can be read: ${(error as Error).message}`)];
  }
}

async function pdfDocument(unpdf: typeof import("unpdf"), bytes: Uint8Array, source: string): Promise<RawDocument> {
  const safe = { isEvalSupported: false, enableXfa: false, useSystemFonts: false, disableFontFace: true, verbosity: 0 };
  const pdf = await unpdf.getDocumentProxy(bytes, safe);
  try {
    const { text: pages } = await unpdf.extractText(pdf, { mergePages: false });
    const { info } = (await pdf.getMetadata().catch(() => ({ info: {} }))) as { info: { Title?: unknown } };
    const title =
      typeof info.Title === "string" && info.Title.trim() !== "" ? info.Title.trim() : titleFromName(source);
    const text = pages.map((page) => page.trim()).join("\n\n");
    return { title, text, metadata: { source, pages: pages.length } };
  } finally {
    await pdf.cleanup();
  }
}
