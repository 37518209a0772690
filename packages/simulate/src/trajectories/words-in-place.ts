import { canonicalTokens, tellingTokens } from "@rag-instruct/core";

/** A word that says something, where it stands in its text. */
export interface PlacedWord {
  start: number;
  end: number;
  /** Its canonical tokens, in which equal things are equal, joined. */
  token: string;
}

/** The telling words of a text in any script, in their order. @param language ISO 639-1 of the words that do not count */
export function placedWords(text: string, language: string | undefined): PlacedWord[] {
  const segmenter = new Intl.Segmenter(language, { granularity: "word" });
  const words: PlacedWord[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (!isWordLike) continue;
    const telling = tellingTokens(canonicalTokens(segment), { language });
    if (telling.length > 0) words.push({ start: index, end: index + segment.length, token: telling.join(" ") });
  }
  return words;
}

/** The tokens of a text's telling words. */
export function tokensOf(text: string, language: string | undefined): Set<string> {
  return new Set(placedWords(text, language).map(({ token }) => token));
}

// A name, a number or a term is rarely longer; a longer run is a sentence that two passages share.
const maxWords = 4;
// What ends a sentence or a clause does not stand within a term.
const edge = /[.;:!?,()\n。；：！？，、]/;

/**
 * The longest runs of telling words that one text shares with another and that are not all among known words, as they are written in the
 * first.
 */
export function sharedTerms(
  from: string,
  to: string,
  { known, language }: { known: ReadonlySet<string>; language: string | undefined },
): string[] {
  const [words, others] = [placedWords(from, language), placedWords(to, language)];
  const runs = new Set<string>();
  for (let i = 0; i < others.length; i++)
    for (let n = 1; n <= maxWords && i + n <= others.length; n++) runs.add(runOf(others, i, n));
  const terms = new Set<string>();
  for (let i = 0; i < words.length; ) {
    let length = 0;
    for (let n = 1; n <= maxWords && i + n <= words.length; n++) {
      const isTerm = !edge.test(from.slice(words[i]!.start, words[i + n - 1]!.end).replace(/(?<=\d)[.,](?=\d)/g, ""));
      if (isTerm && runs.has(runOf(words, i, n))) length = n;
    }
    const run = words.slice(i, i + length);
    if (run.some(({ token }) => !known.has(token))) terms.add(from.slice(run[0]!.start, run.at(-1)!.end));
    i += Math.max(1, length);
  }
  return [...terms];
}

function runOf(words: readonly PlacedWord[], start: number, count: number): string {
  return words
    .slice(start, start + count)
    .map(({ token }) => token)
    .join(" ");
}
