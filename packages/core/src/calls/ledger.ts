import { type FileHandle, open } from "node:fs/promises";
import { RagInstructError } from "../errors.ts";
import { openJsonl, readJsonl } from "../node/jsonl.ts";
import { lockFile } from "../node/lock.ts";
import type { Closable } from "../plug-points.ts";

/** One reply that was paid for, as the ledger keeps it. */
export interface LedgerEntry {
  /** Hash of everything that the reply depends on. */
  key: string;
  /** The reply, as JSON. */
  value: unknown;
  usage: Usage;
  /** US dollars, where the price was known. */
  usd?: number;
}

/** Tokens of a call, as the endpoint counted them; undefined where it did not say. */
export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
}

/** The append-only record of every reply that was paid for. */
export interface Ledger extends Closable {
  /** Number of replies held. */
  readonly size: number;
  get(key: string): Promise<LedgerEntry | undefined>;
  /** Resolves when the line has been handed to the system, or is on disk when the ledger is durable. */
  add(entry: LedgerEntry): Promise<void>;
  /** What all replies came to. Reads the whole file. */
  spent(): Promise<{ usd: number; tokens: number }>;
}

const keyLength = 32;
const linePrefix = '{"key":"';

/**
 * Opens or makes the ledger at `path` and locks it against a second process. A torn last line is cut off. Memory holds
 * keys and places alone; replies are read back from the file. Throws `folder-locked` and `file-corrupt` (with the line).
 * @param options.durable wait for fsync at every reply. @default false: a power cut may lose the last moments, a killed process nothing
 */
export async function openLedger(path: string, { durable = false }: { durable?: boolean } = {}): Promise<Ledger> {
  const lock = await lockFile(path);
  const held: (() => Promise<void>)[] = [lock.close];
  const release = async () => {
    for (const close of held.splice(0).reverse()) await close();
  };
  try {
    const file = await openJsonl(path, { durable });
    held.push(file.close);
    const reader = await open(path, "r");
    held.push(() => reader.close());
    const places = await readPlaces(reader, path);
    let end = (await reader.stat()).size;
    return {
      get size() {
        return places.size;
      },
      async get(key) {
        const place = places.get(key);
        return place === undefined ? undefined : readEntry(reader, place);
      },
      async add({ key, value, usage, usd }) {
        const record = { key, value, usage, ...(usd === undefined ? {} : { usd }) };
        const start = end;
        end += Buffer.byteLength(JSON.stringify(record)) + 1;
        await file.append(record);
        places.set(key, start);
      },
      async spent() {
        const sum = { usd: 0, tokens: 0 };
        for await (const { usage, usd = 0 } of readJsonl<LedgerEntry>(path)) {
          sum.usd += usd;
          sum.tokens += (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
        }
        return sum;
      },
      close: release,
      [Symbol.asyncDispose]: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function readPlaces(reader: FileHandle, path: string): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  const chunk = Buffer.allocUnsafe(1 << 20);
  let line = 1;
  let lineStart = 0;
  let head = "";
  for (let position = 0; ; ) {
    const { bytesRead } = await reader.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return places;
    let from = 0;
    for (let at = chunk.indexOf(10, from); at >= 0 && at < bytesRead; at = chunk.indexOf(10, from)) {
      places.set(keyOf(head + headOf(chunk, from, at, head.length), path, line), lineStart);
      head = "";
      from = at + 1;
      lineStart = position + from;
      line++;
    }
    head += headOf(chunk, from, bytesRead, head.length);
    position += bytesRead;
  }
}

function headOf(chunk: Buffer, from: number, to: number, have: number): string {
  return chunk.toString("latin1", from, Math.min(to, from + linePrefix.length + keyLength + 1 - have));
}

function keyOf(head: string, path: string, line: number): string {
  const key = head.slice(linePrefix.length, linePrefix.length + keyLength);
  if (head.startsWith(linePrefix) && /^[0-9a-f]{32}"$/.test(`${key}${head.at(-1)}`)) return key;
  throw new RagInstructError("file-corrupt", `${path}:${line} is not a ledger line; take that line out and run again`);
}

async function readEntry(reader: FileHandle, start: number): Promise<LedgerEntry> {
  let text = Buffer.alloc(0);
  for (let size = 8192; ; size *= 4) {
    const chunk = Buffer.allocUnsafe(size);
    const { bytesRead } = await reader.read(chunk, 0, size, start);
    text = chunk.subarray(0, bytesRead);
    const newline = text.indexOf(10);
    if (newline >= 0) return JSON.parse(text.toString("utf8", 0, newline)) as LedgerEntry;
    if (bytesRead < size) return JSON.parse(text.toString("utf8")) as LedgerEntry;
  }
}
