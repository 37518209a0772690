import { normalizeAnswer, type Passage, type SeededRandom } from "@rag-instruct/core";

/** A sentence of a passage with one of its words taken out, which stands nowhere else in the passage. */
export interface Cloze {
  passage: Passage;
  /** The sentence with `____` in the place of the term. */
  gapped: string;
  term: string;
}

export const blank = "____";

// Passages are drawn again and again.
const known = new WeakMap<Passage, { sentence: string; term: string }[]>();

/** A cloze of a passage, or undefined where no sentence will do. */
export function findCloze(passage: Passage, random: SeededRandom): Cloze | undefined {
  const found = known.get(passage) ?? placesOf(passage);
  known.set(passage, found);
  if (found.length === 0) return undefined;
  const { sentence, term } = random.pick(found);
  return { passage, gapped: sentence.replace(wordPattern(term), blank), term };
}

/** The terms that may be taken out of a passage, and the sentence of each. */
function placesOf({ title, text }: Passage): { sentence: string; term: string }[] {
  return text.split(/(?<=[.!?])\s+/).flatMap((sentence) => {
    if (sentence.length < 40 || sentence.length > 220 || /["“”_;]/.test(sentence)) return [];
    return termsOf(sentence).flatMap((term) => (occurrences(`${title} ${text}`, term) === 1 ? { sentence, term } : []));
  });
}

/** A term of a cloze's passage that does not stand in its sentence. */
export function otherTerm({ passage, gapped, term: not }: Cloze, random: SeededRandom): string | undefined {
  const terms = termsOf(passage.text).filter(
    (term) => normalizeAnswer(term) !== normalizeAnswer(not) && !holdsWord(gapped, term),
  );
  return terms.length === 0 ? undefined : random.pick(terms);
}

/** Whether a text holds a word, in whatever case. */
export function holdsWord(text: string, word: string): boolean {
  return occurrences(text, word) > 0;
}

function termsOf(text: string): string[] {
  return [...new Set(text.match(/(?<![\p{L}\p{N}`.])[a-z]{7,}(?![\p{L}\p{N}`(])/gu) ?? [])];
}

const wordsByText = new Map<string, string[]>();

// Other forms of the word count too: a plural states it as well.
function occurrences(text: string, term: string): number {
  const stem = term.replace(/s$/, "").toLowerCase();
  const words = wordsByText.get(text) ?? text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  wordsByText.set(text, words);
  return words.filter((word) => word.startsWith(stem)).length;
}

function wordPattern(term: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${term}(?![\\p{L}\\p{N}])`, "u");
}
