import { functionWords, guessedByWords, wordRuns, wordsOf } from "@rag-instruct/core";

/** Turns a text into index terms. */
export interface Analyzer {
  /** Names what it does; an index is searched with the analyzer it was built with. */
  id: string;
  terms(text: string): string[];
  /**
   * Where present, `terms(text)` is this of each word of `wordsOf(text)`, without those it gives undefined for. Each
   * distinct word is then analysed once, which makes indexing several times as fast.
   */
  termOf?(word: string): string | undefined;
  /** The words that `termOf` is of; those of a text that is all ASCII must be core's. @default core's `wordsOf` */
  wordsOf?(text: string): string[];
}

/** An analyzer that works word by word, on the words of each script. */
export function wordAnalyzer(id: string, termOf: (word: string) => string | undefined): Analyzer {
  return { id, terms: (text) => scriptWords(text).flatMap((word) => termOf(word) ?? []), termOf, wordsOf: scriptWords };
}

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
function scriptWords(text: string): string[] {
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

type Stem = (word: string) => string;

/** How the words of a language become terms. */
interface LanguageRules {
  /** ISO 639-1. */
  code: string;
  /** Loaded where it is used: nobody needs them all. */
  stem(): Promise<{ stemmer: Stem }>;
  /** What is written before an apostrophe and is no part of the word, such as the article of l'école. */
  elision?: RegExp;
  /** What else is done to a word before it is stemmed. */
  plain?: Stem;
}

const frenchElision = /^(?:[cdjlmnst]|qu|jusqu|quoiqu|lorsqu|puisqu)'(?=\p{L})/u;
const italianElision =
  /^(?:[cdlmstv]|un|all|dall|dell|nell|sull|coll|pell|gl|agl|dagl|degl|negl|sugl|quest|quell|bell|sant)'(?=\p{L})/u;
/** Articles and prepositions of Romance languages before names in any text. */
const anyElision = /^(?:[dl]|qu)'(?=\p{L}{2})/u;
// A suffix of a Turkish name stands behind an apostrophe; lower case leaves a dot of its own on İ.
const turkishWord: Stem = (word) => word.split("'", 1)[0]!.replaceAll("i\u0307", "i");
// The stemmer knows ş and ţ as they were written before Unicode told commas from cedillas.
const romanianWord: Stem = (word) => word.replaceAll("ș", "ş").replaceAll("ț", "ţ");

/** Snowball's stemmers (Porter 2001) by language, as @orama/stemmers has them. */
const languages = {
  arabic: { code: "ar", stem: () => import("@orama/stemmers/arabic") },
  armenian: { code: "hy", stem: () => import("@orama/stemmers/armenian") },
  bulgarian: { code: "bg", stem: () => import("@orama/stemmers/bulgarian") },
  danish: { code: "da", stem: () => import("@orama/stemmers/danish") },
  dutch: { code: "nl", stem: () => import("@orama/stemmers/dutch") },
  finnish: { code: "fi", stem: () => import("@orama/stemmers/finnish") },
  french: { code: "fr", stem: () => import("@orama/stemmers/french"), elision: frenchElision },
  german: { code: "de", stem: () => import("@orama/stemmers/german") },
  greek: { code: "el", stem: () => import("@orama/stemmers/greek") },
  hindi: { code: "hi", stem: () => import("@orama/stemmers/indian") },
  hungarian: { code: "hu", stem: () => import("@orama/stemmers/hungarian") },
  indonesian: { code: "id", stem: () => import("@orama/stemmers/indonesian") },
  irish: { code: "ga", stem: () => import("@orama/stemmers/irish"), elision: /^[bdm]'(?=\p{L})/u },
  italian: { code: "it", stem: () => import("@orama/stemmers/italian"), elision: italianElision },
  lithuanian: { code: "lt", stem: () => import("@orama/stemmers/lithuanian") },
  nepali: { code: "ne", stem: () => import("@orama/stemmers/nepali") },
  norwegian: { code: "no", stem: () => import("@orama/stemmers/norwegian") },
  portuguese: { code: "pt", stem: () => import("@orama/stemmers/portuguese") },
  romanian: { code: "ro", stem: () => import("@orama/stemmers/romanian"), plain: romanianWord },
  russian: { code: "ru", stem: () => import("@orama/stemmers/russian") },
  serbian: { code: "sr", stem: () => import("@orama/stemmers/serbian") },
  spanish: { code: "es", stem: () => import("@orama/stemmers/spanish") },
  swedish: { code: "sv", stem: () => import("@orama/stemmers/swedish") },
  tamil: { code: "ta", stem: () => import("@orama/stemmers/tamil") },
  turkish: { code: "tr", stem: () => import("@orama/stemmers/turkish"), plain: turkishWord },
  ukrainian: { code: "uk", stem: () => import("@orama/stemmers/ukrainian") },
} satisfies Record<string, LanguageRules>;

/** A language with a stemmer of its own, English apart. */
export type StemmedLanguage = keyof typeof languages;

/** Their names, in the order of the alphabet. */
export const stemmedLanguages = Object.keys(languages) as StemmedLanguage[];

/** The language of an ISO 639-1 code, where it has a stemmer. */
export function stemmedLanguage(code: string): StemmedLanguage | undefined {
  return stemmedLanguages.find((name) => languages[name].code === code);
}

/** Terms of a language: words without its function words, stemmed by Snowball; what Chinese, Japanese, Korean and Thai have is cut by script. */
export function languageAnalyzer(name: StemmedLanguage): Promise<Analyzer> {
  const before = made.get(name);
  if (before) return before;
  const analyzer = makeAnalyzer(name);
  made.set(name, analyzer);
  return analyzer;
}

const made = new Map<StemmedLanguage, Promise<Analyzer>>();

async function makeAnalyzer(name: StemmedLanguage): Promise<Analyzer> {
  const { code, stem, elision = anyElision, plain = (word: string) => word }: LanguageRules = languages[name];
  const { stemmer } = await stem();
  const stopWords = new Set(guessedByWords.includes(code) ? functionWords(code) : []);
  return wordAnalyzer(`${name}-1`, (word) => {
    const base = plain(baseWord(word, elision));
    return stopWords.has(base) ? undefined : stemmer(base);
  });
}

/** Words of any script as they are, but for apostrophes, and articles and possessives that stand at them. */
export const plainAnalyzer = wordAnalyzer("simple-2", (word) => baseWord(word));

/** A word with straight apostrophes, without what is elided before it and without an English possessive. */
export function baseWord(word: string, elision: RegExp = anyElision): string {
  if (!/['’ʼ]/.test(word)) return word;
  return word.replace(/[’ʼ]/g, "'").replace(elision, "").replace(/'s$/, "");
}
