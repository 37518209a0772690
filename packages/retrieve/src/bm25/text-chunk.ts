import { mostTexts } from "./run.ts";

/** Texts of consecutive passages, one after another, to be handed to a thread. */
export interface TextChunk {
  /** Position in the corpus of the chunk. */
  number: number;
  /** Row of the first text. */
  firstRow: number;
  /** UTF-8, with a newline behind each text; in memory that threads share. */
  bytes: Uint8Array;
  /** Where each text ends; it begins one behind the end of the one before. */
  ends: Uint32Array;
  /** 1 for a text that is all ASCII. */
  ascii: Uint8Array;
}

/** Gathers texts into chunks. */
export interface ChunkWriter {
  /** Adds a text. @returns whether the chunk is full */
  add(text: string): boolean;
  /** The chunk, none where nothing was added; the next one begins behind it. */
  take(): TextChunk | undefined;
  /** Hands back a chunk that was dealt with; its memory is used again, for fresh memory costs more than to fill it. */
  reuse(chunk: TextChunk): void;
}

const encoder = new TextEncoder();
const newline = 0x0a;
const smallest = 1 << 21;
const largest = 1 << 25;
const chunksPerSize = 64;

/** Chunks are of 4 MiB, larger ones in a larger corpus, so that there are not too many of them to merge. */
export function chunkWriter(): ChunkWriter {
  let number = 0;
  let firstRow = 0;
  let used = 0;
  let ends: number[] = [];
  let ascii: number[] = [];
  let bytes: Uint8Array = new Uint8Array(0);
  const spent: Uint8Array[] = [];

  const size = () => Math.min(smallest * 2 ** Math.floor(number / chunksPerSize), largest);
  function makeRoom(most: number): void {
    const wanted = Math.max(most, size() + (size() >> 3));
    const again = spent.pop();
    const larger = again && again.length >= wanted ? again : new Uint8Array(new SharedArrayBuffer(wanted));
    larger.set(bytes.subarray(0, used));
    bytes = larger;
  }
  return {
    add(text) {
      const most = used + text.length * 3 + 1;
      if (most > bytes.length) makeRoom(most);
      const { written } = encoder.encodeInto(text, bytes.subarray(used));
      used += written;
      ends.push(used);
      ascii.push(written === text.length ? 1 : 0);
      bytes[used++] = newline;
      return used >= size() || ends.length >= mostTexts;
    },
    take() {
      if (ends.length === 0) return undefined;
      const chunk = { number, firstRow, bytes, ends: Uint32Array.from(ends), ascii: Uint8Array.from(ascii) };
      number++;
      firstRow += ends.length;
      used = 0;
      [ends, ascii, bytes] = [[], [], new Uint8Array(0)];
      return chunk;
    },
    reuse(chunk) {
      spent.push(chunk.bytes);
    },
  };
}
