import { isAscii, isUtf8 } from "node:buffer";
import { peekBytes } from "@rag-instruct/core/node";
import { declaredEncoding, namedEncoding } from "./declared-encoding.ts";
import { guessEncoding } from "./guess-encoding.ts";

/** What is known of a text beside its bytes, and who is told of it. */
export interface DecodeOptions {
  /** Its encoding, by any label of the WHATWG's standard, unless it is UTF-8 or UTF-16 plainly. @default what the text states, else a guess */
  encoding?: string;
  /** Whether it may state its encoding as HTML does. @default false */
  isHtml?: boolean;
  /** Told of an encoding that is neither stated nor plain, and how many bytes hang on it. */
  onGuess: (guess: { encoding: string; count: number }) => void;
  /** Told of bytes that are no text in the encoding and were left out. */
  onInvalidBytes: (count: number) => void;
}

const headBytes = 4096;
/** Bytes from the first one beyond ASCII that decide what a text is. */
const sampleBytes = 1 << 16;
/** So many characters of well-formed UTF-8 and more are no accident, whatever a text states. */
const minPlain = 5;
/** Text of UTF-8 is damaged where of its characters beyond ASCII at most this part is broken, and else no UTF-8. */
const maxBroken = 0.2;

/**
 * Text of any encoding as UTF-8 (UTF-16 is passed on as it is). What goes before: a byte order mark, well-formed UTF-8 of some length,
 * the encoding asked for, what the text states of itself, a guess by the statistics of languages. In the memory of 64 kB. Throws
 * `bad-option` for an encoding that there is not.
 */
export async function* toUtf8(bytes: AsyncIterable<Uint8Array>, options: DecodeOptions): AsyncGenerator<Uint8Array> {
  const given = options.encoding === undefined ? undefined : namedEncoding(options.encoding);
  const { head, bytes: all } = await peekBytes(bytes, headBytes);
  if (hasMark(head) || isWide(head)) return yield* all;
  const iterator = all[Symbol.asyncIterator]();
  try {
    const sample: Uint8Array[] = [];
    let held = 0;
    // What is plain ASCII stands for itself in every encoding.
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      if (held === 0 && isPlain(next.value)) yield next.value;
      else {
        sample.push(new Uint8Array(next.value));
        held += next.value.length;
      }
      if (held >= sampleBytes) break;
    }
    if (held === 0) return;
    const known = given ?? declaredEncoding(head, options);
    const { encoding, isGuess } = encodingOf(Buffer.concat(sample), { known, isGiven: given !== undefined });
    async function* rest(): AsyncGenerator<Uint8Array> {
      yield* sample;
      yield* { [Symbol.asyncIterator]: () => iterator };
    }
    if (encoding !== "utf-8") yield* decode(rest(), { ...options, encoding, isGuess });
    else {
      if (isGuess) options.onGuess({ encoding, count: Buffer.concat(sample).filter((byte) => byte > 0x7f).length });
      yield* rest();
    }
  } finally {
    await iterator.return?.(undefined);
  }
}

/** Which encoding a sample is in, and whether that is a guess or stands against what was said. */
function encodingOf(
  sample: Buffer,
  { known, isGiven }: { known: string | undefined; isGiven: boolean },
): { encoding: string; isGuess: boolean } {
  if (sample.includes("\x1b$B") || sample.includes("\x1b$@")) return { encoding: "iso-2022-jp", isGuess: false };
  const text = new TextDecoder().decode(sample, { stream: true });
  const whole = text.match(/[^\0-\x7F\uFFFD]/gu)?.length ?? 0;
  const broken = isUtf8(sample) ? 0 : (text.match(/\uFFFD/g)?.length ?? 0);
  const isOther = known !== undefined && known !== "utf-8";
  if (broken === 0 && (!isOther || whole >= minPlain)) return { encoding: "utf-8", isGuess: isOther && whole > 0 };
  if (isOther) return { encoding: known, isGuess: false };
  const isDamaged = broken <= (whole + broken) * maxBroken;
  if (isDamaged || isGiven) return { encoding: "utf-8", isGuess: false };
  return { encoding: guessEncoding(sample), isGuess: true };
}

async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  { encoding, isGuess, onGuess, onInvalidBytes }: DecodeOptions & { encoding: string; isGuess: boolean },
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  let beyond = 0;
  let invalid = 0;
  const asUtf8 = (text: string): Buffer => {
    const kept = text.includes("\uFFFD") ? text.replaceAll("\uFFFD", "") : text;
    invalid += text.length - kept.length;
    return Buffer.from(kept);
  };
  for await (const chunk of bytes) {
    if (isGuess) for (const byte of chunk) beyond += byte >> 7;
    yield asUtf8(decoder.decode(chunk, { stream: true }));
  }
  yield asUtf8(decoder.decode());
  if (isGuess) onGuess({ encoding, count: beyond });
  onInvalidBytes(invalid);
}

function hasMark([first, second, third]: Uint8Array): boolean {
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isUtf16 || (first === 0xef && second === 0xbb && third === 0xbf);
}

/** UTF-16 of western text has a zero in every second byte. */
function isWide(head: Uint8Array): boolean {
  const looked = head.subarray(0, headBytes);
  return looked.filter((byte) => byte === 0).length > looked.length * 0.1;
}

/** ASCII without the escapes by which ISO-2022 goes over to another alphabet. */
function isPlain(chunk: Uint8Array): boolean {
  return isAscii(chunk) && !chunk.includes(0x1b);
}
