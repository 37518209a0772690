import { wordRuns, wordsOf } from "@rag-instruct/core";

// Written without spaces, or, as Korean, with particles that stand behind a word without one.
const cutInPairs = String.raw`[\p{Script=Han}\p{Script=Hangul}\p{scx=Hiragana}\p{scx=Katakana}]`;
// Written without spaces in words of many signs, for which there are dictionaries.
const cutByDictionary = String.raw`[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]`;
const unspaced = new RegExp(`${cutInPairs}|${cutByDictionary}`, "u");
// With the signs that become such letters by normalisation, such as ㈱.
const mayBeUnspaced = new RegExp(
  String.raw`[\p{scx=Han}\p{scx=Hangul}\p{scx=Hiragana}\p{scx=Katakana}]|${cutByDictionary}`,
  "u",
);
const pieces = new RegExp(`(${cutInPairs}+)|(${cutByDictionary}+)|(?:(?!${cutInPairs}|${cutByDictionary}).)+`, "gu");
const syllable = /\P{M}\p{M}*/gu;

/**
 * The words of a text as the search index has them. Chinese, Japanese and Korean come as single signs and pairs of neighbours, so that
 * a word is found within a longer one and before a particle, however it would be cut. Thai, Lao, Khmer and Burmese come
 * as the words of a dictionary and as triples of letters with their marks. Everything else comes as `wordsOf` gives it.
 */
export function scriptWords(text: string): string[] {
  const runs = wordRuns(text);
  return mayBeUnspaced.test(text) ? runs.flatMap(cutRun) : runs;
}

function cutRun(run: string): string[] {
  if (!unspaced.test(run)) return [run];
  return Array.from(run.matchAll(pieces)).flatMap(([piece, pairs, words]) => {
    if (pairs !== undefined) return [...grams([...pairs], 1), ...grams([...pairs], 2)];
    return words === undefined ? [piece] : [...wordsOf(words), ...grams(words.match(syllable) ?? [words], 3)];
  });
}

/** The runs of so many neighbours. */
function grams(signs: readonly string[], length: number): string[] {
  return Array.from({ length: Math.max(0, signs.length - length + 1) }, (_, i) => signs.slice(i, i + length).join(""));
}
