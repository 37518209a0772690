import { RagInstructError } from "@rag-instruct/core";
import { openBytes, peekBytes } from "@rag-instruct/core/node";
import { type ArchiveEntry, leadsOut } from "./formats/archive.ts";
import { type DocumentFormat, detectFormat } from "./formats/detect.ts";
import { type FieldNames, type FormatInput, type FormatOptions, type FormatReader, unread } from "./formats/format.ts";
import { formatReaders } from "./formats/formats.ts";
import type { InputFile } from "./input-files.ts";
import type { ReadEvent } from "./raw-document.ts";

/** How files are read. */
export interface ReadOptions {
  /** The format of every file, also of those in archives. @default "auto": by the first bytes and the name */
  format?: "auto" | DocumentFormat;
  /** Names of the fields of records, where they are not the usual ones. */
  fields?: FieldNames;
  signal?: AbortSignal;
}

/** What was met in a file beside its documents. */
export interface FileNotes {
  invalidBytes: number;
  /** Files of no known format, itself or in the archive that it is, which were passed over. */
  ignored: number;
}

const headBytes = 1 << 16;
/** A tar archive says "ustar" up to here. */
const tarMagicEnd = 262;

/**
 * Reads one file, or the files of an archive (tar, ZIP), as events in order, several at a time.
 * Throws `unknown-format` where the file was named itself, and what opening and reading throw.
 */
export async function* readFileEvents(
  file: InputFile,
  options: ReadOptions,
  notes: FileNotes,
): AsyncGenerator<ReadEvent[]> {
  options.signal?.throwIfAborted();
  const { name, bytes: unpacked } = openBytes(file.path, options);
  const { head, bytes } = await peekBytes(unpacked, headBytes);
  try {
    const archive = await openArchive(head, file.path, bytes);
    if (archive) yield* archiveEvents(archive, name, options, notes);
    else {
      const format = chosenFormat(file.source, head, options, file.named ? undefined : notes);
      const input = { name, source: file.source, bytes, path: file.path };
      if (format && head.length > 0) yield* formatEvents(format, input, options, notes);
    }
  } finally {
    await bytes.return(undefined);
  }
}

async function* archiveEvents(
  entries: AsyncIterable<ArchiveEntry>,
  archive: string,
  options: ReadOptions,
  notes: FileNotes,
): AsyncGenerator<ReadEvent[]> {
  for await (const entry of entries) {
    const name = `${archive}/${entry.path}`;
    if (leadsOut(entry.path)) {
      yield [unread("malformed", name, 1, "its path leads out of the archive")];
      continue;
    }
    const { head, bytes } = await peekBytes(openBytes({ name, bytes: entry.bytes }, options).bytes, headBytes);
    const format = chosenFormat(entry.path, head, options, notes);
    if (format && head.length > 0) yield* formatEvents(format, { name, source: entry.path, bytes }, options, notes);
    else await bytes.return(undefined);
  }
}

/** Formats whose file is one document, held in memory: one that is too large is one record that is too long. */
const wholeFile: ReadonlySet<DocumentFormat> = new Set(["markdown", "html", "pdf", "docx", "text"]);

async function* formatEvents(
  format: DocumentFormat,
  input: FormatInput,
  { fields = {}, signal }: ReadOptions,
  notes: FileNotes,
): AsyncGenerator<ReadEvent[]> {
  const options: FormatOptions = {
    fields,
    onInvalidBytes: (count) => {
      notes.invalidBytes += count;
    },
    signal,
  };
  const read = await readerOf(format);
  try {
    for await (const events of read(input, options)) {
      signal?.throwIfAborted();
      yield events;
    }
  } catch (error) {
    if (!wholeFile.has(format) || !RagInstructError.is(error, "limit-exceeded")) throw error;
    yield [unread("too-long", input.name, 1, error.message)];
  }
}

function readerOf(format: DocumentFormat): Promise<FormatReader> {
  if (Object.hasOwn(formatReaders, format)) return formatReaders[format]();
  const known = Object.keys(formatReaders).join(", ");
  throw new RagInstructError("unknown-format", `there is no format ${format}; there are ${known}`);
}

/** The format asked for or told by the content; with `notes`, a file of no known format is counted there instead of an error. */
function chosenFormat(
  name: string,
  head: Uint8Array,
  { format = "auto" }: ReadOptions,
  notes: FileNotes | undefined,
): DocumentFormat | undefined {
  if (format !== "auto") return format;
  try {
    return detectFormat(name, head);
  } catch (error) {
    if (!notes || !RagInstructError.is(error, "unknown-format")) throw error;
    notes.ignored += 1;
    return undefined;
  }
}

async function openArchive(
  head: Uint8Array,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<ArchiveEntry> | undefined> {
  const start = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1", 0, tarMagicEnd);
  if (start.endsWith("ustar")) return (await import("./formats/tar.ts")).tarEntries(bytes, { name: path });
  // Word documents are ZIP files too, but one document.
  const isZip = start.startsWith("PK\x03\x04") && !/\.docx$/i.test(path);
  return isZip ? (await import("./formats/zip.ts")).zipEntries(path) : undefined;
}
