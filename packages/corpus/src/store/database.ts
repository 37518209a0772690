import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type ErrorCode, RagInstructError } from "@rag-instruct/core";

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

// SQLite's primary result codes: https://www.sqlite.org/rescode.html
const sqlite = { busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notDatabase: 26 };

function asOurs(path: string, error: unknown): unknown {
  const { code, errcode = 0, message } = error as NodeJS.ErrnoException & { errcode?: number };
  if (code !== "ERR_SQLITE_ERROR") return error;
  const ours = (code: ErrorCode, text: string) => new RagInstructError(code, text, { cause: error });
  switch (errcode & 0xff) {
    case sqlite.full:
      return ours("file-unwritable", `cannot write ${path}: the disk is full`);
    case sqlite.corrupt:
    case sqlite.notDatabase:
      return ours("file-corrupt", `${path} is not a passage store, or is damaged (${message})`);
    case sqlite.busy:
    case sqlite.locked:
      return ours("folder-locked", `${path} is being written by another process; wait for it`);
    case sqlite.readOnly:
    case sqlite.ioError:
    case sqlite.cannotOpen:
      return ours("file-unwritable", `cannot use ${path}: ${message}`);
    default:
      return error;
  }
}
