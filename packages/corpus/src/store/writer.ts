import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Passage, RagInstructError } from "@rag-instruct/core";
import { guarded } from "./database.ts";
import { storedId } from "./reader.ts";
import { normalizeText, textHash } from "./text-hash.ts";

/** By what two passages count as the same. */
export type Dedupe = "id" | "text";

/** Where a passage was read, for messages: number of the file in the store, and line. */
export interface PassagePlace {
  file: number;
  line: number;
}

interface Known {
  row: number;
  title: string;
  text: string;
  place: string;
}

/** Adds passages to an open database, in transactions that the caller begins and commits. */
export class PassageWriter {
  #database: DatabaseSync;
  #path: string;
  #insert: StatementSync;
  #hashRow: StatementSync;
  #insertHash: StatementSync;
  #dataVersion: StatementSync;
  #seenVersion: unknown;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#insert = database.prepare(
      "INSERT INTO passages(id, title, text, metadata, file, line) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING",
    );
    this.#hashRow = database.prepare("SELECT row FROM text_hashes WHERE hash = ?");
    this.#insertHash = database.prepare("INSERT INTO text_hashes(hash, row) VALUES (?, ?)");
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#seenVersion = this.#dataVersion.get()!.data_version;
  }

  /** Runs `step` in one transaction, which is there whole or not at all. Throws when another process writes too. */
  transaction<T>(step: () => T): T {
    return guarded(this.#path, () => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        this.#refuseOtherWriters();
        const result = step();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** @returns whether it was written; a passage that is there already is not, and the same id with another text throws `duplicate-id` */
  add(passage: Passage, { dedupe, place }: { dedupe: Dedupe; place?: PassagePlace }): boolean {
    const hash = dedupe === "text" ? textHash(passage.text) : undefined;
    const twin = hash === undefined ? undefined : this.#twinRow(hash, passage.text);
    if (twin?.same) {
      this.#refuseOtherText(passage, place);
      return false;
    }
    const metadata = passage.metadata ? JSON.stringify(passage.metadata) : null;
    const { changes, lastInsertRowid } = this.#insert.run(
      storedId(passage.id),
      passage.title,
      passage.text,
      metadata,
      place?.file ?? null,
      place?.line ?? null,
    );
    if (changes === 0) {
      this.#refuseOtherText(passage, place);
      return false;
    }
    if (hash !== undefined && twin === undefined) this.#insertHash.run(hash, lastInsertRowid);
    return true;
  }

  #twinRow(hash: number, text: string): { same: boolean } | undefined {
    const found = this.#hashRow.get(hash);
    if (!found) return undefined;
    const { text: known } = this.#database.prepare("SELECT text FROM passages WHERE row = ?").get(found.row!)!;
    return { same: normalizeText(known as string) === normalizeText(text) };
  }

  #refuseOtherText({ id, title, text }: Passage, place: PassagePlace | undefined): void {
    const known = this.#known(id);
    if (!known || (known.text === text && known.title === title)) return;
    const here = place ? this.#placeName(place) : "the passage being added";
    throw new RagInstructError(
      "duplicate-id",
      `${here} has the id ${JSON.stringify(id)} of ${known.place} with another text; give each passage its own id`,
    );
  }

  #known(id: string): Known | undefined {
    const row = this.#database
      .prepare("SELECT row, title, text, file, line FROM passages WHERE id = ?")
      .get(storedId(id)) as { row: number; title: string; text: string; file: number | null; line: number } | undefined;
    if (!row) return undefined;
    const place =
      row.file === null ? `row ${row.row} of ${this.#path}` : this.#placeName({ file: row.file, line: row.line });
    return { row: row.row, title: row.title, text: row.text, place };
  }

  /** Name of a file by its number. */
  nameOf(file: number): string {
    return String(this.#database.prepare("SELECT name FROM files WHERE file = ?").get(file)!.name);
  }

  #placeName({ file, line }: PassagePlace): string {
    return `${this.nameOf(file)}:${line}`;
  }

  #refuseOtherWriters(): void {
    const version = this.#dataVersion.get()!.data_version;
    if (version === this.#seenVersion) return;
    throw new RagInstructError("folder-locked", `${this.#path} is being written by another process; wait for it`);
  }
}
