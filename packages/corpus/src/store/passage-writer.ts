import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { type Passage, RagInstructError } from "@rag-instruct/core";
import { guarded } from "./database.ts";

/** By what two passages count as the same. */
export type Dedupe = "id" | "text";

/** Where a passage was read, for messages: number of the file in the store, and line. */
interface PassagePlace {
  file: number;
  line: number;
}

/** What became of the passages of a transaction. */
interface WriteCounts {
  written: number;
  duplicate: number;
  /** The first ten of them. */
  duplicatePlaces: string[];
}

const maxPlaces = 10;

interface Waiting {
  passage: Passage;
  hash: number | undefined;
  place: PassagePlace | undefined;
}

const columns = "id, title, text, metadata, file, line";
/** A statement of many rows costs half as much a row as many statements of one. */
const rowsInStatement = 50;
const uniqueViolated = 2067;

/** Adds passages to an open database, in transactions. */
export class PassageWriter {
  #database: DatabaseSync;
  #path: string;
  #insertMany: StatementSync;
  #insertOne: StatementSync;
  #byId: StatementSync;
  #hashRow: StatementSync;
  #insertHash: StatementSync;
  #dataVersion: StatementSync;
  #seenVersion: unknown;
  #waiting: Waiting[] = [];
  #waitingHashes = new Set<number>();
  #counts: WriteCounts = { written: 0, duplicate: 0, duplicatePlaces: [] };

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    const row = "(?, ?, ?, ?, ?, ?)";
    const rows = Array.from({ length: rowsInStatement }, () => row).join(", ");
    this.#insertMany = database.prepare(`INSERT INTO passages(${columns}) VALUES ${rows}`);
    this.#insertOne = database.prepare(`INSERT INTO passages(${columns}) VALUES ${row} ON CONFLICT(id) DO NOTHING`);
    this.#byId = database.prepare(`SELECT row, ${columns} FROM passages WHERE id = ?`);
    this.#hashRow = database.prepare("SELECT row FROM text_hashes WHERE hash = ?");
    this.#insertHash = database.prepare("INSERT INTO text_hashes(hash, row) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#seenVersion = this.#dataVersion.get()!.data_version;
  }

  /**
   * Runs `step`, which adds passages, and then `save` with their counts, in one transaction that is there whole or not at all.
   * Throws `folder-locked` when another process writes too.
   */
  transaction(step: () => void, save: (counts: WriteCounts) => void = () => {}): WriteCounts {
    return guarded(this.#path, () => {
      this.#waiting = [];
      this.#waitingHashes.clear();
      this.#counts = { written: 0, duplicate: 0, duplicatePlaces: [] };
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        this.#refuseOtherWriters();
        step();
        this.#flush();
        save(this.#counts);
        this.#database.exec("COMMIT");
        return this.#counts;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** Adds a passage unless it is there already; the same id with another text throws `duplicate-id`, now or when the transaction ends. */
  add(passage: Passage, { dedupe, place }: { dedupe: Dedupe; place?: PassagePlace }): void {
    const hash = dedupe === "text" ? textHash(passage.text) : undefined;
    if (hash !== undefined) {
      if (this.#waitingHashes.has(hash)) this.#flush();
      if (this.#hasText(hash, passage.text)) {
        this.#countDuplicate(passage, place);
        return;
      }
      this.#waitingHashes.add(hash);
    }
    this.#waiting.push({ passage, hash, place });
    if (this.#waiting.length === rowsInStatement) this.#flush();
  }

  /** Whether another passage has the same id. */
  hasOther({ id, title, text }: Passage): boolean {
    const isOther = (known: { title?: unknown; text?: unknown } | undefined) =>
      known !== undefined && (known.text !== text || known.title !== title);
    if (this.#waiting.some(({ passage }) => passage.id === id && isOther(passage))) return true;
    return isOther(this.#byId.get(id));
  }

  /** Name of a file by its number. */
  nameOf(file: number): string {
    return String(this.#database.prepare("SELECT name FROM files WHERE file = ?").get(file)!.name);
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingHashes.clear();
    if (waiting.length < rowsInStatement || !this.#insertTogether(waiting)) {
      for (const row of waiting) this.#insertAlone(row);
    }
  }

  /** @returns false, with nothing inserted, where one of the ids is there already */
  #insertTogether(waiting: readonly Waiting[]): boolean {
    try {
      const { lastInsertRowid } = this.#insertMany.run(...waiting.flatMap(rowOf));
      const first = Number(lastInsertRowid) - waiting.length + 1;
      for (const [index, { hash }] of waiting.entries()) {
        if (hash !== undefined) this.#insertHash.run(hash, first + index);
      }
      this.#counts.written += waiting.length;
      return true;
    } catch (error) {
      if ((error as { errcode?: number }).errcode === uniqueViolated) return false;
      throw error;
    }
  }

  #insertAlone(row: Waiting): void {
    const { changes, lastInsertRowid } = this.#insertOne.run(...rowOf(row));
    if (changes === 0) {
      this.#countDuplicate(row.passage, row.place);
      return;
    }
    if (row.hash !== undefined) this.#insertHash.run(row.hash, lastInsertRowid);
    this.#counts.written += 1;
  }

  /** Hashes that agree only suggest it: the texts decide. */
  #hasText(hash: number, text: string): boolean {
    const found = this.#hashRow.get(hash);
    if (!found) return false;
    const known = this.#database.prepare("SELECT text FROM passages WHERE row = ?").get(found.row!)!;
    return normalizeText(String(known.text)) === normalizeText(text);
  }

  #countDuplicate({ id, title, text }: Passage, place: PassagePlace | undefined): void {
    this.#counts.duplicate += 1;
    if (place && this.#counts.duplicatePlaces.length < maxPlaces)
      this.#counts.duplicatePlaces.push(this.#placeName(place));
    const known = this.#byId.get(id);
    if (!known || (known.text === text && known.title === title)) return;
    const there =
      known.file === null
        ? `row ${known.row} of ${this.#path}`
        : this.#placeName({ file: Number(known.file), line: Number(known.line) });
    throw new RagInstructError(
      "duplicate-id",
      `${place ? this.#placeName(place) : "a passage to add"} has the id ${JSON.stringify(id)} of ${there} with another text; give each passage its own id, or let the later one have the name of its file: sameIds: "rename" (--set corpus.sameIds=rename)`,
    );
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

function rowOf({ passage, place }: Waiting): SQLInputValue[] {
  const metadata = passage.metadata ? JSON.stringify(passage.metadata) : null;
  return [passage.id, passage.title, passage.text, metadata, place?.file ?? null, place?.line ?? null];
}

/**
 * A text in the form by which duplicates are recognised: NFKC, lower case, every run of white space one space, none at the ends.
 */
function normalizeText(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
}

/**
 * A hash of the normalised text in 52 bits, two lanes of MurmurHash3's mixing. Equal hashes only suggest equal texts.
 * ASCII text, by far the most, is normalised as it is hashed.
 */
function textHash(text: string): number {
  return hashAscii(text) ?? hashCodes(normalizeText(text));
}

function hashAscii(text: string): number | undefined {
  let [low, high] = [0x9747b28c, 0x5bd1e995];
  let pendingSpace = false;
  let begun = false;
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    if (code > 127) return undefined;
    if (code === 32 || (code >= 9 && code <= 13)) {
      pendingSpace = begun;
      continue;
    }
    if (pendingSpace) {
      low = mix(low, 32);
      high = mix(high, 32 + 0x5bd1);
      pendingSpace = false;
    }
    begun = true;
    if (code >= 65 && code <= 90) code += 32;
    low = mix(low, code);
    high = mix(high, code + 0x5bd1);
  }
  return joined(low, high);
}

function hashCodes(text: string): number {
  let [low, high] = [0x9747b28c, 0x5bd1e995];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = mix(low, code);
    high = mix(high, code + 0x5bd1);
  }
  return joined(low, high);
}

function mix(hash: number, code: number): number {
  const k = Math.imul(code, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function joined(low: number, high: number): number {
  return (finish(high) >>> 12) * 2 ** 32 + (finish(low) >>> 0);
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
