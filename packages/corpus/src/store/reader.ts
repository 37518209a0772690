import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Passage, RagInstructError } from "@rag-instruct/core";
import { guarded } from "./database.ts";

/** A decimal id is stored as an integer when writing it out again gives the same characters. */
const decimal = /^(?:0|[1-9]\d{0,14})$/;

/** An id as SQLite holds it. */
export function storedId(id: string): string | number {
  return decimal.test(id) ? Number(id) : id;
}

type Row = [id: string | number, title: string, text: string, metadata: string | null];

const columns = "passages.id, title, text, metadata";
const idsAtOnce = 1000;
const rowsAtOnce = 1000;
const missingNamed = 10;

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
      const found = guarded(this.#path, () => this.#lookUp(some.map(storedId)));
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
  #lookUp(ids: readonly (string | number)[]): (Row | undefined)[] {
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

  #byId(id: string | number): Row | undefined {
    const statement = returningArrays(this.#database.prepare(`SELECT ${columns} FROM passages WHERE passages.id = ?`));
    return statement.get(id) as Row | undefined;
  }

  /** Reads what was there when the reading began, page by page, so that no transaction stays open between them. */
  async *all(): AsyncGenerator<Passage> {
    const end = this.size;
    const page = returningArrays(
      this.#database.prepare(`SELECT ${columns} FROM passages WHERE row > ? AND row <= ? ORDER BY row`),
    );
    for (let row = 0; row < end; row += rowsAtOnce) {
      const rows = guarded(this.#path, () => page.all(row, Math.min(end, row + rowsAtOnce)) as unknown as Row[]);
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
  const passage: Passage = { id: typeof id === "string" ? id : String(id), title, text };
  if (metadata !== null) passage.metadata = JSON.parse(metadata) as Record<string, unknown>;
  return passage;
}

function passagesMissing(path: string, missing: readonly string[]): RagInstructError {
  const named = missing.slice(0, missingNamed).join(", ");
  const more = missing.length > missingNamed ? ` and ${missing.length - missingNamed} more` : "";
  return new RagInstructError("passage-missing", `${path} has no passage ${named}${more}`);
}
