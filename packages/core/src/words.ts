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
