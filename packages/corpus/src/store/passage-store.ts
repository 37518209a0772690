import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  badOption,
  type Closable,
  type Passage,
  type PassageStore,
  RagInstructError,
  type Source,
} from "@rag-instruct/core";
import { closeDatabase, guarded, openDatabase } from "./database.ts";
import { type CorpusLanguages, languagesNote } from "./ingest-state.ts";
import { type Dedupe, PassageWriter } from "./passage-writer.ts";

/** A corpus in one SQLite file. */
export interface OpenPassageStore extends PassageStore, Closable {
  /** The languages of the passages, as `ingest` told them; undefined for a store that was filled in another way. */
  languages(): CorpusLanguages | undefined;
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

const rowsInTransaction = 2_000;

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
    languages: () => reader.languages(),
    get: async (ids) => reader.get(ids),
    all: () => reader.all(),
    async add(passages, { dedupe = "text", signal } = {}) {
      if (!writer) throw badOption(`${path} was opened read-only`);
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
    if (waiting.push(passage) >= rowsInTransaction) flush();
  }
  flush();
  return report;
}

type Row = [id: string, title: string, text: string, metadata: string | null];

const columns = "passages.id, title, text, metadata";
const idsAtOnce = 1000;
const rowsInPage = 1000;
const maxNamed = 10;

/** Reads the passages of an open database. */
export class PassageReader {
  #database: DatabaseSync;
  #path: string;
  #byIds: StatementSync;
  #byRow: StatementSync;
  /** Published corpora number their passages from 1 in their order: the row is then found without the index of ids. */
  #numberedInOrder = true;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#byIds = this.#prepareLookUp("ON passages.id = wanted.value");
    this.#byRow = this.#prepareLookUp("ON passages.row = wanted.value WHERE passages.id = wanted.value");
  }

  /** Rows are never taken away, so the last one's number is their count. */
  get size(): number {
    return guarded(this.#path, () =>
      Number(this.#database.prepare("SELECT max(row) AS size FROM passages").get()!.size),
    );
  }

  get(ids: readonly string[]): Passage[] {
    const passages: Passage[] = [];
    const missing: string[] = [];
    for (let from = 0; from < ids.length; from += idsAtOnce) {
      const some = ids.slice(from, from + idsAtOnce);
      const found = guarded(this.#path, () => this.#lookUp(some));
      for (const [index, id] of some.entries()) {
        const row = found[index];
        if (row) passages.push(passageOf(row));
        else missing.push(id);
      }
    }
    if (missing.length > 0) throw passagesMissing(this.#path, missing);
    return passages;
  }

  /** One statement for many ids is three times as fast as one for each. SQLite's JSON ends a text at NUL, so such ids go alone. */
  #lookUp(ids: readonly string[]): (Row | undefined)[] {
    const list = JSON.stringify(ids);
    if (list.includes("\\u0000")) return ids.map((id) => this.#byId(id));
    const found: (Row | undefined)[] = Array.from(ids, () => undefined);
    let missing = ids.length;
    if (this.#numberedInOrder) {
      missing -= place(this.#byRow.all(list), found);
      this.#numberedInOrder = missing * 2 <= ids.length;
    }
    if (missing > 0) place(this.#byIds.all(list), found);
    return found;
  }

  #prepareLookUp(condition: string): StatementSync {
    const from = `json_each(?) AS wanted CROSS JOIN passages ${condition}`;
    return returningArrays(this.#database.prepare(`SELECT ${columns}, wanted.key FROM ${from}`));
  }

  #byId(id: string): Row | undefined {
    const statement = returningArrays(this.#database.prepare(`SELECT ${columns} FROM passages WHERE passages.id = ?`));
    return statement.get(id) as Row | undefined;
  }

  languages(): CorpusLanguages | undefined {
    const note = guarded(this.#path, () =>
      this.#database.prepare("SELECT value FROM notes WHERE key = ?").get(languagesNote),
    );
    return note && (JSON.parse(String(note.value)) as CorpusLanguages);
  }

  /** The texts of `count` passages, evenly spread; of all where there are no more. */
  sample(count: number): string[] {
    const { size } = this;
    const step = Math.max(1, size / count);
    const text = this.#database.prepare("SELECT text FROM passages WHERE row = ?");
    const rows = Array.from({ length: Math.min(count, size) }, (_, i) => 1 + Math.floor(i * step));
    return guarded(this.#path, () => rows.map((row) => String(text.get(row)!.text)));
  }

  /** Reads what was there when the reading began, page by page, so that no transaction stays open between them. */
  async *all(): AsyncGenerator<Passage> {
    const end = this.size;
    const page = returningArrays(
      this.#database.prepare(`SELECT ${columns} FROM passages WHERE row > ? AND row <= ? ORDER BY row`),
    );
    for (let row = 0; row < end; row += rowsInPage) {
      const rows = guarded(this.#path, () => page.all(row, Math.min(end, row + rowsInPage)) as unknown as Row[]);
      for (const found of rows) yield passageOf(found);
    }
  }
}

/** Puts rows where they were asked for; @returns how many there are. */
function place(rows: readonly unknown[], found: (Row | undefined)[]): number {
  for (const row of rows as [...Row, number][]) found[row[4]] = row as unknown as Row;
  return rows.length;
}

function returningArrays(statement: StatementSync): StatementSync {
  // In Node since 22.16, in its type declarations later.
  (statement as StatementSync & { setReturnArrays(on: boolean): void }).setReturnArrays(true);
  return statement;
}

function passageOf([id, title, text, metadata]: Row): Passage {
  const passage: Passage = { id, title, text };
  if (metadata !== null) passage.metadata = JSON.parse(metadata) as Record<string, unknown>;
  return passage;
}

function passagesMissing(path: string, missing: readonly string[]): RagInstructError {
  const named = missing.slice(0, maxNamed).join(", ");
  const more = missing.length > maxNamed ? ` and ${missing.length - maxNamed} more` : "";
  return new RagInstructError("passage-missing", `${path} has no passage ${named}${more}`);
}
