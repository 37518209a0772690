import { type FileHandle, open } from "node:fs/promises";
import { RagInstructError } from "../errors.ts";
import { openJsonl } from "../node/jsonl.ts";
import { lockFile } from "../node/lock.ts";
import type { Closable } from "../plug-points.ts";

/** One reply that was paid for, or one prompt that is refused, as the ledger keeps it. */
export interface LedgerEntry {
  /** Hash of everything that the reply depends on. */
  key: string;
  /** Id of the model, where one was named. */
  model?: string;
  usage: Usage;
  /** US dollars, where the price was known. */
  usd?: number;
  /** The endpoint refuses the prompt: the value is why, and no reply was paid for. */
  refused?: true;
  /** Runs over the ledger that had ended when it was asked. @default 0 */
  run?: number;
  /** Runs in which it was asked, where that is more than one. */
  asked?: number;
  /** The reply, as JSON. */
  value: unknown;
}

/** Tokens of a call, as the endpoint counted them; undefined where it did not say. */
export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  /** Of the input, what the endpoint had in its cache. */
  cachedInputTokens?: number;
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
      async add({ key, value, ...head }) {
        // The order is that of the file: the key first, the value last.
        const line = JSON.stringify({ key, ...head, value });
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

/** Where the line of each key begins: 24 bytes a key, so that a ledger of millions fits in memory. */
interface KeyPlaces {
  readonly size: number;
  get(key: string): number | undefined;
  /** A key that is there already moves to the new place. */
  set(key: string, place: number): void;
}

/** Hexadecimal digits of a key: the 128 bits of `hashOf`. */
const keyDigits = 32;

const wordsPerKey = 4;
const none = -1;

/** An open-addressed table (Knuth, The Art of Computer Programming 3, 6.4, algorithm L) over typed arrays, at most half full. */
export function keyPlaces(): KeyPlaces {
  let capacity = 1 << 12;
  let words = new Uint32Array(capacity * wordsPerKey);
  let places = new Float64Array(capacity).fill(none);
  let size = 0;
  const wanted = new Uint32Array(wordsPerKey);

  /** The slot that holds the wanted key, or the free one where it belongs. */
  function slotOf(): number {
    for (let slot = wanted[0]! & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      if (places[slot] === none) return slot;
      const at = slot * wordsPerKey;
      if (
        words[at] === wanted[0] &&
        words[at + 1] === wanted[1] &&
        words[at + 2] === wanted[2] &&
        words[at + 3] === wanted[3]
      )
        return slot;
    }
  }
  function put(place: number): void {
    const slot = slotOf();
    if (places[slot] === none) size++;
    words.set(wanted, slot * wordsPerKey);
    places[slot] = place;
  }
  function grow(): void {
    const [oldWords, oldPlaces] = [words, places];
    capacity *= 2;
    words = new Uint32Array(capacity * wordsPerKey);
    places = new Float64Array(capacity).fill(none);
    size = 0;
    for (const [slot, place] of oldPlaces.entries()) {
      if (place === none) continue;
      wanted.set(oldWords.subarray(slot * wordsPerKey, (slot + 1) * wordsPerKey));
      put(place);
    }
  }
  function want(key: string): void {
    for (let i = 0; i < wordsPerKey; i++) wanted[i] = Number.parseInt(key.slice(i * 8, i * 8 + 8), 16);
  }
  return {
    get size() {
      return size;
    },
    get(key) {
      want(key);
      const place = places[slotOf()]!;
      return place === none ? undefined : place;
    },
    set(key, place) {
      if (size * 2 >= capacity) grow();
      want(key);
      put(place);
    },
  };
}

const chunkBytes = 1 << 20;
/** Bytes of a line that are shown: a key, a model id, counts. */
const headBytes = 512;

/**
 * Shows the beginning of every line of a file, and where the line is, as fast as the file can be read. Bytes stand as Latin-1.
 * @returns the size of the file
 */
async function scanLines(
  reader: FileHandle,
  visit: (head: string, at: { line: number; start: number }) => void,
): Promise<number> {
  // No more than the file can fill: many a ledger is small.
  const { size } = await reader.stat();
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, size)));
  let head = "";
  let line = 1;
  let lineStart = 0;
  for (let position = 0; ; ) {
    const { bytesRead } = await reader.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return position;
    const chunk = buffer.subarray(0, bytesRead);
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      visit(head + headOf(chunk, from, at, head), { line, start: lineStart });
      head = "";
      from = at + 1;
      lineStart = position + from;
      line++;
    }
    head += headOf(chunk, from, bytesRead, head);
    position += bytesRead;
  }
}

function headOf(chunk: Buffer, from: number, to: number, have: string): string {
  return chunk.toString("latin1", from, Math.min(to, from + headBytes - have.length));
}

/**
 * A ledger that lives as long as it is held: for tests, trials, and calls whose replies nobody needs in another process. Calls that
 * share one pay for the same request once.
 */
export function memoryLedger(): Ledger {
  // As JSON, so that a reply comes back just as it would from a file.
  const lines: string[] = [];
  const places = new Map<string, number>();
  const read = (line: string) => JSON.parse(line) as LedgerEntry;
  const ledger: Ledger = {
    get size() {
      return places.size;
    },
    has: (key) => places.has(key),
    async get(key) {
      const place = places.get(key);
      return place === undefined ? undefined : read(lines[place]!);
    },
    async add(entry) {
      places.set(entry.key, lines.push(JSON.stringify(entry)) - 1);
    },
    sync: async () => {},
    async heads(visit) {
      for (const line of lines) {
        const { value: _, ...head } = read(line);
        visit(head);
      }
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return ledger;
}
