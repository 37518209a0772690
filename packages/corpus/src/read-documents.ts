import type { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { type LeftOut, RagInstructError } from "@rag-instruct/core";
import {
  extensionOf,
  importPeer,
  isTar,
  type NamedBytes,
  openBytes,
  peekBytes,
  tarEntries,
  unpackGuarded,
} from "@rag-instruct/core/node";
import {
  type DocumentFormat,
  type FieldNames,
  type FormatInput,
  type FormatOptions,
  type FormatReader,
  type Ocr,
  type RawDocument,
  type ReadEvent,
  type UnreadRecord,
  unread,
} from "./formats/format.ts";
import { detectFormat, formatReaders, zipDocument } from "./formats/formats.ts";
import { type InputFile, type ListOptions, listInputFiles } from "./input-files.ts";
import { leaveOut, whyPassedOver } from "./left-out.ts";
import { hasData, withoutData } from "./text-cuts.ts";
import { toUtf8 } from "./to-utf8.ts";

/** Options of {@link readDocuments}. */
export interface ReadDocumentsOptions extends ReadOptions {
  /** Called for each record that gives no document, which is then passed over. Without it the first one throws `bad-record`. */
  onUnread?: (record: UnreadRecord) => void;
}

/**
 * Reads the documents of files, folders, globs, or `-` for standard input, in the order of the names, in constant memory.
 * Throws `file-missing`, `unknown-format` for a file named itself, `file-corrupt`, and `bad-record` as the options say.
 */
export async function* readDocuments(
  from: string | readonly string[],
  { onUnread = throwUnread, ...options }: ReadDocumentsOptions = {},
): AsyncGenerator<RawDocument> {
  for (const file of await listInputFiles(from, options)) {
    for await (const events of readFileEvents(file, options, [])) {
      for (const event of events) {
        if ("document" in event) yield event.document;
        else onUnread(event.unread);
      }
    }
  }
}

function throwUnread({ file, line, detail }: UnreadRecord): never {
  throw new RagInstructError("bad-record", `${file}:${line}: ${detail}`);
}

/** How files are read. */
export interface ReadOptions extends ListOptions {
  /** The format of every file, also of those in archives. @default "auto": by the first bytes and the name */
  format?: "auto" | DocumentFormat;
  /** Names of the fields of records, where they are not the usual ones. */
  fields?: FieldNames;
  /** Encoding of text that is not UTF-8 or UTF-16, such as `gbk`. @default what a file states of itself, else a guess, which is named */
  encoding?: string;
  /**
   * Keeps what a PDF repeats on its pages beside their text: running headers and footers, numbers of pages, watermarks.
   * @default false: left out and counted
   */
  keepPageHeaders?: boolean;
  /** Reads the text of scanned pages of PDF and of pictures. @default none: they are counted */
  ocr?: Ocr;
  signal?: AbortSignal;
}

const headBytes = 1 << 16;

/**
 * Reads one file, or the files of an archive (tar, ZIP), as events in order, several at a time.
 * Throws `unknown-format` where the file was named itself, and what opening and reading throw.
 * @param leftOut gets what is passed over that is no record
 */
export async function* readFileEvents(
  file: InputFile,
  options: ReadOptions,
  leftOut: LeftOut[],
): AsyncGenerator<ReadEvent[]> {
  options.signal?.throwIfAborted();
  const { name, bytes: unpacked } = await openPacked(file.path, options);
  const { head, bytes } = await peekBytes(unpacked, headBytes);
  try {
    const archive = await openArchive(head, file.path, bytes);
    if (archive) yield* archiveEvents(archive, name, options, leftOut);
    else {
      const known = { name: file.source, place: name, head };
      const format = formatToRead(known, options, { leftOut, isNamed: file.named });
      const input = { name, source: file.source, bytes, path: file.path };
      if (format) yield* formatEvents(format, input, options, leftOut);
    }
  } finally {
    await bytes.return(undefined);
  }
}

async function* archiveEvents(
  entries: AsyncIterable<NamedBytes>,
  archive: string,
  options: ReadOptions,
  leftOut: LeftOut[],
): AsyncGenerator<ReadEvent[]> {
  for await (const entry of entries) {
    const name = `${archive}/${entry.name}`;
    if (leadsOut(entry.name)) {
      yield [unread("malformed", name, 1, "its path leads out of the archive")];
      continue;
    }
    const passedOver = entry.name.split("/").map(whyPassedOver).find(Boolean);
    if (passedOver) {
      leaveOut(leftOut, { reason: passedOver, place: name });
      continue;
    }
    const { bytes: unpacked } = await openPacked({ name, bytes: entry.bytes }, options);
    const { head, bytes } = await peekBytes(unpacked, headBytes);
    const format = formatToRead({ name: entry.name, place: name, head }, options, { leftOut, isNamed: false });
    if (format) yield* formatEvents(format, { name, source: entry.name, bytes }, options, leftOut);
    await bytes.return(undefined);
  }
}

/** Formats whose file holds many records. A file of any other is one document, held in memory: where it is too large it counts as one record that is too long. */
const ofRecords: ReadonlySet<string> = new Set("dpr-tsv jsonl json csv tsv parquet trec mediawiki".split(" "));

/** Formats that state how their text is encoded, so that it is not guessed. */
const binary: ReadonlySet<string> = new Set("parquet pdf docx office epub email image".split(" "));

async function* formatEvents(
  format: DocumentFormat,
  input: FormatInput,
  { fields = {}, encoding, keepPageHeaders, ocr, signal }: ReadOptions,
  leftOut: LeftOut[],
): AsyncGenerator<ReadEvent[]> {
  const { name } = input;
  const onInvalidBytes = (count: number) => leaveOut(leftOut, { reason: "invalid-bytes", place: name, count });
  const onGuess = (guess: { encoding: string; count: number }) =>
    leaveOut(leftOut, { reason: "guessed-encoding", place: `${name} (as ${guess.encoding})`, count: guess.count });
  const onLeftOut: FormatOptions["onLeftOut"] = (reason, { count, at } = {}) =>
    leaveOut(leftOut, { reason, place: at === undefined ? name : `${name}:${at}`, count });
  const options: FormatOptions = { fields, onInvalidBytes, onLeftOut, keepPageHeaders, ocr, signal };
  const read = await readerOf(format);
  const decoding = { encoding, isHtml: format === "html", onGuess, onInvalidBytes };
  const text = binary.has(format) ? input : { ...input, bytes: toUtf8(input.bytes, decoding) };
  try {
    for await (const events of read(text, options)) {
      signal?.throwIfAborted();
      yield events.some(hasData) ? events.map((event) => withoutData(event, onLeftOut)) : events;
    }
  } catch (error) {
    if (ofRecords.has(format) || !RagInstructError.is(error, "limit-exceeded")) throw error;
    yield [unread("too-long", input.name, 1, error.message)];
  }
}

function readerOf(format: DocumentFormat): Promise<FormatReader> {
  if (Object.hasOwn(formatReaders, format)) return formatReaders[format]();
  const known = Object.keys(formatReaders).join(", ");
  throw new RagInstructError("unknown-format", `${format} is not a format; known are ${known}`);
}

/**
 * The format that is asked for, or else recognised by the content. Undefined for an empty file and for one of no known format, which are
 * counted. Throws `unknown-format` for the latter where the user named the file itself.
 */
function formatToRead(
  { name, place, head }: { name: string; place: string; head: Uint8Array },
  { format = "auto", ocr }: ReadOptions,
  { leftOut, isNamed }: { leftOut: LeftOut[]; isNamed: boolean },
): DocumentFormat | undefined {
  if (head.length === 0) {
    leaveOut(leftOut, { reason: "empty-file", place });
    return undefined;
  }
  if (format !== "auto") return format;
  try {
    const found = detectFormat(name, head);
    if (found !== "image" || ocr) return found;
    if (isNamed)
      throw new RagInstructError("unknown-format", `${name} is a picture: its text needs a function \`ocr\``);
    leaveOut(leftOut, { reason: "image", place });
  } catch (error) {
    if (isNamed || !RagInstructError.is(error, "unknown-format")) throw error;
    leaveOut(leftOut, { reason: "unknown-format", place });
  }
  return undefined;
}

async function openArchive(
  head: Uint8Array,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<NamedBytes> | undefined> {
  if (isTar(head)) return tarEntries({ name: path, bytes });
  // Word documents, slides and books are ZIP files too, but one document.
  const isArchive = startsAsZip(head) && zipDocument(head, extensionOf(path)) === undefined;
  return isArchive ? (await import("./formats/zip.ts")).zipEntries(path) : undefined;
}

function startsAsZip(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString("latin1") === "PK\x03\x04";
}

/** True when a path inside an archive leads out of it. */
function leadsOut(path: string): boolean {
  return /^([/\\]|[A-Za-z]:)/.test(path) || path.split(/[/\\]/).includes("..");
}

const magicBytes = 6;

/**
 * Opens a file as `openBytes` does, and unpacks bzip2 and XZ too (all streams of a file), by the optional peers unbzip2-stream and
 * xz-decompress. Throws what `openBytes` throws, `file-corrupt`, `limit-exceeded` at a bomb, and `peer-missing`.
 */
async function openPacked(source: string | NamedBytes, { signal }: { signal?: AbortSignal } = {}): Promise<NamedBytes> {
  const { name, bytes: opened } = openBytes(source, { signal });
  const { head, bytes } = await peekBytes(opened, magicBytes);
  const unpack = unpackerOf(head);
  return { name, bytes: unpack ? unpackNaming(bytes, { name, unpack, signal }) : bytes };
}

type Unpack = (bytes: AsyncIterable<Uint8Array>) => Promise<AsyncIterable<Uint8Array>>;

function unpackerOf(head: Uint8Array): Unpack | undefined {
  const magic = Buffer.from(head.subarray(0, magicBytes)).toString("latin1");
  if (/^BZh[1-9]/.test(magic)) return unbzip2;
  return magic === "\xFD7zXZ\0" ? unxz : undefined;
}

const unbzip2: Unpack = async (bytes) => {
  const { default: create } = await importPeer("unbzip2-stream", () => import("unbzip2-stream"));
  // The library unpacks while it is written to.
  const stream = create() as unknown as EventEmitter & { write(chunk: Buffer): void; end(): void };
  let given: Uint8Array[] = [];
  let failure: Error | undefined;
  stream.on("data", (chunk: Uint8Array) => given.push(chunk));
  stream.on("error", (error: Error | string) => {
    failure ??= error instanceof Error ? error : new Error(error);
  });
  function take(): Uint8Array[] {
    if (failure) throw failure;
    const taken = given;
    given = [];
    return taken;
  }
  return (async function* () {
    for await (const chunk of bytes) {
      stream.write(Buffer.from(chunk));
      yield* take();
    }
    stream.end();
    yield* take();
  })();
};

const unxz: Unpack = async (bytes) => {
  const { default: library } = await importPeer("xz-decompress", () => import("xz-decompress"));
  const from = Readable.toWeb(Readable.from(bytes, { objectMode: false }));
  return new library.XzReadableStream(from as never) as unknown as AsyncIterable<Uint8Array>;
};

async function* unpackNaming(
  bytes: AsyncIterable<Uint8Array>,
  { name, unpack, signal }: { name: string; unpack: Unpack; signal?: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    yield* unpackGuarded(bytes, { name, unpack, signal });
  } catch (cause) {
    signal?.throwIfAborted();
    if (RagInstructError.is(cause)) throw cause;
    const why = (cause as Error).message;
    throw new RagInstructError("file-corrupt", `${name}: its packed data is damaged (${why}); fetch or pack it again`, {
      cause,
    });
  }
}
