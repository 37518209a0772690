import { RagInstructError } from "@rag-instruct/core";
import { listInputFiles } from "./input-files.ts";
import type { RawDocument, UnreadRecord } from "./raw-document.ts";
import { type ReadOptions, readFileEvents } from "./read-events.ts";

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
  for (const file of await listInputFiles(from)) {
    for await (const events of readFileEvents(file, options, { invalidBytes: 0, ignored: 0 })) {
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
