import { maxTextBytes } from "./open-text.ts";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/** One element of a JSON array as it is written there. */
export interface JsonElement {
  /** `undefined` where the element is longer than allowed. */
  text: string | undefined;
  /** Counted from 1. */
  number: number;
  /** True where the input ended inside the element or before the array was closed. */
  torn: boolean;
}

/**
 * Cuts the elements out of a JSON array as it streams by, in the memory of one element. Objects one after another are elements too,
 * and anything else is one.
 * The elements are not parsed, so that a damaged one does not end the reading of the rest.
 * @param options.maxBytes a longer element is read over and given without its text. @default 256 MiB
 */
export async function* readJsonArray(
  utf8: AsyncIterable<Buffer>,
  { maxBytes = maxTextBytes }: { maxBytes?: number } = {},
): AsyncGenerator<JsonElement> {
  const scanner = new ElementScanner(maxBytes);
  for await (const chunk of utf8) yield* scanner.scan(chunk);
  yield* scanner.end();
}

class ElementScanner {
  #maxBytes: number;
  #waiting: Buffer[] = [];
  #length = 0;
  #number = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Depth at which elements stand: 1 in an array, 0 for anything else; -1 before the first byte that counts. */
  #base = -1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *scan(chunk: Buffer): Generator<JsonElement> {
    let start = this.#base < 0 ? this.#begin(chunk) : 0;
    for (let at = start; at < chunk.length && this.#base >= 0; at++) {
      const byte = chunk[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
      } else if (byte === quote) {
        this.#inString = true;
      } else if (opening.has(byte)) {
        this.#depth += 1;
      } else if (closing.has(byte)) {
        this.#depth -= 1;
        if (this.#base === 1 && this.#depth === 0) {
          yield* this.#take(chunk.subarray(start, at), false);
          start = at + 1;
        } else if (this.#base === 0 && this.#depth === 0) {
          yield* this.#take(chunk.subarray(start, at + 1), false);
          start = at + 1;
        }
      } else if (byte === comma && this.#base === 1 && this.#depth === 1) {
        yield* this.#take(chunk.subarray(start, at), false);
        start = at + 1;
      }
    }
    this.#keep(chunk.subarray(start));
  }

  *end(): Generator<JsonElement> {
    const torn = this.#depth > 0 || this.#inString;
    yield* this.#take(Buffer.alloc(0), torn);
  }

  #begin(chunk: Buffer): number {
    const first = chunk.findIndex((byte) => byte > 0x20);
    if (first < 0) return chunk.length;
    this.#base = chunk[first] === 0x5b ? 1 : 0;
    this.#depth = this.#base;
    return first + this.#base;
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > this.#maxBytes) this.#waiting = [];
    else if (bytes.length > 0) this.#waiting.push(bytes);
  }

  *#take(end: Buffer, torn: boolean): Generator<JsonElement> {
    this.#keep(end);
    const tooLong = this.#length > this.#maxBytes;
    const text = tooLong ? undefined : Buffer.concat(this.#waiting).toString("utf8").trim();
    this.#waiting = [];
    this.#length = 0;
    if (text !== "" || torn) yield { text, number: ++this.#number, torn };
  }
}
