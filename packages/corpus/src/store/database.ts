import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RagInstructError } from "@rag-instruct/core";

const schemaVersion = 2;
/** "rags" in ASCII, by which SQLite's own tools tell whose file it is. */
const applicationId = 0x72616773;

/** Ids are text, decimal ones too, so that any other program that opens the file finds `id = '8621'`. */
const schema = `
  CREATE TABLE passages(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL, metadata TEXT, file INTEGER, line INTEGER);
  CREATE TABLE text_hashes(hash INTEGER PRIMARY KEY, row INTEGER NOT NULL);
  CREATE TABLE files(file INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER, modified REAL, records INTEGER NOT NULL, done INTEGER NOT NULL);
  CREATE TABLE notes(key TEXT PRIMARY KEY, value TEXT NOT NULL);
  PRAGMA user_version = ${schemaVersion};
  PRAGMA application_id = ${applicationId};`;

/** Opens the file of a store, and makes it when it is to be written and is not there. */
export function openDatabase(path: string, { readOnly }: { readOnly: boolean }): DatabaseSync {
  if (readOnly && !existsSync(path)) {
    throw new RagInstructError("file-missing", `${path} is not there; ingest a corpus into it first`);
  }
  return guarded(path, () => {
    if (!readOnly) mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { readOnly });
    try {
      tune(database);
      const isNew = !readOnly && isEmpty(database);
      if (!isNew) checkVersion(database, path);
      if (!readOnly) prepareForWriting(database, { isNew });
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()!.tables === 0;
}

function prepareForWriting(database: DatabaseSync, { isNew }: { isNew: boolean }): void {
  // A log of 64 MB before it is copied into the file: each copying waits for the disk.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16384");
  if (isNew) database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`);
}

function tune(database: DatabaseSync): void {
  // 32 MB of pages in this process; the rest is the system's file cache, which all processes share.
  database.exec("PRAGMA busy_timeout = 10000; PRAGMA cache_size = -32768");
}

function checkVersion(database: DatabaseSync, path: string): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get()!;
  const { application_id: application } = database.prepare("PRAGMA application_id").get()!;
  if (application !== applicationId) {
    throw new RagInstructError("bad-input", `${path} is a database, but not a passage store`);
  }
  if (version !== schemaVersion) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} has version ${version} and this package reads ${schemaVersion}; ingest the corpus again`,
    );
  }
}

/** Leaves one file without a log beside it, which opens in a read-only folder too; not while another process reads. */
export function closeDatabase(database: DatabaseSync, { readOnly }: { readOnly: boolean }): void {
  if (!database.isOpen) return;
  try {
    if (!readOnly) database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE");
  } catch {
    // Others are reading: the log stays, and everything is in it.
  }
  database.close();
}

/** Runs a step on the database; SQLite's errors come as ours, naming the file. */
export function guarded<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw asOurs(path, error);
  }
}

function asOurs(path: string, error: unknown): unknown {
  const { code, errcode = 0, message } = error as NodeJS.ErrnoException & { errcode?: number };
  if (code !== "ERR_SQLITE_ERROR") return error;
  const primary = errcode & 0xff;
  const options = { cause: error };
  if (primary === 13) return new RagInstructError("file-unwritable", `cannot write ${path}: the disk is full`, options);
  if (primary === 11 || primary === 26) {
    return new RagInstructError("file-corrupt", `${path} is not a passage store, or is damaged (${message})`, options);
  }
  if (primary === 5 || primary === 6) {
    return new RagInstructError("folder-locked", `${path} is being written by another process; wait for it`, options);
  }
  if (primary === 8 || primary === 10 || primary === 14) {
    return new RagInstructError("file-unwritable", `cannot use ${path}: ${message}`, options);
  }
  return error;
}
