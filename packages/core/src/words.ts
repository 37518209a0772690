const withoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
let segmenter: Intl.Segmenter | undefined;

/**
 * The lowercase words of a text in any script: runs of letters, marks and digits; scripts that put no spaces between
 * words are cut by Intl.Segmenter. Punctuation is left out; an apostrophe or a decimal point inside a word stays.
 */
export function wordsOf(text: string): string[] {
  const folded = text.normalize("NFKC").toLowerCase();
  const runs = folded.match(/[\p{L}\p{M}\p{N}]+(?:['’.,](?=[\p{L}\p{N}])[\p{L}\p{M}\p{N}]+)*/gu) ?? [];
  return withoutSpaces.test(folded) ? runs.flatMap(segment) : runs;
}

function segment(run: string): string[] {
  if (!withoutSpaces.test(run)) return [run];
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return Array.from(segmenter.segment(run))
    .filter((part) => part.isWordLike)
    .map((part) => part.segment);
}
