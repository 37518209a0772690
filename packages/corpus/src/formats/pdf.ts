import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { importPeer, readAllBytes } from "@rag-instruct/core/node";
import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { type FormatInput, type FormatOptions, type RawDocument, type ReadEvent, unread } from "./format.ts";
import { readImageText } from "./image.ts";
import { drawingOf } from "./pdf-glyphs.ts";
import type { PageText, Segment } from "./pdf-items.ts";
import { joinHyphens, pageHeaders, readingOrder } from "./pdf-layout.ts";
import { pageText } from "./pdf-text.ts";
import { fileDocument, statedTitle, withoutUnseen } from "./text.ts";

const maxBytes = 1 << 27;

type PdfJs = typeof import("pdfjs-dist/legacy/build/pdf.mjs");

/**
 * PDF: the text of its pages, a blank line between them, by the optional peer pdfjs-dist. Its scripts are not run. Running headers and the
 * like are left out unless they are to be kept, words that the end of a line cut are joined, and what is filled in on a form stands at its label.
 * Pages that show something and hold no text are counted, or read by `ocr`.
 */
export async function* readPdf(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const pdfjs = await importPeer("pdfjs-dist", () => import("pdfjs-dist/legacy/build/pdf.mjs"));
  const bytes = await readAllBytes(input, { maxBytes });
  options.signal?.throwIfAborted();
  try {
    yield [{ document: await pdfDocument(pdfjs, new Uint8Array(bytes), { input, options }), line: 1 }];
  } catch (error) {
    if (RagInstructError.is(error) || options.signal?.aborted) throw error;
    const { name, message } = error as Error;
    const why =
      name === "PasswordException"
        ? "it is encrypted, and opens with a password only: save it without one"
        : `not a PDF that can be read: ${message}`;
    yield [unread("malformed", input.name, 1, why)];
  }
}

interface Reading {
  input: FormatInput;
  options: FormatOptions;
}

async function pdfDocument(pdfjs: PdfJs, data: Uint8Array, reading: Reading): Promise<RawDocument> {
  // What it needs beside its code lies in its package: character maps of Chinese, Japanese and Korean, the standard fonts, decoders of pictures.
  const root = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
  const folder = (name: string) => join(root, name) + sep;
  const task = pdfjs.getDocument({
    data,
    cMapUrl: folder("cmaps"),
    standardFontDataUrl: folder("standard_fonts"),
    wasmUrl: folder("wasm"),
    iccUrl: folder("iccs"),
    enableXfa: false,
    useSystemFonts: false,
    disableFontFace: true,
    verbosity: 0,
  });
  try {
    const pdf = await task.promise;
    const { info } = (await pdf.getMetadata().catch(() => ({ info: {} }))) as { info: { Title?: unknown } };
    const { source } = reading.input;
    const { texts, scanned } = await pdfTexts(pdfjs, pdf, reading);
    const attached = (await pdf.getAttachments()) as ReadonlyMap<string, unknown> | null;
    if (attached) reading.options.onLeftOut("attachment", { count: attached.size });
    const text = await joinHyphens(cleaned(texts.join("\n\n")));
    const metadata = { source, pages: pdf.numPages, ocrPages: scanned.length > 0 ? scanned : undefined };
    return fileDocument(source, { title: statedTitle(info.Title), text, metadata });
  } finally {
    await task.destroy();
  }
}

/** The text of each page that has some, and the numbers of those that were read from a picture. */
async function pdfTexts(
  pdfjs: PdfJs,
  pdf: PDFDocumentProxy,
  { input, options }: Reading,
): Promise<{ texts: string[]; scanned: number[] }> {
  const pages: PageText[] = [];
  for (let number = 1; number <= pdf.numPages; number++) {
    options.signal?.throwIfAborted();
    const page = await pdf.getPage(number);
    pages.push(await pageText(page, number, () => drawingOf(page, pdfjs.OPS)));
    page.cleanup();
  }
  const left = options.keepPageHeaders ? new Set<Segment>() : pageHeaders(pages);
  const repeated = options.keepPageHeaders ? new Set<string>() : repeatedLines(pages);
  const texts: string[] = [];
  const scanned: number[] = [];
  for (const page of pages) {
    const kept = page.segments.filter((segment) => !left.has(segment));
    const aside = [...page.turned, ...(options.keepPageHeaders ? page.slanted : [])].filter(
      (line) => !repeated.has(line),
    );
    const count =
      linesOf(page.segments).length - linesOf(kept).length + page.turned.length + page.slanted.length - aside.length;
    if (count > 0) options.onLeftOut("page-header", { count, at: `page ${page.number}` });
    let text = [...linesOf(page.isVertical ? kept : readingOrder(kept)), ...aside].join("\n");
    if (await isScanned(pdfjs, pdf, { number: page.number, text })) {
      const stamp = text;
      if (options.ocr) {
        const image = { bytes: await pictureOf(pdf, page.number), mediaType: "image/png" as const };
        text = await readImageText(options.ocr, {
          ...image,
          file: input.name,
          page: page.number,
          signal: options.signal,
        });
        scanned.push(page.number);
      }
      if (text === "" || !options.ocr) options.onLeftOut("scanned-page", { at: `page ${page.number}` });
      if (text === "") text = stamp;
    }
    if (text.trim() !== "") texts.push(text);
  }
  return { texts, scanned };
}

/** Turned lines that stand on several pages, as what is stamped on each. */
function repeatedLines(pages: readonly PageText[]): Set<string> {
  const seen = new Set<string>();
  return new Set(
    pages.flatMap(({ turned }) => [...new Set(turned)].filter((line) => seen.has(line) || !seen.add(line))),
  );
}

/** Segments that follow each other on a line stand side by side again. */
function linesOf(segments: readonly Segment[]): string[] {
  const lines: string[] = [];
  for (const [at, { text, line }] of segments.entries()) {
    if (segments[at - 1]?.line === line) lines[lines.length - 1] += ` ${text}`;
    else lines.push(text);
  }
  return lines;
}

/** A soft hyphen at the end of a line joins what it parts. Forms of letters that fonts have for their places in a word are the letters. */
function cleaned(text: string): string {
  // Signs of radicals are in texts of fonts that draw both by one shape.
  const shaped = /[\u2F00-\u2FD5\uFB00-\uFB06\uFB1D-\uFDFF\uFE70-\uFEFC]+/g;
  return withoutUnseen(
    withAccents(text)
      .replace(/\u00AD\n{1,2}/g, "")
      .replace(shaped, (letters) => letters.normalize("NFKC")),
  );
}

/** What is stamped on scanned pages, such as their number, is shorter. */
const maxStamp = 25;
/** A picture that covers so much of a page is the page. */
const minPictured = 0.7;

/** Whether a page is shown without its text: a picture, or letters drawn as shapes, and no more than a stamp. */
async function isScanned(
  pdfjs: PdfJs,
  pdf: PDFDocumentProxy,
  page: { number: number; text: string },
): Promise<boolean> {
  const letters = page.text.replace(/[^\p{L}\p{N}]+/gu, "").length;
  if (page.text.trim() === "") return showsSomething(pdfjs, pdf, page.number);
  if (letters >= maxStamp) return false;
  return (await drawingOf(await pdf.getPage(page.number), pdfjs.OPS)).pictured >= minPictured;
}

const accents: Readonly<Record<string, string>> = Object.fromEntries(
  [..."¨´`ˆ˜¯˘˙˚ˇ˝¸"].map((accent, at) => [
    accent,
    "\u0308\u0301\u0300\u0302\u0303\u0304\u0306\u0307\u030A\u030C\u030B\u0327"[at]!,
  ]),
);

/**
 * Letters with the accents that stand before them, or behind them as a cedilla does: fonts of TeX have both apart. A text that has letters with accents has its
 * accents there; what some type for an apostrophe stays.
 */
function withAccents(text: string): string {
  const hasBoth = text.match(/[À-ž]/g)?.some((letter) => letter.normalize("NFD") !== letter) ?? false;
  if (hasBoth || !/[¨´`ˆ˜¯˘˙˚ˇ˝¸]/.test(text)) return text;
  const composed = (found: string, letter: string, accent: string) => {
    const base = letter === "ı" ? "i" : letter === "ȷ" ? "j" : letter;
    const whole = (base + accents[accent]!).normalize("NFC");
    return whole.length === 1 ? whole : found;
  };
  return text
    .replace(
      /(?<![/~`])([¨ˆ˜¯˘˙˚ˇ˝]|(?:´|(?<=\p{L})`)(?=[aeiouyıcz]))(\p{L})/giu,
      (found, accent: string, letter: string) => composed(found, letter, accent),
    )
    .replace(/(\p{L})(¸)/gu, composed);
}

/** Whether a page paints anything: a picture, or letters drawn as shapes. */
async function showsSomething({ OPS }: PdfJs, pdf: PDFDocumentProxy, number: number): Promise<boolean> {
  const page = await pdf.getPage(number);
  const { fnArray } = await page.getOperatorList();
  page.cleanup();
  const painting = Object.entries(OPS).filter(([name]) =>
    /^paint|^shadingFill$|^(eo)?fill|^constructPath$/i.test(name),
  );
  const codes = new Set(painting.map(([, code]) => code));
  return fnArray.some((code) => codes.has(code));
}

/** Dots to an inch: what recognition of text is made for. */
const resolution = 200;
const maxSide = 5000;

/** A page as PNG. Throws `peer-missing` without the canvas that pdfjs-dist brings along where there is one for the machine. */
async function pictureOf(pdf: PDFDocumentProxy, number: number): Promise<Uint8Array> {
  const page = await pdf.getPage(number);
  const { width, height } = page.getViewport({ scale: 1 });
  const scale = Math.min(resolution / 72, maxSide / Math.max(width, height));
  const viewport = page.getViewport({ scale });
  const canvas = canvasOf(pdf, Math.ceil(viewport.width), Math.ceil(viewport.height));
  await page.render({ canvas: canvas as never, viewport }).promise;
  page.cleanup();
  return new Uint8Array(canvas.toBuffer("image/png"));
}

function canvasOf(pdf: PDFDocumentProxy, width: number, height: number): { toBuffer(type: "image/png"): Buffer } {
  try {
    const factory = pdf.canvasFactory as { create(width: number, height: number): { canvas: never } };
    return factory.create(width, height).canvas;
  } catch (cause) {
    const message = "a picture of a page needs the package @napi-rs/canvas: npm install @napi-rs/canvas";
    throw new RagInstructError("peer-missing", message, { cause });
  }
}
