import { type FileHandle, open } from "node:fs/promises";
import { RagInstructError } from "../errors.ts";
import { openJsonl } from "../node/jsonl.ts";
import { lockFile } from "../node/lock.ts";
import type { Closable } from "../plug-points.ts";
import { keyDigits, keyPlaces } from "./key-places.ts";
import { scanLines } from "./scan-lines.ts";

/** One reply that was paid for, as the ledger keeps it. */
export interface LedgerEntry {
  /** Hash of everything that the reply depends on. */
  key: string;
  /** Id of the model, where one was named. */
  model?: string;
  usage: Usage;
  /** US dollars, where the price was known. */
  usd?: number;
  /** The reply, as JSON. */
  value: unknown;
}

/** Tokens of a call, as the endpoint counted them; undefined where it did not say. */
export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
}

/**
 * When what was appended is forced to disk. `second` (once a second while there is something new) loses at most that second in a
 * power cut; `reply` waits for the disk at every reply and loses nothing; `close` leaves it to the system until the end. A killed
 * process loses nothing under any of them.
 */
export type FsyncPolicy = "reply" | "second" | "close";

/** The append-only record of every reply that was paid for. */
export interface Ledger extends Closable {
  /** Number of replies held. */
  readonly size: number;
  has(key: string): boolean;
  get(key: string): Promise<LedgerEntry | undefined>;
  /** Resolves when the line has been handed to the system, and under `fsync: "reply"` when it is on disk. */
  add(entry: LedgerEntry): Promise<void>;
  /** Forces what was added to disk. */
  sync(): Promise<void>;
  /** All entries without their values, read from the file. */
  heads(visit: (head: Omit<LedgerEntry, "value">) => void): Promise<void>;
}

// `value` comes last, so that what stands before it can be read without it.
const linePrefix = '{"key":"';
const beforeValue = ',"value":';
const firstRead = 8192;

/**
 * Opens or makes the ledger at `path` and locks it against a second process. A torn last line is cut off. Memory holds
 * keys and places alone (24 bytes each, in a table at most half full); replies are read back from the file. Throws `folder-locked` and `file-corrupt` (with the line).
 * @param options.fsync @default "second"
 */
export async function openLedger(path: string, { fsync = "second" }: { fsync?: FsyncPolicy } = {}): Promise<Ledger> {
  const lock = await lockFile(path);
  const held: (() => Promise<void>)[] = [lock.close];
  async function release(): Promise<void> {
    const close = held.pop();
    if (!close) return;
    // Whatever fails, the lock goes.
    await close().finally(release);
  }
  try {
    const file = await openJsonl(path, { durable: fsync === "reply" });
    held.push(file.close);
    const reader = await open(path, "r");
    held.push(() => reader.close());
    const places = keyPlaces();
    let end = await scanLines(reader, (head, { line, start }) => places.set(keyOf(head, path, line), start));
    const syncSoon = fsync === "second" ? syncEverySecond(file.sync, held) : undefined;
    return {
      get size() {
        return places.size;
      },
      has: (key) => places.get(key) !== undefined,
      async get(key) {
        const place = places.get(key);
        return place === undefined ? undefined : readEntry(reader, place);
      },
      async add({ key, model, usage, usd, value }) {
        const line = JSON.stringify({ key, model, usage, usd, value });
        const start = end;
        end += Buffer.byteLength(line) + 1;
        await file.appendLine(line);
        places.set(key, start);
        syncSoon?.();
      },
      sync: file.sync,
      async heads(visit) {
        await scanLines(reader, (head) => visit(parseHead(head)));
      },
      close: release,
      [Symbol.asyncDispose]: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

function syncEverySecond(sync: () => Promise<void>, held: (() => Promise<void>)[]): () => void {
  let timer: NodeJS.Timeout | undefined;
  // What cannot be synced shows at the next append or at the end.
  const run = () => {
    timer = undefined;
    sync().catch(() => {});
  };
  held.push(async () => clearTimeout(timer));
  return () => {
    timer ??= setTimeout(run, 1000).unref();
  };
}

function keyOf(head: string, path: string, line: number): string {
  const key = head.slice(linePrefix.length, linePrefix.length + keyDigits);
  if (head.startsWith(linePrefix) && /^[0-9a-f]{32}$/.test(key) && head[linePrefix.length + keyDigits] === '"') {
    return key;
  }
  throw new RagInstructError("file-corrupt", `${path}:${line} is not a ledger line; take that line out and run again`);
}

function parseHead(head: string): Omit<LedgerEntry, "value"> {
  const end = head.indexOf(beforeValue);
  const text = Buffer.from(end < 0 ? head : `${head.slice(0, end)}}`, "latin1").toString("utf8");
  return JSON.parse(text) as Omit<LedgerEntry, "value">;
}

async function readEntry(reader: FileHandle, start: number): Promise<LedgerEntry> {
  for (let size = firstRead; ; size *= 4) {
    const chunk = Buffer.allocUnsafe(size);
    const { bytesRead } = await reader.read(chunk, 0, size, start);
    const newline = chunk.subarray(0, bytesRead).indexOf(10);
    if (newline < 0 && bytesRead === size) continue;
    return JSON.parse(chunk.toString("utf8", 0, newline < 0 ? bytesRead : newline)) as LedgerEntry;
  }
}
