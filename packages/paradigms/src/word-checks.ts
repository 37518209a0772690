import {
  canonicalTokens,
  isFunctionToken,
  isNumericToken,
  type Passage,
  paragraphOf,
  sentencesOf,
  stemOf,
  tellingTokens,
  withEnglishNumbers,
} from "@rag-instruct/core";
import type { Paradigm } from "./paradigm.ts";

type Check = NonNullable<Paradigm["check"]>;

/** A check whose pairs have their numbers as English writes them, where their language writes 1.250 for what English writes 1,250. */
export function inEnglishNumbers(check: Check): Check {
  return ({ question, answer, options, documents }, context) => {
    const english = (text: string) => withEnglishNumbers(text, context.language);
    const read = documents.map((document) => {
      const [title, text] = [english(document.title), english(document.text)];
      return title === document.title && text === document.text ? document : { ...document, title, text };
    });
    return check({ question: english(question), answer: english(answer), options, documents: read }, context);
  };
}

/** The beginnings of a text's telling words; where its language does not show, without the function words of any. */
export function tellingStems(text: string, language?: string): string[] {
  const telling = tellingTokens(canonicalTokens(text), { language });
  const kept = language === undefined ? telling.filter((token) => !isFunctionToken(token)) : telling;
  return [...new Set(kept.map(stemOf))];
}

const minShared = { letters: 4, hangul: 2 };
const maxEnding = 3;

/** Whether two beginnings of words may be of one word: "основ" and "основат", "müze" and "müzenin", "박물관은" and "박물관의". */
export function isAkin(one: string, other: string): boolean {
  if (one === other) return true;
  if (isNumericToken(one) || isNumericToken(other)) return false;
  let shared = 0;
  while (shared < one.length && one[shared] === other[shared]) shared++;
  const least = /\p{Script=Hangul}/u.test(one) ? minShared.hangul : minShared.letters;
  return shared >= least && Math.max(one.length, other.length) - shared <= maxEnding;
}

/** What says that a number stands for thousands, millions and so on, in a dozen languages. */
export const saysScale =
  /(?<!\p{L})(?:thousands?|millions?|billions?|(?:tausend|million|milliard)\p{L}*|mio|mrd|mille|mil|millones|mila|milion\p{L}*|тыс\p{L}*|млн|млрд)(?!\p{L})|[万萬亿億千]/iu;

/** What a number may stand for where a scale is said. */
export const scales: readonly number[] = [1, 1e3, 1e6, 1e9];

/** A document's title and text in one line. */
export function documentText(document: Pick<Passage, "title" | "text">): string {
  return paragraphOf(document, { titles: true });
}

/** A sentence by its words. */
export interface SentenceWords {
  text: string;
  stems: ReadonlySet<string>;
  values: readonly Value[];
}

/** A number of a text, and what kind of thing it counts: its unit, a year, a date, or nothing that shows. */
export interface Value {
  token: string;
  kind: string;
}

const wordsOfDocuments = new WeakMap<object, SentenceWords[]>();

// A passage has a dozen; of a longer text so many are compared.
const maxSentences = 200;
const maxValues = 20;

/** The sentences of a document by their words, looked at once for each document. */
export function sentenceWords(document: Pick<Passage, "text">): SentenceWords[] {
  const known = wordsOfDocuments.get(document);
  if (known) return known;
  const made = sentencesOf(document.text)
    .slice(0, maxSentences)
    .map((text) => ({
      text,
      stems: new Set(tellingTokens(canonicalTokens(text)).map(stemOf)),
      values: valuesIn(text).slice(0, maxValues),
    }));
  wordsOfDocuments.set(document, made);
  return made;
}

// Symbols as canonical tokens have them.
const unit = /^(?:[ckm]?m|mi|ft|[kmg]?g|t|l|m?s|min|h|[kmgt]b|[km]w|hz|usd|eur|gbp|jpy|[%°]|square)$/;

/** The numbers of a text with their kinds. */
export function valuesIn(text: string): Value[] {
  const tokens = canonicalTokens(text);
  return tokens.flatMap((token, i): Value[] => {
    if (!isNumericToken(token)) return [];
    if (/^(?:month|day)/.test(token)) return [{ token, kind: "date" }];
    const next = tokens[i + 1];
    // A year is written without a mark of thousands, and counts nothing.
    const isYear = /^(?:1\d|20)\d\d$/.test(token) && text.includes(token) && !unit.test(next ?? "");
    if (isYear) return [{ token, kind: "year" }];
    return [{ token, kind: next === undefined || isNumericToken(next) ? "number" : `of ${stemOf(next)}` }];
  });
}
