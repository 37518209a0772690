import { trimEndOf } from "../text.ts";

/** What `tokenizer.json` says of a BERT normaliser. */
export interface BertOptions {
  clean_text?: boolean;
  handle_chinese_chars?: boolean;
  lowercase?: boolean;
  strip_accents?: boolean | null;
}

/** What BERT does to a text before it is cut: no control characters, one kind of space, space around Chinese characters, no accents, lower case. */
export function bertNormalizer(options: BertOptions): (text: string) => string {
  const { clean_text = true, handle_chinese_chars = true, lowercase: isLower = true, strip_accents } = options;
  return (text) => {
    let result = text;
    if (clean_text) result = result.replace(removed, "").replace(/\p{White_Space}/gu, " ");
    if (handle_chinese_chars) result = result.replace(chinese, " $& ");
    if (strip_accents ?? isLower) result = result.normalize("NFD").replace(/\p{Mn}/gu, "");
    return isLower ? lowercase(result) : result;
  };
}

/** Control characters but for tab and line ends, others that show nothing, and what stands for no character. */
const removed = /[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
/** The blocks of CJK ideographs that BERT's own tokenizer lists. */
const chinese =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/** Lower case letter by letter: no final sigma. */
export function lowercase(text: string): string {
  return text.replaceAll("\u03a3", "\u03c3").toLowerCase();
}

/** Takes white space off the ends of a text. */
export function stripNormalizer({
  strip_left,
  strip_right,
}: {
  strip_left?: boolean;
  strip_right?: boolean;
}): (text: string) => string {
  return (text) => {
    const left = strip_left ? text.replace(/^\p{White_Space}+/u, "") : text;
    return strip_right ? trimEndOf(left, /\p{White_Space}/u) : left;
  };
}

/** Longest character, in bytes of UTF-8, that is looked up as a whole before its parts are. */
const maxWholeBytes = 5;
/** Characters whose replacement is remembered, at most. */
const maxRemembered = 1 << 14;
const printableAscii = /^[\x20-\x7e]*$/;

/**
 * The normaliser of a SentencePiece model: a map from characters to texts, kept as the bytes of a double-array trie
 * (darts-clone) and the texts it points to. What a user sees as one character is looked up first, then the code points of it,
 * as Python's tokenizers does.
 */
export function charsmapNormalizer(base64: string): (text: string) => string {
  const bytes = Buffer.from(base64, "base64");
  const trieBytes = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const texts = bytes.subarray(4 + trieBytes);
  const characters = new Intl.Segmenter("en", { granularity: "grapheme" });
  const remembered = new Map<string, string>();

  const textAt = (start: number) => texts.toString("utf8", start, texts.indexOf(0, start));
  function replaced(part: string): string | undefined {
    const found = units.length > 0 ? shortestPrefix(units, Buffer.from(part)) : undefined;
    return found === undefined ? undefined : textAt(found);
  }
  function normalizeCharacter(character: string): string {
    const known = remembered.get(character);
    if (known !== undefined) return known;
    const whole = Buffer.byteLength(character) <= maxWholeBytes ? replaced(character) : undefined;
    const result = whole ?? Array.from(character, (part) => replaced(part) ?? part).join("");
    if (remembered.size < maxRemembered) remembered.set(character, result);
    return result;
  }
  return (text) => {
    if (printableAscii.test(text)) return Array.from(text, normalizeCharacter).join("");
    let result = "";
    for (const { segment } of characters.segment(text)) result += normalizeCharacter(segment);
    return result;
  };
}

/** The value of the shortest key that `bytes` begins with. The bits of a unit are those of darts-clone's `DoubleArrayUnit`. */
function shortestPrefix(units: Uint32Array, bytes: Uint8Array): number | undefined {
  const offset = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);
  let place = offset(units[0]!);
  for (const byte of bytes) {
    place ^= byte;
    const unit = units[place] ?? 0;
    if (byte === 0 || (unit & 0x8000_00ff) !== byte) return undefined;
    place ^= offset(unit);
    const hasLeaf = (unit & 0x100) !== 0;
    if (hasLeaf) return units[place]! & 0x7fff_ffff;
  }
  return undefined;
}

/** Cuts a text into the pieces that a model's vocabulary is then applied to. */
type Cut = (text: string) => string[];

const space = "\\p{White_Space}";
const mark = "\\p{P}$+<=>^`|~";
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";

const marks = new RegExp(`[${mark}]`, "gu");
const numbers = /\p{N}/gu;

/** BERT's pieces: what stands between white space, and each mark alone. */
export const cutBert = matches(new RegExp(`[^${space}${mark}]+|[${mark}]`, "gu"));
/** Runs of letters and digits of any script, and runs of whatever else is not white space. */
export const cutWords = matches(new RegExp(`[${word}]+|[^${word}${space}]+`, "gu"));
/** What stands between white space. */
export const cutAtSpace = matches(new RegExp(`[^${space}]+`, "gu"));

/** Cuts at marks, which go where `behavior` says. */
export function cutAtMarks(behavior: string | undefined): Cut {
  return (text) => splitBy(text, marks, { behavior });
}

/** Cuts numbers from what is not one: each digit alone, or runs of them. */
export function cutAtNumbers({ individual }: { individual: boolean }): Cut {
  return (text) => splitBy(text, numbers, { behavior: individual ? "Isolated" : "Contiguous" });
}

function matches(pattern: RegExp): Cut {
  return (text) => text.match(pattern) ?? [];
}

interface Piece {
  start: number;
  end: number;
  isMatch: boolean;
}

/**
 * Cuts a text at what a pattern finds, in the ways of Python's tokenizers: what is found is `Removed`, stands `Isolated`,
 * goes to the piece before (`MergedWithPrevious`) or behind it (`MergedWithNext`), or with its like (`Contiguous`).
 * `invert` takes what is found for what is not, and the other way round.
 */
export function splitBy(
  text: string,
  pattern: RegExp,
  { behavior = "Isolated", invert = false }: { behavior?: string; invert?: boolean },
): string[] {
  const pieces = merged(findPieces(text, pattern, invert), behavior);
  return pieces.map(({ start, end }) => text.slice(start, end));
}

function findPieces(text: string, pattern: RegExp, invert: boolean): Piece[] {
  const pieces: Piece[] = [];
  const add = (start: number, end: number, isMatch: boolean) => {
    if (end > start) pieces.push({ start, end, isMatch: isMatch !== invert });
  };
  let last = 0;
  for (const { index, 0: found } of text.matchAll(pattern)) {
    add(last, index, false);
    add(index, index + found.length, true);
    last = index + found.length;
  }
  add(last, text.length, false);
  return pieces;
}

function merged(pieces: Piece[], behavior: string): Piece[] {
  switch (behavior) {
    case "Removed":
      return pieces.filter(({ isMatch }) => !isMatch);
    case "Contiguous":
      return joined(pieces, (piece, before) => piece.isMatch === before.isMatch);
    case "MergedWithPrevious":
      return joined(pieces, (piece, before) => piece.isMatch && !before.isMatch);
    case "MergedWithNext":
      return joined(pieces, (piece, before) => before.isMatch && !piece.isMatch);
    default:
      return pieces;
  }
}

/** Joins each piece to the one before it where they belong together. */
function joined(pieces: Piece[], belongs: (piece: Piece, before: Piece) => boolean): Piece[] {
  const result: Piece[] = [];
  for (const [i, piece] of pieces.entries()) {
    const open = result.at(-1);
    if (open && belongs(piece, pieces[i - 1]!)) open.end = piece.end;
    else result.push({ ...piece });
  }
  return result;
}
