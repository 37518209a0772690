import { isNumericToken, type Passage } from "@rag-instruct/core";
import { type PlacedWord, placedWords, sharedTerms, tokensOf } from "./words-in-place.ts";

/** A query that may show a document. */
export interface Query {
  text: string;
  /** The document that it is to show. */
  target: Passage;
  /** Where in the question the clause stands that it is made of; after all clauses where it is made of something else. */
  position: number;
  /** Terms in it that an earlier result has given. */
  terms: readonly string[];
  /** How good it is among those of its kind and position; higher is better. */
  quality: number;
}

/** A part of the question that can be looked for by itself. */
interface Part {
  text: string;
  position: number;
  quality: number;
}

/** A question whose parts are looked for. */
export interface Asked {
  question: string;
  answer: string;
  /** ISO 639-1 of the words that say nothing. */
  language: string | undefined;
}

/** A document that is looked for. */
export interface Sought {
  passage: Passage;
  /** Its title and text. */
  text: string;
  /** Its title, and what it says to the question. */
  said: string;
}

// The least words of a part that can be looked for.
const minWords = 2;
const maxWindow = 12;
const maxWindows = 8;
const maxTerms = 4;
// Of a stretch in which fewer words are the document's, the whole question says more.
const wholeQuality = 0.4;

/**
 * The clauses of the question that share a word with a document, each as it stands, and each with a term that joins what was learned
 * before to what the document says.
 */
export function clauseQueries(asked: Asked, sought: Sought, learned: readonly string[]): Query[] {
  const terms = termsFrom(learned, sought.said, asked).slice(0, maxTerms);
  return clausesAbout(asked, sought).flatMap((clause) => [
    queryOf(clause, sought),
    ...terms.map((term) => queryOf(clause, sought, [term])),
  ]);
}

/** Stretches of the question from one word that a document has to another, and the whole question. */
export function partQueries(asked: Asked, sought: Sought): Query[] {
  const { question } = asked;
  const whole = { text: question, position: question.length, quality: wholeQuality };
  return [...windowsAbout(asked, sought), whole].map((part) => queryOf(part, sought));
}

/** Queries by one or two terms that any passage shown before has in common with a document, with a part of the question or alone. */
export function bridgedQueries(asked: Asked, sought: Sought, shown: readonly string[]): Query[] {
  const terms = termsFrom(shown, sought.text, asked).slice(0, 2 * maxTerms);
  const alone = { text: "", position: asked.question.length, quality: 0 };
  const parts = [...clausesAbout(asked, sought), ...windowsAbout(asked, sought).slice(0, 2), alone];
  const pairs = terms.slice(0, maxTerms).flatMap((one, i) => terms.slice(i + 1, maxTerms).map((two) => [one, two]));
  return [...terms.map((term) => [term]), ...pairs].flatMap((given) =>
    parts.map((part) => queryOf(part, sought, given)),
  );
}

/**
 * Queries that say less than one with terms of an earlier result: by the document's title where the question has it, then by the terms
 * alone, then by both, the shortest first.
 */
export function shorterQueries(asked: Asked, sought: Sought, { text, terms, ...query }: Query): Query[] {
  if (terms.length === 0) return [];
  const stretches = windowsAbout(asked, sought).map((window) => window.text);
  const title = placedWords(sought.passage.title.replace(/\([^()]*\)/g, ""), asked.language);
  const isNamed = (stretch: string) => {
    const held = tokensOf(stretch, asked.language);
    return title.length > 0 && title.every(({ token }) => held.has(token));
  };
  const given = terms.join(" ");
  const wordsOf = (one: string) => placedWords(one, asked.language).length;
  const both = stretches.map((part) => `${given} ${part}`).sort((a, b) => wordsOf(a) - wordsOf(b));
  const alone = isName(given) || wordsOf(given) >= minWords ? [given] : [];
  return [
    ...stretches.filter(isNamed).map((text) => ({ ...query, text, terms: [] })),
    ...[...alone, ...both].filter((one) => one.length < text.length).map((text) => ({ ...query, text, terms })),
  ];
}

function isName(text: string): boolean {
  return /\p{Lu}/u.test(text);
}

/** The words of the question that a document has. */
export function wordQueries(asked: Asked, sought: Sought): Query[] {
  const { question } = asked;
  const words = new Map(wordsAbout(asked, sought).map((word) => [word.token, question.slice(word.start, word.end)]));
  if (words.size < minWords) return [];
  return [queryOf({ text: [...words.values()].join(" "), position: question.length, quality: 0 }, sought)];
}

function queryOf({ text, position, quality }: Part, { passage: target }: Sought, terms: readonly Term[] = []): Query {
  const given = terms.map((term) => term.text);
  return {
    text: [...given, text].join(" ").trim(),
    target,
    position,
    terms: given,
    quality: terms.reduce((sum, term) => sum + term.quality, quality) / (1 + terms.length),
  };
}

function clausesAbout({ question, language }: Asked, { text }: Sought): Part[] {
  const has = tokensOf(text, language);
  return clausesOf(question).filter((clause) => {
    const words = placedWords(clause.text, language);
    return words.length >= minWords && words.some(({ token }) => has.has(token));
  });
}

function wordsAbout({ question, language }: Asked, { text }: Sought): PlacedWord[] {
  const has = tokensOf(text, language);
  return placedWords(question, language).filter(({ token }) => has.has(token));
}

// A mark between digits is part of a number, and one after an initial or a short form is part of a name.
const marks = /[;:!?\n。；：！？，、]|,(?!\d)|(?<=[\p{L}\p{N}]{4})\.(?!\d)/gu;
const conjunction = /^(?:and|or|but|und|oder|aber|et|ou|mais|y|o|pero|e|ma|mas|en|of|maar|и|или|но)\s+/iu;

/** The parts of a question between its marks, without what joins them. */
function clausesOf(question: string): Part[] {
  const parts: Part[] = [];
  let start = 0;
  for (const end of [...Array.from(question.matchAll(marks), ({ index }) => index), question.length]) {
    parts.push({ text: question.slice(start, end).trim().replace(conjunction, ""), position: start, quality: 0 });
    start = end + 1;
  }
  return parts.filter(({ text }) => text !== "");
}

/** Stretches of a question from one word that a document has to another, those with most such words for their length first. */
function windowsAbout(asked: Asked, sought: Sought): Part[] {
  const { question } = asked;
  const own = wordsAbout(asked, sought);
  const windows = own.flatMap((first, i) =>
    own.slice(i + 1, i + maxWindow).map((last, more) => {
      const text = question.slice(first.start, last.end);
      const words = text.split(/\s+/).length;
      return { text, position: question.length, words, quality: Math.min(1, (more + 2) / words) };
    }),
  );
  return windows
    .filter(({ text, words }) => words <= maxWindow && text.search(marks) < 0)
    .sort((a, b) => b.quality - a.quality || b.words - a.words)
    .slice(0, maxWindows);
}

interface Term {
  text: string;
  quality: number;
}

/** Terms that lead from one document to another, the best first: of the answer, then names, then longer ones; numbers alone come last. */
function termsFrom(from: readonly string[], to: string, { question, answer, language }: Asked): Term[] {
  const known = tokensOf(question, language);
  const ofAnswer = tokensOf(answer, language);
  const texts = new Set(from.flatMap((text) => sharedTerms(text, to, { known, language })));
  const terms = Array.from(texts, (text) => {
    const words = placedWords(text, language);
    const isNumber = words.every(({ token }) => isNumericToken(token));
    const isOfAnswer = words.some(({ token }) => ofAnswer.has(token) && !known.has(token));
    const quality = 2 * Number(isOfAnswer) + Number(isName(text)) + words.length / 4 - 4 * Number(isNumber);
    // "May" is a month, "may" is none.
    return { text, quality, isWord: words.length === 1 && !isName(text) && /^month/.test(words[0]!.token) };
  });
  return terms.filter(({ isWord }) => !isWord).sort((a, b) => b.quality - a.quality);
}
