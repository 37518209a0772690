const withoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
// Letters, marks and digits, as Unicode's word boundaries have them (UAX #29): an apostrophe or a full stop joins letters, and
// a full stop or a comma joins digits.
const word = /[\p{L}\p{M}\p{N}_]+(?:(?:(?<=[\p{L}\p{M}])['’.](?=\p{L})|(?<=\p{N})[.,](?=\p{N}))[\p{L}\p{M}\p{N}_]+)*/gu;
let segmenter: Intl.Segmenter | undefined;

/**
 * The lowercase words of a text in any script: runs of letters, marks and digits; scripts that put no spaces between
 * words are cut by Intl.Segmenter. Punctuation is left out, but for an apostrophe or a full stop inside a word and a point
 * or comma inside a number.
 */
export function wordsOf(text: string): string[] {
  const folded = foldCase(text);
  const runs = folded.match(word) ?? [];
  return withoutSpaces.test(folded) ? runs.flatMap(segment) : runs;
}

/** The same before scripts that put no spaces between words are cut. */
export function wordRuns(text: string): string[] {
  return foldCase(text).match(word) ?? [];
}

function foldCase(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function segment(run: string): string[] {
  if (!withoutSpaces.test(run)) return [run];
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return Array.from(segmenter.segment(run))
    .filter((part) => part.isWordLike)
    .map((part) => part.segment);
}

/** A text's words as hashes, 64 bits each in two halves. */
export interface HashedWords {
  length: number;
  highs: Uint32Array;
  lows: Uint32Array;
}

/** Hashes words: 32-bit FNV-1a over UTF-16 code units, with two bases. */
export function hashWords(words: readonly string[]): HashedWords {
  const highs = new Uint32Array(words.length);
  const lows = new Uint32Array(words.length);
  for (const [i, word] of words.entries()) {
    highs[i] = fnv1a(word);
    lows[i] = fnv1a(word, 0x9747b28c);
  }
  return { length: words.length, highs, lows };
}

/** Calls back with the 64-bit hash of every run of `size` words, in order, until the callback gives true. */
export function eachGram(
  { length, highs, lows }: HashedWords,
  size: number,
  visit: (high: number, low: number, start: number) => boolean | undefined,
): void {
  for (let start = 0; start + size <= length; start++) {
    let high = size;
    let low = size;
    for (let i = start; i < start + size; i++) {
      high = mix(Math.imul(high, 31) ^ highs[i]!);
      low = mix(Math.imul(low, 37) ^ lows[i]!);
    }
    if (visit(high >>> 0, low >>> 0, start)) return;
  }
}

/** Spreads the bits of a 32-bit number (a step of MurmurHash3's finaliser, Appleby). */
export function mix(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}

/** 32-bit FNV-1a over UTF-16 code units. @param base where it begins @default FNV's own */
export function fnv1a(text: string, base = 0x811c9dc5): number {
  let hash = base;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
