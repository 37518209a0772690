import {
  canonicalTokens,
  dateReadings,
  holdsTokens,
  listParts,
  stemOf,
  tellingTokens,
  trimFunctionWords,
  withEnglishNumbers,
} from "@rag-instruct/core";
import { verdictOf } from "./answers.ts";

/** How far texts state an answer. */
export interface Statement {
  /**
   * `verbatim`: its words occur in their order; `parts`: each part of a list does; `words`: most of its telling words
   * occur, and all its numbers and names; `none`.
   */
  form: "verbatim" | "parts" | "words" | "none";
  /** Numbers of the documents that state it, or for `parts` and `words` that state some of it, counted from 1. */
  documents: number[];
  /** Share of its telling words that occur in the documents. */
  share: number;
  /** Numbers and names of the answer that occur in no document. */
  missing: string[];
}

// Of an answer of up to so many telling words more of them must occur in the documents than of a long one.
const shortAnswer = 8;
const shares = { short: 0.75, long: 0.6 };
// Of a few names none may be missing, of many one in five: a demonym, an abbreviation.
const missingNames = 0.2;

/** What is asked of documents; what the question says already need not occur in them. */
interface Asked {
  answer: string;
  question: string;
  /** Of the documents, for what counts as a telling word. @default English */
  language: string | undefined;
}

const order: readonly Statement["form"][] = ["verbatim", "parts", "words", "none"];

/** How documents state an answer; of an answer that can be read in two ways the reading that they state. */
export function statementIn(texts: readonly string[], { answer, question, language }: Asked): Statement {
  const readings = texts.map((text) => dateReadings(withEnglishNumbers(text, language)));
  // Documents on one matter write their dates in one order.
  const orders = readings.some(({ length }) => length > 1) ? [0, 1] : [0];
  const inOrder = orders.map((at) => readings.map((each) => each[at] ?? each[0]!));
  return dateReadings(withEnglishNumbers(answer, language))
    .flatMap((reading) => inOrder.map((each) => readingIn(each, { answer: reading, question, language })))
    .sort((a, b) => order.indexOf(a.form) - order.indexOf(b.form))[0]!;
}

function readingIn(texts: readonly string[], { answer, question, language }: Asked): Statement {
  const { words, holding, stands } = prepare(texts, language);
  const tokens = canonicalTokens(answer);
  const telling = tellingTokens(tokens, { language });
  const inQuestion = new Set(canonicalTokens(question));
  const known = telling.filter(stands);
  const share = telling.length === 0 ? 0 : known.length / telling.length;
  const missing = hardFacts(answer).filter((fact) => !stands(fact) && !inQuestion.has(fact));
  const whole = holding(tokens);
  if (whole.length > 0) return { form: "verbatim", documents: whole, share: 1, missing: [] };
  const inParts = holdingParts(listParts(answer), holding);
  if (inParts) return { form: "parts", documents: inParts, share, missing: [] };
  const wanted = telling.length <= shortAnswer ? shares.short : shares.long;
  // What the answer takes from the question says nothing of where the rest comes from.
  const added = telling.filter((word) => !inQuestion.has(word));
  const addedShare = added.length === 0 ? 1 : added.filter(stands).length / added.length;
  const tooManyMissing =
    missing.some((fact) => /\d/.test(fact)) || missing.length > missingNames * namesOf(answer).length;
  const touching = words.flatMap((own, i) => (known.some((word) => own.has(word)) ? [i + 1] : []));
  return {
    form: Math.min(share, addedShare) >= wanted && !tooManyMissing ? "words" : "none",
    documents: touching,
    share,
    missing,
  };
}

/** Numbers of the documents that hold the parts of a list; undefined where it is none, or a part stands in no document. */
function holdingParts(parts: readonly string[], holding: Prepared["holding"]): number[] | undefined {
  if (parts.length < 2) return undefined;
  const documents: number[] = [];
  for (const part of new Set(parts)) {
    const found = holding(canonicalTokens(part));
    if (found.length === 0) return undefined;
    documents.push(...found);
  }
  return distinct(documents);
}

/** Documents as they are looked into. */
interface Prepared {
  words: readonly ReadonlySet<string>[];
  /** Numbers of the documents that hold tokens in a row. */
  holding(tokens: readonly string[]): number[];
  /** Whether a word, or another form of it, occurs in one of them. */
  stands(word: string): boolean;
}

function prepare(texts: readonly string[], language: string | undefined): Prepared {
  const tokens = texts.map(canonicalTokens);
  const documents = tokens.map(tokenText);
  const words = tokens.map((own) => new Set(own));
  return {
    words,
    holding(tokens) {
      const wanted = tokenText(trimFunctionWords(tokens, { language }));
      return wanted.trim() === "" ? [] : documents.flatMap((text, i) => (text.includes(wanted) ? [i + 1] : []));
    },
    stands: (word) =>
      words.some((known) => known.has(word)) ||
      (word.length >= 6 && !/\d/.test(word) && documents.some((text) => text.includes(` ${stemOf(word)}`))),
  };
}

/** Numbers, and names inside sentences: what cannot be said in other words. */
function hardFacts(answer: string): string[] {
  const numbers = canonicalTokens(answer).filter((token) => /^-?\d/.test(token));
  return distinct([...numbers, ...namesOf(answer)]);
}

/** Words written with a capital that do not begin a sentence, a line or a quotation. */
function namesOf(answer: string): string[] {
  const names = answer.match(/(?<=[\p{L}\p{N},;)'’-] )\p{Lu}{1,9}\p{Ll}[\p{L}\p{N}]+/gu) ?? [];
  return distinct(names.flatMap(canonicalTokens)).filter((token) => !/\d/.test(token));
}

function tokenText(tokens: readonly string[]): string {
  return ` ${tokens.join(" ")} `;
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

// "Which is older, the tower or the bridge?" names its answers: an alternative stands no farther from "or" than this.
const maxWordsFromOr = 2;
// Fewer words of an answer stand apart in a question by chance.
const minSaid = 3;
const orWords: Readonly<Record<string, readonly string[]>> = {
  de: ["oder"],
  fr: ["ou"],
  es: ["o", "u"],
  it: ["o"],
  pt: ["ou"],
  nl: ["of"],
  sv: ["eller"],
  da: ["eller"],
  ru: ["или"],
  uk: ["або", "чи"],
  zh: ["或", "还"],
  ja: ["か"],
};

/**
 * What of its answer a question gives away, or undefined. A verdict, an option and an alternative that the question
 * itself names give nothing away.
 */
export function leakedAnswer(
  { question, answer, options }: { question: string; answer: string; options?: readonly string[] },
  { language }: { language?: string | undefined } = {},
): string | undefined {
  if ((options && options.length > 0) || verdictOf(answer)) return undefined;
  const asked = canonicalTokens(question);
  const wanted = trimFunctionWords(canonicalTokens(answer), { language });
  if (wanted.join("").length < 2) return undefined;
  const alternatives = alternativeWords(question, language);
  if (holdsTokens(asked, wanted)) return isAlternative(asked, { wanted, alternatives }) ? undefined : wanted.join(" ");
  const telling = tellingTokens(wanted, { language });
  const isAllSaid = telling.length >= minSaid && telling.every((token) => asked.includes(token));
  return isAllSaid && !asked.some((token) => alternatives.has(token)) ? telling.join(" ") : undefined;
}

/** The words between the alternatives that a question names: "or", where it asks to choose "and" too. */
export function alternativeWords(question: string, language: string | undefined): ReadonlySet<string> {
  const isChoice = /\b(?:between|among|out of|either)\b/i.test(question);
  return new Set(["or", "vs", "versu", ...(isChoice ? ["and"] : []), ...(orWords[language ?? "en"] ?? [])]);
}

function isAlternative(
  asked: readonly string[],
  { wanted, alternatives }: { wanted: readonly string[]; alternatives: ReadonlySet<string> },
): boolean {
  for (let at = 0; at + wanted.length <= asked.length; at++) {
    if (!wanted.every((token, i) => asked[at + i] === token)) continue;
    const end = at + wanted.length;
    const around = [...asked.slice(Math.max(0, at - maxWordsFromOr), at), ...asked.slice(end, end + maxWordsFromOr)];
    if (around.some((token) => alternatives.has(token))) return true;
  }
  return false;
}
