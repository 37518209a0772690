import { type OnProgress, type Source, wordsOf } from "@rag-instruct/core";
import { hashTable } from "./text/hash-table.ts";
import { eachGram, hashWords } from "./text/word-grams.ts";

/** A text that no training data may hold, such as a question of a benchmark. */
export interface ForbiddenText {
  /** Where it is from, such as `popqa`; named in the report. */
  source: string;
  text: string;
}

/** What of a forbidden text stands in another. */
export interface TextMatch {
  source: string;
  /** Which text of the source, from 1. */
  text: number;
  /** The words shared, as they are compared. */
  words: string;
}

/** Forbidden texts, ready to be looked for. */
export interface BenchmarkTexts {
  /** Texts by source. */
  counts: Record<string, number>;
  /** @param options.whole look for texts shorter than a run as well @default false */
  match(words: readonly string[], options?: { whole?: boolean }): TextMatch | undefined;
}

// A shorter text is looked for as the whole question alone: "who is he" stands in many.
const fewestInside = 6;

/** Hashes every run of `words` words of the texts, and shorter texts as a whole. */
export async function indexTexts(
  texts: Source<ForbiddenText>,
  { words: size, signal, onProgress }: { words: number; signal?: AbortSignal; onProgress?: OnProgress },
): Promise<BenchmarkTexts> {
  const numbers = hashTable();
  const sources: string[] = [];
  const counts: Record<string, number> = {};
  // The first text's number in each stretch of one source.
  const stretches: { source: string; from: number; first: number }[] = [];
  let count = 0;
  for await (const { source, text } of texts) {
    signal?.throwIfAborted();
    if (sources.at(-1) !== source) {
      sources.push(source);
      stretches.push({ source, from: count, first: (counts[source] ?? 0) + 1 });
    }
    const words = wordsOf(text);
    eachGram(hashWords(words), Math.max(1, Math.min(size, words.length)), (high, low) => {
      numbers.add(high, low, count);
      return false;
    });
    counts[source] = (counts[source] ?? 0) + 1;
    if (++count % 10_000 === 0) onProgress?.({ stage: "read benchmark texts", done: count });
  }

  function textAt(number: number): { source: string; text: number } {
    const { source, from, first } = stretches.findLast((stretch) => stretch.from <= number)!;
    return { source, text: number - from + first };
  }
  return {
    counts,
    match(words, { whole = false } = {}) {
      const hashed = hashWords(words);
      const shortest = whole ? Math.min(fewestInside, size) : size;
      const lengths = Array.from({ length: size - shortest + 1 }, (_, i) => size - i);
      if (whole && words.length > 0 && words.length < shortest) lengths.push(words.length);
      for (const length of lengths) {
        let found: TextMatch | undefined;
        eachGram(hashed, length, (high, low, start) => {
          const number = numbers.get(high, low);
          if (number === undefined) return false;
          found = { ...textAt(number), words: words.slice(start, start + length).join(" ") };
          return true;
        });
        if (found) return found;
      }
      return undefined;
    },
  };
}
