import {
  canonicalTokens,
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

/** The beginnings of a text's telling words. */
export function tellingStems(text: string, language?: string): string[] {
  return [...new Set(tellingTokens(canonicalTokens(text), { language }).map(stemOf))];
}

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
    .map((text) => ({ text, stems: new Set(tellingStems(text)), values: valuesIn(text).slice(0, maxValues) }));
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

/** What a question asks for, where its words tell. */
export interface AskedValue {
  /** Beginnings of the words that ask, which an answer has others for. */
  asking: ReadonlySet<string>;
  /** Whether a value of a kind can be it. */
  isKind(kind: string): boolean;
}

const kinds: readonly { asks: RegExp; words: string; isKind?: RegExp }[] = [
  {
    asks: /\bhow (?:tall|high|long|wide|deep|far|large|big)\b|\bwie (?:hoch|lang|breit|tief|weit|groß)\b/i,
    words: "how tall high long wide deep far large big wie hoch lang breit tief weit groß",
    isKind: /^of (?:km|m|cm|mm|mi|ft|in|square|h|min|s|day|month|week|year|jahr|tag)/,
  },
  { asks: /\bhow heavy\b|\bweighs?\b|\bwie schwer\b/i, words: "how heavy weigh wie schwer", isKind: /^of (?:kg|g|t)$/ },
  {
    asks: /\bhow (?:much|expensive)\b|\b(?:costs?|prices?|fares?|fees?|pay)\b/i,
    words: "how much expensive cost price fare fee pay",
    isKind: /^of (?:eur|usd|gbp|jpy|crown|cent|pence|franc|pound|kron)/,
  },
  {
    asks: /\bhow many\b|\bwie viele?\b|\bcombien\b|\bcuánt[oa]s?\b|\bquant[ie]\b|\bhoeveel\b|сколько/i,
    words: "how many wie viel viele combien cuanto quanti hoeveel сколько",
  },
  {
    asks: /\b(?:when|year)\b|\bwann\b|\bjahr\b|\bquand\b|\bannée\b|\bcuándo\b|\baño\b|\bquando\b|\bwanneer\b|когда/i,
    words: "when year wann welchem jahr quand annee cuando ano quando anno wanneer jaar когда",
    isKind: /^(?:year|date)$/,
  },
];

/** The value that a question asks for: a length, a weight, a price, a time, or a number of things that it names. */
export function askedValue(question: string, stems: readonly string[]): AskedValue | undefined {
  const found = kinds.find(({ asks }) => asks.test(question));
  if (!found) return undefined;
  const isKind = (kind: string) =>
    found.isKind ? found.isKind.test(kind) : kind === "number" || stems.some((stem) => kind === `of ${stem}`);
  return { asking: new Set(found.words.split(" ").map(stemOf)), isKind };
}
