import { type Closable, type Passage, type PassageStore, RagInstructError, type Source } from "@rag-instruct/core";
import { closeDatabase, openDatabase } from "./store/database.ts";
import { PassageReader } from "./store/reader.ts";
import { type Dedupe, PassageWriter } from "./store/writer.ts";

/** A corpus in one SQLite file. */
export interface OpenPassageStore extends PassageStore, Closable {
  /**
   * Appends passages in their order. One that is there already is not added again: by its id, and with `dedupe: "text"`
   * (the default) by its normalised text. The same id with another text throws `duplicate-id`.
   */
  add(passages: Source<Passage>, options?: { dedupe?: Dedupe; signal?: AbortSignal }): Promise<AddReport>;
}

/** How many passages were added; `read` is the sum of the other two. */
export interface AddReport {
  read: number;
  written: number;
  duplicate: number;
}

const rowsAtOnce = 2_000;

/**
 * Opens the passage store of a file, and makes it where it is not there. Any number of processes may read at the same time,
 * also while one writes: they see a consistent beginning of what it will hold.
 * Throws `file-missing` (when read-only), `file-corrupt`, `unsupported-version` and `file-unwritable`.
 */
export async function openPassageStore(
  path: string,
  { readOnly = false }: { readOnly?: boolean } = {},
): Promise<OpenPassageStore> {
  const database = openDatabase(path, { readOnly });
  const reader = new PassageReader(database, path);
  const writer = readOnly ? undefined : new PassageWriter(database, path);
  const store: OpenPassageStore = {
    get size() {
      return reader.size;
    },
    get: async (ids) => reader.get(ids),
    all: () => reader.all(),
    async add(passages, { dedupe = "text", signal } = {}) {
      if (!writer) throw new RagInstructError("bad-option", `${path} was opened read-only`);
      return addAll(writer, passages, { dedupe, signal });
    },
    close: async () => closeDatabase(database, { readOnly }),
    [Symbol.asyncDispose]: () => store.close(),
  };
  return store;
}

async function addAll(
  writer: PassageWriter,
  passages: Source<Passage>,
  { dedupe, signal }: { dedupe: Dedupe; signal?: AbortSignal },
): Promise<AddReport> {
  const report: AddReport = { read: 0, written: 0, duplicate: 0 };
  let waiting: Passage[] = [];
  function flush(): void {
    const { written, duplicate } = writer.transaction(() => {
      for (const passage of waiting) writer.add(passage, { dedupe });
    });
    report.written += written;
    report.duplicate += duplicate;
    waiting = [];
  }
  for await (const passage of passages) {
    signal?.throwIfAborted();
    report.read += 1;
    if (waiting.push(passage) >= rowsAtOnce) flush();
  }
  flush();
  return report;
}
