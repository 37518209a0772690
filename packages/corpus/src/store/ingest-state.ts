import { stat } from "node:fs/promises";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { badOption, guessLanguage, type LeftOut, RagInstructError } from "@rag-instruct/core";
import type { UnreadRecord } from "../formats/format.ts";
import type { InputFile } from "../input-files.ts";
import { leaveOut, type UnreadRecordReason } from "../left-out.ts";
import { guarded } from "./database.ts";

/**
 * What became of everything that was read: `read` = `written` + the sum of `skipped`. The unit is the passage; a record
 * that gave no document counts as one.
 */
export interface IngestReport {
  /** Files gone through, in this run and in those it resumed. */
  files: number;
  /** Files in folders and archives that are of no known format. */
  ignoredFiles: number;
  /** Documents read from them. */
  documents: number;
  read: number;
  written: number;
  skipped: Record<UnreadRecordReason | "duplicate", number>;
  /** Bytes that were no text in their encoding and were left out. */
  invalidBytes: number;
  /** Everything that gave no passage or was not read, one entry a reason with the first ten places. */
  leftOut: LeftOut[];
  /** The languages of the passages; undefined before the last of them is written. */
  languages?: CorpusLanguages;
  /** The first 100 records of each reason that gave no document. */
  unread: UnreadRecord[];
}

const maxUnreadKept = 100;

/** A report on nothing yet. */
function emptyReport(): IngestReport {
  return {
    files: 0,
    ignoredFiles: 0,
    documents: 0,
    read: 0,
    written: 0,
    skipped: { duplicate: 0, empty: 0, malformed: 0, "too-long": 0 },
    invalidBytes: 0,
    leftOut: [],
    unread: [],
  };
}

/** Counts a record that gave no document. */
export function countUnread(report: IngestReport, record: UnreadRecord): void {
  report.read += 1;
  report.skipped[record.reason] += 1;
  leaveOut(report.leftOut, { reason: record.reason, place: `${record.file}:${record.line}` });
  if (report.skipped[record.reason] <= maxUnreadKept) report.unread.push(record);
}

/** How far one file was read; kept in the store, in the transaction that writes its passages. */
export interface FileProgress {
  /** Number of the file in the store. */
  file: number;
  /** Records read so far, also those that gave no document. */
  records: number;
  done: boolean;
}

interface KnownFile {
  file: number;
  size: number | null;
  modified: number | null;
  records: number;
  done: number;
}

/** Key of the note that holds the languages. */
export const languagesNote = "languages";

const standardInput = "standard input";

/** What an ingest knows of its former runs into the same store. */
export class IngestState {
  #database: DatabaseSync;
  #path: string;
  #saveFile: StatementSync;
  #saveNote: StatementSync;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#saveFile = database.prepare("UPDATE files SET records = ?, done = ? WHERE file = ?");
    this.#saveNote = database.prepare(
      "INSERT INTO notes(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
    );
  }

  /** The report so far; nothing where this is the first run. */
  report(): IngestReport {
    const found = this.#note("report");
    return found === undefined ? emptyReport() : { ...emptyReport(), ...(JSON.parse(found) as IngestReport) };
  }

  /** Throws `bad-option` when the store was made with other options; passages cut in two ways do not belong together. */
  agreeOn(options: string): void {
    const known = this.#note("options");
    if (known === undefined) guarded(this.#path, () => this.#saveNote.run("options", options));
    else if (known !== options) {
      throw badOption(
        `${this.#path} was made with the options ${known} and not ${options}; use them, or ingest into another file`,
      );
    }
  }

  /**
   * Where to go on in a file. Throws `bad-input` when it has changed since it was read. Standard input is taken for the one
   * that was interrupted, if there is one, and else for another.
   */
  async begin({ path }: InputFile): Promise<FileProgress> {
    const isInput = path === "-";
    const { size, mtimeMs: modified } = isInput ? { size: null, mtimeMs: null } : await stat(path);
    return guarded(this.#path, () => {
      const known = this.#known(isInput ? standardInput : path);
      if (!known) return this.#insert({ name: isInput ? standardInput : path, size, modified });
      if (isInput && known.done === 1)
        return this.#insert({ name: `${standardInput} ${known.file + 1}`, size, modified });
      if (known.size !== size || known.modified !== modified) {
        throw new RagInstructError(
          "bad-input",
          `${path} has changed since it was ingested into ${this.#path}; remove that file and ingest again`,
        );
      }
      return { file: known.file, records: known.records, done: known.done === 1 };
    });
  }

  /** Saves how far things are; to be called inside the transaction that writes the passages. */
  save({ file, records, done }: FileProgress, report: IngestReport): void {
    this.#saveFile.run(records, done ? 1 : 0, file);
    this.#saveNote.run("report", JSON.stringify(report));
  }

  /** Keeps the languages with the passages. */
  saveLanguages(languages: CorpusLanguages): void {
    guarded(this.#path, () => this.#saveNote.run(languagesNote, JSON.stringify(languages)));
  }

  #known(name: string): KnownFile | undefined {
    const glob = name === standardInput ? `${standardInput}*` : undefined;
    const where = glob ? "name GLOB ? ORDER BY file DESC LIMIT 1" : "name = ?";
    const columns = "file, size, modified, records, done";
    return this.#database.prepare(`SELECT ${columns} FROM files WHERE ${where}`).get(glob ?? name) as
      | KnownFile
      | undefined;
  }

  #insert({ name, size, modified }: { name: string; size: number | null; modified: number | null }): FileProgress {
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO files(name, size, modified, records, done) VALUES (?, ?, ?, 0, 0)")
      .run(name, size, modified);
    return { file: Number(lastInsertRowid), records: 0, done: false };
  }

  #note(key: string): string | undefined {
    return this.#database.prepare("SELECT value FROM notes WHERE key = ?").get(key)?.value as string | undefined;
  }
}

/** The languages of a corpus, as far as a sample of its passages shows. */
export interface CorpusLanguages {
  /** Passages looked at. */
  sampled: number;
  /** Share of them by language (ISO 639-1), the largest first; passages whose language cannot be told are left out. */
  shares: Readonly<Record<string, number>>;
}

/** Tells the languages of texts. */
export function languagesOf(texts: readonly string[]): CorpusLanguages {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const { language } = guessLanguage(text);
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return { sampled: texts.length, shares: Object.fromEntries(sorted.map(([code, n]) => [code, n / texts.length])) };
}

const minStated = 0.1;

/** The languages in words, those of a tenth at least: "German", "German (71%) and English (27%)"; empty where none can be told. */
export function describeLanguages({ shares }: CorpusLanguages): string {
  const names = new Intl.DisplayNames("en", { type: "language" });
  const stated = Object.entries(shares).filter(([, share]) => share >= minStated);
  const [first] = stated;
  if (first === undefined) return "";
  if (stated.length === 1 && first[1] >= 1 - minStated) return names.of(first[0])!;
  return stated.map(([code, share]) => `${names.of(code)} (${Math.round(100 * share)}%)`).join(" and ");
}
