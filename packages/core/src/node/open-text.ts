import { isUtf8 } from "node:buffer";
import { type BytesSource, openBytes, readAllBytes } from "./open-bytes.ts";

/** Text to read as it streams by, and what has been met in it so far. */
export interface OpenText {
  name: string;
  /** Chunks of valid UTF-8 without byte order mark; no character is cut. */
  utf8: AsyncIterable<Buffer>;
  report: TextReport;
}

/** Most bytes of a text, a line or a record that are held in memory at once. */
export const maxTextBytes = 1 << 28;

/**
 * Opens text in UTF-8 or UTF-16, plain or packed by gzip or zstd, from a file, standard input (`-`) or open bytes.
 * Throws while it is read, as `openBytes` does.
 */
export function openText(source: BytesSource, { signal }: { signal?: AbortSignal } = {}): OpenText {
  const { name, bytes } = openBytes(source, signal ? { signal } : {});
  const report: TextReport = { encoding: "utf-8", invalidBytes: 0 };
  return { name, utf8: decodeText(bytes, report), report };
}

/** Reads a text whole. Throws `limit-exceeded` beyond `maxBytes`, by default 256 MiB. */
export async function readText(
  source: BytesSource,
  { maxBytes = maxTextBytes, signal }: { maxBytes?: number; signal?: AbortSignal } = {},
): Promise<TextReport & { text: string }> {
  const { name, utf8, report } = openText(source, signal ? { signal } : {});
  const bytes = await readAllBytes({ name, bytes: utf8 }, { maxBytes });
  return { ...report, text: bytes.toString("utf8") };
}

/** What was met while text was decoded. */
export interface TextReport {
  encoding: "utf-8" | "utf-16le" | "utf-16be";
  /** Bytes that are no text in that encoding; they are left out. */
  invalidBytes: number;
}

/**
 * Turns bytes of UTF-8 or UTF-16, with or without byte order mark, to valid UTF-8 without one. UTF-16 is recognised by its mark,
 * or by every second byte of the beginning being zero. Bytes that are no text are left out and counted in `report`, not replaced by U+FFFD.
 */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>, report: TextReport): AsyncGenerator<Buffer> {
  let decoder: Decoder | undefined;
  for await (const chunk of bytes) {
    decoder ??= decoderFor(chunk, report);
    const decoded = decoder.decode(chunk);
    if (decoded.length > 0) yield decoded;
  }
  const last = decoder?.end();
  if (last?.length) yield last;
}

/** The beginning of a text, to tell by what it holds; a character cut off at its end is left out. */
export function decodeHead(head: Uint8Array): string {
  return decoderFor(head, { encoding: "utf-8", invalidBytes: 0 }).decode(head).toString("utf8");
}

interface Decoder {
  decode(chunk: Uint8Array): Buffer;
  end(): Buffer;
}

function decoderFor(head: Uint8Array, report: TextReport): Decoder {
  if (head[0] === 0xff && head[1] === 0xfe) return utf16(report, "utf-16le", 2);
  if (head[0] === 0xfe && head[1] === 0xff) return utf16(report, "utf-16be", 2);
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return utf8(report, 3);
  const guess = guessUtf16(head);
  return guess ? utf16(report, guess, 0) : utf8(report, 0);
}

function guessUtf16(head: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const length = Math.min(head.length, 4096) & ~1;
  if (length < 8) return undefined;
  const zeros = [0, 0];
  for (let i = 0; i < length; i++) if (head[i] === 0) zeros[i & 1]! += 1;
  const most = length * 0.2;
  if (zeros[1]! > most && zeros[0] === 0) return "utf-16le";
  return zeros[0]! > most && zeros[1] === 0 ? "utf-16be" : undefined;
}

function utf8(report: TextReport, skip: number): Decoder {
  let torn = Buffer.alloc(0);
  let start = skip;
  return {
    decode(chunk) {
      const whole = torn.length > 0 ? Buffer.concat([torn, chunk]) : asBuffer(chunk).subarray(start);
      start = 0;
      const end = whole.length - tornTail(whole);
      torn = Buffer.from(whole.subarray(end));
      return validUtf8(whole.subarray(0, end), report);
    },
    end: () => validUtf8(torn, report),
  };
}

/** Number of bytes at the end that begin a character and do not finish it. */
function tornTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needs > back ? back : 0;
  }
  return 0;
}

function validUtf8(bytes: Buffer, report: TextReport): Buffer {
  if (isUtf8(bytes)) return bytes;
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceLength(bytes, at);
    for (let i = 0; i < size; i++) out[length++] = bytes[at + i]!;
    report.invalidBytes += size === 0 ? 1 : 0;
    at += Math.max(1, size);
  }
  return out.subarray(0, length);
}

/** Length of the well-formed sequence at a place, 0 where there is none (Unicode 16, table 3-7). */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < low || second > high) return 0;
  for (let i = 2; i < size; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return size;
}

function utf16(report: TextReport, encoding: "utf-16le" | "utf-16be", skip: number): Decoder {
  report.encoding = encoding;
  let torn = Buffer.alloc(0);
  let start = skip;
  return {
    decode(chunk) {
      const whole = Buffer.concat([torn, asBuffer(chunk).subarray(start)]);
      start = 0;
      const even = whole.length & ~1;
      const units = Buffer.from(whole.subarray(0, even));
      if (encoding === "utf-16be") units.swap16();
      const splitsPair = even > 0 && (units[even - 1]! & 0xfc) === 0xd8;
      const end = splitsPair ? even - 2 : even;
      torn = Buffer.from(whole.subarray(end));
      return validUtf16(units.subarray(0, end), report);
    },
    end() {
      report.invalidBytes += torn.length;
      return Buffer.alloc(0);
    },
  };
}

function validUtf16(units: Buffer, report: TextReport): Buffer {
  const text = units.toString("utf16le");
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const kept = text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "");
  report.invalidBytes += (text.length - kept.length) * 2;
  return Buffer.from(kept, "utf8");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One line of a text, without its end. */
export interface TextLine {
  /** `undefined` where the line is longer than allowed. */
  text: string | undefined;
  /** Counted from 1. */
  line: number;
}

/**
 * Cuts valid UTF-8 into lines, which end in LF or CRLF alone: U+2028 and its like stand inside a line, as JSON allows.
 * @param options.maxBytes a longer line is read over in constant memory and given without its text. @default 256 MiB
 */
export async function* readLines(
  utf8: AsyncIterable<Buffer>,
  { maxBytes = maxTextBytes }: { maxBytes?: number } = {},
): AsyncGenerator<TextLine> {
  let line = 0;
  for await (const text of lineBlocks(utf8, maxBytes)) {
    if (text === undefined) {
      yield { text, line: ++line };
      continue;
    }
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf("\n", start);
      const next = newline < 0 ? text.length : newline;
      const end = next > start && text.charCodeAt(next - 1) === 13 ? next - 1 : next;
      yield { text: text.slice(start, end), line: ++line };
      start = next + 1;
    }
  }
}

/** Texts of whole lines, many at a time; `undefined` stands for one line that is too long. */
async function* lineBlocks(utf8: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string | undefined> {
  let waiting: Buffer[] = [];
  let length = 0;
  function takeLine(end: Buffer): string | undefined {
    const text = length + end.length > maxBytes ? undefined : Buffer.concat([...waiting, end]).toString("utf8");
    waiting = [];
    length = 0;
    return text;
  }
  for await (const chunk of utf8) {
    let start = 0;
    if (length > 0) {
      start = chunk.indexOf(10) + 1;
      if (start > 0) yield takeLine(chunk.subarray(0, start));
    }
    const end = chunk.lastIndexOf(10) + 1;
    if (end > start) yield chunk.toString("utf8", start, end);
    const rest = chunk.subarray(Math.max(start, end));
    length += rest.length;
    if (length > maxBytes) waiting = [];
    else if (rest.length > 0) waiting.push(rest);
  }
  if (length > 0) yield takeLine(Buffer.alloc(0));
}
