import {
  canonicalTokens,
  containsAnswer,
  type Exemplar,
  guessedLanguages,
  guessLanguage,
  jaccard,
  type LanguageGuess,
  normalizeAnswer,
  type Pair,
  paragraphOf,
  questionWithOptions,
  shingles,
  tellingTokens,
} from "@rag-instruct/core";
import type { Paradigm } from "@rag-instruct/paradigms";
import { languageCode } from "../language.ts";
import { answerText, verdictOf } from "./answers.ts";
import { pointsAtDocument } from "./pointing.ts";
import { leakedAnswer, type Statement, statementIn } from "./stated.ts";

/** What the free checks can find wrong with a pair. */
export type LexicalFault =
  | "question-not-whole"
  | "points-at-document"
  | "wrong-language"
  | "same-as-exemplar"
  | "leaks-answer"
  | "answer-not-in-documents"
  | "answer-stated"
  | "document-unused";

/** What the free checks looked at. */
export interface LexicalEvidence {
  /** How the documents state the answer; absent for a verdict such as yes or true, which occurs in no document. */
  stated?: Statement["form"];
  /** Numbers of the documents that state the answer or some of it, from 1. */
  statedIn?: number[];
  /** Share of the answer's telling words that occur in the documents. */
  answerWordsInDocuments: number;
  /** Numbers and names of the answer that occur in no document. */
  missing?: string[];
  /** Of the documents, where it shows. */
  language?: string;
}

/** A fault, or none, with what was looked at. */
export type LexicalVerdict =
  | { ok: true; evidence: LexicalEvidence }
  | { ok: false; reason: LexicalFault; detail: string; evidence: LexicalEvidence };

/** What the checks compare a pair with. */
export interface LexicalContext {
  paradigm: Paradigm;
  /** The exemplar whose form the question imitates. @default unknown: it is not compared */
  exemplar?: Pick<Exemplar, "question"> | undefined;
  /** Language of question and answer by code or name. @default that of the documents */
  language?: string | undefined;
}

type Fault = { reason: LexicalFault; detail: string } | undefined;

// Jaccard similarity of word pairs from which the question repeats the exemplar's.
const sameQuestion = 0.7;

/** Checks a pair against its paradigm's relation by words alone: free, and always on. */
export function checkLexically(pair: Pair, { paradigm, exemplar, language }: LexicalContext): LexicalVerdict {
  const texts = pair.documents.map((document) => paragraphOf(document, { titles: true }));
  const ofDocuments = guessLanguage(texts.join("\n"));
  const wanted = language === undefined ? undefined : languageCode(language);
  const expected = guessedLanguages.find((code) => code === wanted);
  const { language: spoken } = ofDocuments;
  const answer = answerText(pair);
  const statement = statementIn(texts, { answer, question: pair.question, language: spoken });
  const fault =
    formFault(pair, texts) ??
    languageFault(wrongLanguage(pair, { expected, ofDocuments })) ??
    exemplarFault(pair, exemplar) ??
    leakFault(leakedAnswer(pair, { language: spoken })) ??
    statementFault(pair, { texts, answer, statement, paradigm, language: spoken }) ??
    unusedFault(pair, { texts, paradigm, language: spoken });
  const evidence: LexicalEvidence = {
    answerWordsInDocuments: Math.round(statement.share * 1000) / 1000,
    stated: verdictOf(answer) ? undefined : statement.form,
    statedIn: verdictOf(answer) ? undefined : statement.documents,
    missing: statement.missing.length > 0 ? statement.missing : undefined,
    language: spoken || undefined,
  };
  return fault ? { ok: false, ...fault, evidence } : { ok: true, evidence };
}

function formFault({ question, answer, options }: Pair, texts: readonly string[]): Fault {
  const broken = brokenForm(question, { hasOptions: options !== undefined });
  if (broken) return { reason: "question-not-whole", detail: broken };
  const inQuestion = pointsAtDocument(question, { subject: texts.join("\n") });
  if (inQuestion) return { reason: "points-at-document", detail: `the question says “${inQuestion}”` };
  const inAnswer = pointsAtDocument(answer);
  return inAnswer ? { reason: "points-at-document", detail: `the answer says “${inAnswer}”` } : undefined;
}

function languageFault(detail: string | undefined): Fault {
  return detail === undefined ? undefined : { reason: "wrong-language", detail };
}

function exemplarFault({ question }: Pair, exemplar: Pick<Exemplar, "question"> | undefined): Fault {
  if (!exemplar) return undefined;
  const isSame =
    normalizeAnswer(question) === normalizeAnswer(exemplar.question) ||
    jaccard(shingles(question, { size: 2 }), shingles(exemplar.question, { size: 2 })) >= sameQuestion;
  return isSame ? { reason: "same-as-exemplar", detail: "the question repeats the exemplar's" } : undefined;
}

function leakFault(leaked: string | undefined): Fault {
  return leaked === undefined
    ? undefined
    : { reason: "leaks-answer", detail: `the question gives its answer away: “${leaked}”` };
}

function statementFault(
  { options }: Pair,
  given: {
    texts: readonly string[];
    answer: string;
    statement: Statement;
    paradigm: Paradigm;
    language: string | undefined;
  },
): Fault {
  const { texts, answer, statement, paradigm, language } = given;
  // Yes, no, true and false occur in no document and say nothing of where the answer comes from.
  if (verdictOf(answer) && !options) return undefined;
  const { answerStated } = paradigm.relation;
  if (answerStated === true && statement.form === "none") {
    const missing = statement.missing.length > 0 ? `, and no document says ${statement.missing.join(", ")}` : "";
    const share = Math.round(statement.share * 100);
    return {
      reason: "answer-not-in-documents",
      detail: `${share}% of the answer's words occur in the documents${missing}`,
    };
  }
  const isStated = () => statement.form === "parts" || texts.some((text) => containsAnswer(text, answer, { language }));
  if (answerStated === false && isStated()) {
    return { reason: "answer-stated", detail: "the answer occurs in the documents word for word" };
  }
  return undefined;
}

// Telling words that all documents have: so many of them in a pair touch each document as well as one of its own, …
const enoughShared = 2;
// … unless another document has so many of its own that the pair is plainly about that one.
const plainlyOther = 6;

/** A document among several is used when pair and document share a telling word of its own, or several that all have. */
function unusedFault(
  pair: Pair,
  { texts, paradigm, language }: { texts: readonly string[]; paradigm: Paradigm; language: string | undefined },
): Fault {
  if (texts.length < 2 || paradigm.relation.documentsAre === "useless") return undefined;
  const { question, answer, options } = pair;
  const said = canonicalTokens(`${questionWithOptions({ question, options })}\n${answer}`);
  const telling = tellingTokens(said, { language });
  const words = texts.map((text) => new Set(canonicalTokens(text)));
  const touched = words.map((own) => telling.filter((token) => own.has(token)));
  const own = touched.map((tokens) => tokens.filter((token) => !words.every((known) => known.has(token))).length);
  const isAboutOne = Math.max(...own) >= plainlyOther;
  const unused = touched.findIndex((tokens, i) => own[i] === 0 && (isAboutOne || tokens.length < enoughShared));
  return unused < 0
    ? undefined
    : {
        reason: "document-unused",
        detail: `neither question nor answer shares a telling word of its own with document ${unused + 1}`,
      };
}

// Words that nothing ends with, by language: articles and conjunctions.
const dangling: ReadonlySet<string> = new Set(
  "a an the and or of nor than der die das und oder dem den le la les et ou du des el los las y o del il lo gli ed una un une het een en and with whose".split(
    " ",
  ),
);
const closing = /[.!?。！？…؟;"'”’»)\]`]\s*$/u;
const brackets: readonly [open: string, close: string][] = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
  ["“", "”"],
];

/** What is wrong with a question's form, in words, or undefined where it is whole. */
function brokenForm(question: string, { hasOptions = false } = {}): string | undefined {
  const text = question.trim();
  if (text.includes("\ufffd")) return "it holds bytes that are not text";
  const tokens = canonicalTokens(text);
  if (tokens.length < 2) return "it is too short to stand alone";
  if (tellingTokens(tokens).length === 0) return "it names nothing";
  if (/[,;(\-–—/&]\s*$|(?:\.\.\.|…)\s*$/.test(text) || (/:\s*$/.test(text) && !hasOptions)) return "it breaks off";
  if (closing.test(text)) return undefined;
  const last = text.split(/\s+/).at(-1)!.toLowerCase();
  if (dangling.has(last)) return `it breaks off after “${last}”`;
  const open = brackets.find(([open, close]) => text.split(open).length > text.split(close).length);
  return open ? `a “${open[0]}” is never closed` : undefined;
}

// A title or a term in another language does not make a text foreign; so many letters are a sentence.
const minLetters = { question: 20, answer: 50 };
// So much more of the words must be function words of the other language.
const margin = 0.12;

/** What is in another language than the documents or than the one asked for, or undefined. */
function wrongLanguage(
  { question, answer }: Pick<Pair, "question" | "answer">,
  { expected, ofDocuments }: { expected: string | undefined; ofDocuments: LanguageGuess },
): string | undefined {
  for (const [name, text] of [
    ["question", question],
    ["answer", answer],
  ] as const) {
    const guess = guessLanguage(text);
    // A letter of a script without vowels or spaces says more.
    const fewest = minLetters[name] / (guess.script === "Latin" || guess.script === "Cyrillic" ? 1 : 2.5);
    if (guess.letters < fewest) continue;
    const found = expected === undefined ? otherThan(guess, ofDocuments) : notIn(guess, expected);
    if (found) return `the ${name} is in ${found}`;
  }
  return undefined;
}

function otherThan(guess: LanguageGuess, documents: LanguageGuess): string | undefined {
  if (documents.script === undefined || guess.script === undefined) return undefined;
  if (guess.script !== documents.script)
    return isMixed(guess, documents) ? undefined : (guess.language ?? guess.script);
  return documents.language === undefined ? undefined : notIn(guess, documents.language);
}

function notIn(guess: LanguageGuess, expected: string): string | undefined {
  if (guess.language === undefined || guess.language === expected) return undefined;
  const ofExpected = guess.profile[expected] ?? 0;
  const ofGuess = guess.profile[guess.language] ?? 1;
  return ofGuess - ofExpected >= margin ? guess.language : undefined;
}

// Japanese is written in Kana and Han, so a short text may show one alone.
function isMixed(a: LanguageGuess, b: LanguageGuess): boolean {
  const scripts = new Set([a.script, b.script]);
  return scripts.has("Kana") && scripts.has("Han");
}
