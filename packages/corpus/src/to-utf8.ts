import { isAscii, isUtf8 } from "node:buffer";
import { badOption } from "@rag-instruct/core";
import { peekBytes } from "@rag-instruct/core/node";
import { analyse } from "chardet";

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

/** How far a text is searched for what it says of itself. */
const maxHead = 4096;

const statements = {
  xml: /^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)/i,
  html: /<meta\b[^>]{0,200}?\bcharset\s*=\s*(?:["']\s*)?([\w.:-]+)/i,
  editor: /^(?:.*\n)?.*?-\*-.*?\bcoding\s*[:=]\s*([\w.-]+)/,
  latex: /^[^%\r\n\u2028\u2029]*\\usepackage\s*\[([\w-]+)\]\s*\{inputenc\}/m,
};

// Names that LaTeX and editors have for encodings, where the platform has another.
const otherNames: Readonly<Record<string, string>> = {
  ansinew: "windows-1252",
  applemac: "macintosh",
  latin9: "iso-8859-15",
  cp1250: "windows-1250",
  cp1251: "windows-1251",
  cp1252: "windows-1252",
  cp866: "ibm866",
  koi8u: "koi8-u",
  "utf-8-unix": "utf-8",
  utf8x: "utf-8",
};

/**
 * The encoding that a text states at its beginning, as the platform names it: in the XML declaration, in `<meta charset>` where it is
 * HTML, for an editor (`-*- coding: … -*-`) or for LaTeX. Undefined where it states none that the platform knows, and where it states
 * UTF-16 in bytes that cannot be that.
 */
function declaredEncoding(head: Uint8Array, { isHtml = false } = {}): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, maxHead)).toString("latin1");
  const patterns = isHtml ? [statements.xml, statements.html] : [statements.xml, statements.editor, statements.latex];
  for (const pattern of patterns) {
    const named = pattern.exec(text)?.[1];
    const known = named === undefined ? undefined : knownEncoding(named);
    if (known !== undefined && !known.startsWith("utf-16")) return known;
  }
  return undefined;
}

/** The platform's name of an encoding, by any of its labels (https://encoding.spec.whatwg.org); undefined where it has none. */
function knownEncoding(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(otherNames[label.toLowerCase()] ?? label);
    return encoding;
  } catch {
    return undefined;
  }
}

/** The same of an encoding that was asked for. Throws `bad-option` where there is no such one. */
function namedEncoding(label: string): string {
  const known = knownEncoding(label);
  if (known !== undefined) return known;
  throw badOption(
    `encoding is ${label}, which is none that is known; name one as web pages do, such as utf-8, gbk, shift_jis, euc-kr, big5, koi8-r or windows-1252`,
  );
}

// Encodings that the library does not tell; they win where its own guesses give odd text, and no more than that.
const untold = ["windows-1252", "macintosh", "ibm866", "x-mac-cyrillic", "windows-874"];
/** What the library gives a guess that follows from nothing but the shape of the bytes. */
const least = 0.1;
/** How much odd characters weigh against the library's confidence, both of 0 to 1. */
const oddnessWeight = 3;

/**
 * The encoding in which a sample of text most probably is: what the library finds by the statistics of languages, less for every
 * character that stands where no language has it. A guess: short texts of many encodings are the same bytes.
 * @returns the platform's name of it
 */
function guessEncoding(sample: Uint8Array): string {
  let best = { name: "windows-1252", score: Number.NEGATIVE_INFINITY };
  for (const { name, confidence } of candidates(sample)) {
    const text = decoded(sample, name);
    if (text === undefined) continue;
    const prior = name === "windows-1252" || name === "iso-8859-1" ? western(text) : 0;
    const score = confidence + prior + bonus(name, text) - oddnessWeight * oddness(text, name);
    if (score > best.score) best = { name, score };
  }
  return new TextDecoder(best.name).encoding;
}

function candidates(sample: Uint8Array): { name: string; confidence: number }[] {
  const found = analyse(sample).flatMap(({ name, confidence }) =>
    confidence > 0 && name !== "UTF-8" ? [{ name: wider(name), confidence: confidence / 100 }] : [],
  );
  const names = new Set(found.map(({ name }) => name));
  return [...found, ...untold.filter((name) => !names.has(name)).map((name) => ({ name, confidence: least }))];
}

/** Ukrainian letters stand in KOI8-U where KOI8-R has lines of boxes; all other letters are the same. */
function wider(name: string): string {
  return name === "KOI8-R" ? "koi8-u" : name.toLowerCase();
}

function decoded(sample: Uint8Array, name: string): string | undefined {
  try {
    return new TextDecoder(name).decode(sample, { stream: true });
  } catch {
    return undefined;
  }
}

/** What decides between guesses that are alike: kana speak for Japanese, hangul for Korean, and simplified Chinese is met most. */
function bonus(name: string, text: string): number {
  const share = (pattern: RegExp) => (text.match(pattern)?.length ?? 0) / beyondAscii(text);
  if (name === "euc-kr") return share(/\p{Script=Hangul}/gu) > 0.8 ? 0.03 : 0;
  if (name === "euc-jp" || name === "shift_jis") return share(/[\u3040-\u30FF]/g) > 0.1 ? 0.02 : 0;
  return name === "gb18030" ? 0.01 : /^windows-125[78]$/.test(name) ? 0.005 : 0;
}

/** Letters beyond ASCII from which on the statistics of languages say enough. */
const telling = 10;

/**
 * What speaks for western text where few characters are beyond ASCII: it is met by far the most, and a few letters amid those of ASCII,
 * or signs by themselves such as © and £, are the same bytes in many encodings.
 */
function western(text: string): number {
  const found = text.slice(0, maxLooked).match(/[^\0-\x7F]/g)?.length ?? 0;
  if (found === 0 || found >= telling) return 0;
  const amid =
    text.match(/(?<=[A-Za-z])[^\0-\x7F]|[^\0-\x7F](?=[A-Za-z])|(?<![^\s\d])[\xA2-\xBE](?![^\s\d.,])/g)?.length ?? 0;
  return 0.6 * (1 - found / telling) * Math.min(1, amid / found);
}

function beyondAscii(text: string): number {
  return Math.max(1, text.match(/[^\0-\x7F]/g)?.length ?? 0);
}

const maxLooked = 8192;
const letter = /\p{L}/u;
const upper = /\p{Lu}/u;
const lower = /\p{Ll}/u;
const symbol = /[\p{S}\p{No}]/u;
const joining = /['’·]/;
const usualSymbol = /[€£$¥©®°§±½]/;
const scripts = ["Latin", "Cyrillic", "Greek", "Hebrew", "Arabic", "Thai"].map((name) => ({
  name,
  pattern: new RegExp(`\\p{Script=${name}}`, "u"),
}));
const eastAsian = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** The share of characters beyond ASCII that stand where they hardly ever do in any language; over 1 where bytes are no text at all. */
function oddness(text: string, name: string): number {
  const characters = Array.from(text.slice(0, maxLooked));
  let odd = 0;
  let count = 0;
  characters.forEach((character, index) => {
    if (character < "\x80") return;
    count += 1;
    odd += oddnessOf(character, characters[index - 1] ?? " ", characters[index + 1] ?? " ");
  });
  // Bytes of Thai are hangul and rare Chinese characters in turn, which no Korean text is.
  const hangul = text.match(/\p{Script=Hangul}/gu)?.length ?? 0;
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  if (name === "euc-kr" && han > hangul * 0.3) odd += count;
  return count === 0 ? 0 : odd / count;
}

function oddnessOf(character: string, before: string, after: string): number {
  // No text, control characters of C1, private use.
  if (/[\uFFFD\x80-\x9F\uE000-\uF8FF]/.test(character)) return 3;
  if (/[\uFF61-\uFF9F]/.test(character)) return 0.5;
  if (letter.test(character)) {
    if (lower.test(before) && upper.test(character)) return 1;
    const own = scriptOf(character);
    if (own === "east" && scriptOf(before) === "Latin" && scriptOf(after) === "Latin") return 1;
    const other = letter.test(before) ? scriptOf(before) : own;
    return own !== other && own !== "east" && other !== "east" ? 1 : 0;
  }
  if (!symbol.test(character) && !/\p{Po}/u.test(character)) return 0;
  const isInWord = letter.test(before) && letter.test(after) && scriptOf(before) !== "east";
  if (isInWord && !joining.test(character)) return 1;
  return symbol.test(character) && !usualSymbol.test(character) ? 0.5 : 0;
}

function scriptOf(character: string): string | undefined {
  if (eastAsian.test(character)) return "east";
  return scripts.find(({ pattern }) => pattern.test(character))?.name;
}
