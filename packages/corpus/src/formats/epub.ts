import { posix } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { readAllBytes } from "@rag-instruct/core/node";
import type { Element } from "domhandler";
import { parseDocument } from "htmlparser2";
import { toUtf8 } from "../to-utf8.ts";
import { type FormatInput, type FormatOptions, type Heading, type ReadEvent, unread } from "./format.ts";
import { htmlText, parsePage } from "./html.ts";
import { findElement, isElement, textOf } from "./html-tree.ts";
import { fileDocument, titleFromName } from "./text.ts";
import { unzip } from "./zip.ts";

/** Most bytes of a book, packed and unpacked. */
const maxBytes = 1 << 27;
const maxUnpackedBytes = 1 << 28;

/** EPUB: a book is one document, its chapters in the order of its spine, whatever their files are called. Pictures are not read. */
export async function* readEpub(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { source } = input;
  const buffer = await readAllBytes(input, { maxBytes });
  options.signal?.throwIfAborted();
  try {
    const files = await unzip(buffer, { name: input.name, maxUnpackedBytes, wanted: /\.(xml|opf|x?html?)$/i });
    const [path, book] = packageOf(files);
    const chapters = await Promise.all(spineOf(book, path).map((name) => chapterText(files.get(name), options)));
    const headings: Heading[] = [];
    let text = "";
    for (const chapter of chapters) {
      for (const heading of chapter.headings) headings.push({ ...heading, at: heading.at + text.length });
      if (chapter.text.trim() !== "") text += `${chapter.text}\n\n`;
    }
    const { title = titleFromName(source), language, creator: author } = metadataOf(book);
    const metadata = { source, language, author };
    yield [{ document: fileDocument(source, { title, text: text.trimEnd(), headings, metadata }), line: 1 }];
  } catch (error) {
    if (RagInstructError.is(error, "limit-exceeded")) throw error;
    yield [unread("malformed", input.name, 1, `not an EPUB that can be read: ${(error as Error).message}`)];
  }
}

/** The package document, by the container that names it (EPUB 3.3, section 4.2.6.3.1). */
function packageOf(files: ReadonlyMap<string, Buffer>): [path: string, book: Element] {
  const container = files.get("META-INF/container.xml");
  const named = container && findElement(xml(container), "rootfile")?.attribs["full-path"];
  const path = named ?? [...files.keys()].find((name) => name.endsWith(".opf"));
  const found = path === undefined ? undefined : files.get(path);
  const book = found && findElement(xml(found), "package");
  if (path === undefined || !book) throw new Error("it names no package document");
  return [path, book];
}

function spineOf(book: Element, path: string): string[] {
  const children = (name: string) => (findElement(book, name)?.children ?? []).filter(isElement);
  const files = new Map(children("manifest").map(({ attribs }) => [attribs.id, attribs.href ?? ""]));
  return children("spine").flatMap(({ attribs }) => {
    const href = files.get(attribs.idref);
    return href === undefined ? [] : [posix.join(posix.dirname(path), decodeURI(href))];
  });
}

async function chapterText(
  bytes: Buffer | undefined,
  options: FormatOptions,
): Promise<{ text: string; headings: Heading[] }> {
  if (!bytes) return { text: "", headings: [] };
  async function* whole() {
    yield bytes!;
  }
  const utf8 = toUtf8(whole(), { onGuess: () => {}, onInvalidBytes: options.onInvalidBytes });
  const text = Buffer.concat(await Array.fromAsync(utf8)).toString("utf8");
  const body = findElement(parsePage(text, { isXml: true }), "body");
  return body ? htmlText(body) : { text: "", headings: [] };
}

function metadataOf(book: Element): { title?: string; language?: string; creator?: string } {
  const stated = (name: string) => {
    const element = findElement(book, `dc:${name}`);
    return (element && textOf(element).trim()) || undefined;
  };
  return { title: stated("title"), language: stated("language"), creator: stated("creator") };
}

/** Names of the package document may stand with their prefix. */
function xml(bytes: Buffer) {
  return parseDocument(bytes.toString("utf8").replace(/(<\/?)opf:/g, "$1"), { xmlMode: true });
}
