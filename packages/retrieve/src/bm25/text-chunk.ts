/** Texts of consecutive passages, one after another, to be handed to a thread. */
export interface TextChunk {
  /** Position in the corpus of the chunk. */
  number: number;
  /** Row of the first text. */
  firstRow: number;
  /** UTF-8, with a newline behind each text. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where each text ends; it begins one behind the end of the one before. */
  ends: Uint32Array;
  /** 1 for a text that is all ASCII. */
  ascii: Uint8Array;
}

const encoder = new TextEncoder();
const newline = 0x0a;
const smallest = 1 << 22;
const largest = 1 << 25;
const chunksPerSize = 32;

/** Gathers texts into chunks of 4 MiB, larger ones in a larger corpus, so that there are not too many of them to merge. */
export function chunkWriter() {
  let number = 0;
  let firstRow = 0;
  let used = 0;
  let ends: number[] = [];
  let ascii: number[] = [];
  let bytes = new Uint8Array(0);

  const size = () => Math.min(smallest * 2 ** Math.floor(number / chunksPerSize), largest);
  return {
    /** Adds a text. @returns whether the chunk is full */
    add(text: string): boolean {
      const most = used + text.length * 3 + 1;
      if (most > bytes.length) {
        const larger = new Uint8Array(Math.max(most, size() + (size() >> 3)));
        larger.set(bytes.subarray(0, used));
        bytes = larger;
      }
      const { written } = encoder.encodeInto(text, bytes.subarray(used));
      used += written;
      ends.push(used);
      ascii.push(written === text.length ? 1 : 0);
      bytes[used++] = newline;
      return used >= size();
    },
    /** The chunk, none where nothing was added; the next one begins behind it. */
    take(): TextChunk | undefined {
      if (ends.length === 0) return undefined;
      const chunk = { number, firstRow, bytes, ends: Uint32Array.from(ends), ascii: Uint8Array.from(ascii) };
      number++;
      firstRow += ends.length;
      used = 0;
      [ends, ascii, bytes] = [[], [], new Uint8Array(0)];
      return chunk;
    },
  };
}
