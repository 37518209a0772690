import { isAscii, wordsOf } from "@rag-instruct/core";
import { stopWords } from "./stop-words.ts";

/** The language of a text as far as it shows. */
export interface LanguageGuess {
  /** ISO 639-1 code, or undefined where the text says too little. */
  language: string | undefined;
  /** The script of most letters, such as `Latin`; undefined where there are none. */
  script: string | undefined;
  letters: number;
  /** Share of the words that are function words of a language, for the languages that have any. */
  profile: Readonly<Record<string, number>>;
}

const scripts: readonly [script: string, run: RegExp, language?: string][] = [
  ["Latin", /\p{Script=Latin}+/gu],
  ["Cyrillic", /\p{Script=Cyrillic}+/gu],
  ["Kana", /[\p{Script=Hiragana}\p{Script=Katakana}]+/gu, "ja"],
  ["Han", /\p{Script=Han}+/gu, "zh"],
  ["Hangul", /\p{Script=Hangul}+/gu, "ko"],
  ["Arabic", /\p{Script=Arabic}+/gu, "ar"],
  ["Hebrew", /\p{Script=Hebrew}+/gu, "he"],
  ["Greek", /\p{Script=Greek}+/gu, "el"],
  ["Thai", /\p{Script=Thai}+/gu, "th"],
  ["Devanagari", /\p{Script=Devanagari}+/gu, "hi"],
];
// Japanese mixes Kana into Han; a text with so much Kana among the two is Japanese.
const kanaShare = 0.1;
const fewestHits = 2;

/** Tells a text's language by its script and, for Latin and Cyrillic letters, by its function words. */
export function guessLanguage(text: string): LanguageGuess {
  const plain = isAscii(text);
  const counts = scripts.map(([script, run, language]) => ({
    script,
    language,
    count: plain ? (script === "Latin" ? asciiLetters(text) : 0) : lettersIn(text, run),
  }));
  const letters = counts.reduce((sum, { count }) => sum + count, 0);
  const most = counts.reduce((best, one) => (one.count > best.count ? one : best));
  if (most.count === 0) return { language: undefined, script: undefined, letters: 0, profile: {} };
  const kana = counts.find(({ script }) => script === "Kana")!;
  if (most.script === "Han" && kana.count > kanaShare * (most.count + kana.count)) {
    return { language: "ja", script: "Kana", letters, profile: {} };
  }
  if (most.language) return { language: most.language, script: most.script, letters, profile: {} };
  const words = wordsOf(text);
  const hits = countStopWords(words);
  const [first, second] = [...hits].sort(([, a], [, b]) => b - a);
  const isClear = first !== undefined && first[1] >= fewestHits && first[1] > (second?.[1] ?? 0);
  const profile = Object.fromEntries([...hits].map(([language, count]) => [language, count / words.length]));
  return { language: isClear ? first[0] : undefined, script: most.script, letters, profile };
}

function lettersIn(text: string, run: RegExp): number {
  return (text.match(run) ?? []).reduce((sum, letters) => sum + letters.length, 0);
}

function asciiLetters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20;
    if (code >= 0x61 && code <= 0x7a) count++;
  }
  return count;
}

/** The code of a language given by code or by name, in English or its own ("de", "German", "Deutsch"), else undefined. */
export function languageCode(name: string): string | undefined {
  const wanted = name.trim().toLowerCase();
  const codes = [...Object.keys(stopWords), ...scripts.flatMap(([, , language]) => language ?? [])];
  return codes.find((code) => {
    const names = ["en", code].map((locale) => new Intl.DisplayNames(locale, { type: "language" }).of(code));
    return wanted.split("-")[0] === code || names.some((known) => known?.toLowerCase() === wanted);
  });
}

function countStopWords(words: readonly string[]): Map<string, number> {
  const hits = new Map<string, number>();
  for (const word of words) {
    for (const language of languagesOf.get(word) ?? []) hits.set(language, (hits.get(language) ?? 0) + 1);
  }
  return hits;
}

const languagesOf: ReadonlyMap<string, readonly string[]> = invert(stopWords);

function invert(lists: Readonly<Record<string, readonly string[]>>): Map<string, string[]> {
  const inverted = new Map<string, string[]>();
  for (const [language, words] of Object.entries(lists)) {
    for (const word of words) inverted.set(word, [...(inverted.get(word) ?? []), language]);
  }
  return inverted;
}
