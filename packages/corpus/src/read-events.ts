import { RagInstructError } from "@rag-instruct/core";
import { openBytes, peekBytes } from "@rag-instruct/core/node";
import { type DocumentFormat, detectFormat } from "./formats/detect.ts";
import type { FieldNames, FormatOptions, FormatReader } from "./formats/format.ts";
import { formatReaders } from "./formats/formats.ts";
import type { InputFile } from "./input-files.ts";
import type { ReadEvent } from "./raw-document.ts";

/** How files are read. */
export interface ReadOptions {
  /** @default "auto" */
  format?: "auto" | DocumentFormat;
  /** Names of the fields of records, where they are not the usual ones. */
  fields?: FieldNames;
  signal?: AbortSignal;
}

const headBytes = 1 << 16;

/** What was read of a file beside its documents. */
export interface FileNotes {
  invalidBytes: number;
  /** True where the file is of no known format and was found in a folder, so that it was passed over. */
  ignored: boolean;
}

/** Reads one file as events in order. Throws `unknown-format` where the file was named itself, and what the readers throw. */
export async function* readFileEvents(
  file: InputFile,
  { format = "auto", fields = {}, signal }: ReadOptions,
  notes: FileNotes,
): AsyncGenerator<ReadEvent[]> {
  signal?.throwIfAborted();
  const opened = openBytes(file.path, signal ? { signal } : {});
  const { head, bytes } = await peekBytes(opened.bytes, headBytes);
  try {
    const kind = format === "auto" ? formatOf(file, head, notes) : format;
    if (kind === undefined || head.length === 0) return;
    const options: FormatOptions = {
      fields,
      onInvalidBytes: (count) => {
        notes.invalidBytes += count;
      },
      ...(signal ? { signal } : {}),
    };
    const input = { name: opened.name, source: file.source, bytes, path: file.path };
    for await (const events of readerOf(kind)(input, options)) {
      signal?.throwIfAborted();
      yield events;
    }
  } finally {
    await bytes.return(undefined);
  }
}

function readerOf(format: DocumentFormat): FormatReader {
  if (Object.hasOwn(formatReaders, format)) return formatReaders[format];
  const known = Object.keys(formatReaders).join(", ");
  throw new RagInstructError("unknown-format", `there is no format ${format}; there are ${known}`);
}

function formatOf(file: InputFile, head: Uint8Array, notes: FileNotes): DocumentFormat | undefined {
  try {
    return detectFormat(file.source, head);
  } catch (error) {
    if (file.named || !RagInstructError.is(error, "unknown-format")) throw error;
    notes.ignored = true;
    return undefined;
  }
}
