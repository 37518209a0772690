import { eachGram, foldText, hashTable, hashWords, type OnProgress, type Source, wordsOf } from "@rag-instruct/core";

/** A text that no training data may hold, such as a question of a benchmark. */
export interface ForbiddenText {
  /** Where it is from, such as `popqa`; named in the report. */
  source: string;
  text: string;
}

/** What of a forbidden text occurs in another. */
export interface TextMatch {
  source: string;
  /** Which text of the source, from 1. */
  text: number;
  /** The words shared, as they are compared. */
  words: string;
}

/** Forbidden texts, ready to be looked for. */
export interface ForbiddenTexts {
  /** Words that must occur in a row in both. */
  readonly words: number;
  /** Texts by source. */
  readonly counts: Readonly<Record<string, number>>;
  /**
   * What of them occurs in a text: a run of so many words, or the whole text being one of them.
   * @param options.inside whether a shorter one counts as well where it stands whole inside the text @default false
   */
  match(text: string, options?: { inside?: boolean }): TextMatch | undefined;
}

/** Options of {@link readForbiddenTexts}. */
export interface ForbiddenTextsOptions {
  /** Words that must occur in a row in both. @default 13 */
  words?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

// As GPT-3 (Brown et al. 2020, appendix C) and others since.
const usualWords = 13;
// A shorter text is looked for as a whole text alone: "who is he" occurs in many.
const minInside = 6;
const articles = new Set(["a", "an", "the"]);

/**
 * Reads texts once, to the end, and hashes every run of 13 words of them, and shorter texts as a whole. Words are compared
 * without case, accents and punctuation, in any script; whole texts without English articles as well. Holds 64-bit hashes in
 * typed arrays, 12 bytes a word, no texts.
 */
export async function readForbiddenTexts(
  texts: Source<ForbiddenText>,
  { words: size = usualWords, signal, onProgress }: ForbiddenTextsOptions = {},
): Promise<ForbiddenTexts> {
  const numbers = hashTable();
  const places = textPlaces();
  for await (const { source, text } of texts) {
    signal?.throwIfAborted();
    const number = places.add(source);
    const words = comparedWords(text);
    const hash = (of: readonly string[], length: number) =>
      eachGram(hashWords(of), length, (high, low) => {
        numbers.add(high, low, number);
        return false;
      });
    hash(words, Math.max(1, Math.min(size, words.length)));
    hash(...wholeOf(words));
    if ((number + 1) % 10_000 === 0) onProgress?.({ stage: "read benchmark texts", done: number + 1 });
  }

  function find(words: readonly string[], length: number): TextMatch | undefined {
    let found: TextMatch | undefined;
    eachGram(hashWords(words), length, (high, low, start) => {
      const number = numbers.get(high, low);
      if (number === undefined) return false;
      found = { ...places.at(number), words: words.slice(start, start + length).join(" ") };
      return true;
    });
    return found;
  }
  return {
    words: size,
    counts: places.counts,
    match(text, { inside = false } = {}) {
      const words = comparedWords(text);
      if (words.length === 0) return undefined;
      const shortest = inside ? Math.min(minInside, size) : size;
      for (let length = size; length >= shortest; length--) {
        const found = find(words, length);
        if (found) return found;
      }
      return find(...wholeOf(words));
    },
  };
}

/** Words as they are compared. */
function comparedWords(text: string): string[] {
  return wordsOf(foldText(text)).map((word) => word.replaceAll("'", ""));
}

/** A text of articles alone is compared with them. */
function wholeOf(words: readonly string[]): [words: readonly string[], length: number] {
  const telling = words.filter((word) => !articles.has(word));
  return telling.length > 0 ? [telling, telling.length] : [words, Math.max(1, words.length)];
}

/** Remembers of which source each text is, in a note a stretch of one source. */
function textPlaces(): {
  counts: Record<string, number>;
  /** The text's number among all, from 0. */
  add(source: string): number;
  at(number: number): { source: string; text: number };
} {
  const counts: Record<string, number> = {};
  const stretches: { source: string; from: number; first: number }[] = [];
  let count = 0;
  return {
    counts,
    add(source) {
      const before = Object.hasOwn(counts, source) ? counts[source]! : 0;
      if (stretches.at(-1)?.source !== source) stretches.push({ source, from: count, first: before + 1 });
      counts[source] = before + 1;
      return count++;
    },
    at(number) {
      const { source, from, first } = stretches.findLast((stretch) => stretch.from <= number)!;
      return { source, text: number - from + first };
    },
  };
}
