import {
  answerText,
  canonicalTokens,
  containsAnswer,
  type Exemplar,
  guessedLanguages,
  guessLanguage,
  holdsTokens,
  isNumericToken,
  jaccard,
  type LanguageGuess,
  normalizeAnswer,
  type Pair,
  paragraphOf,
  plainAnswer,
  questionWithOptions,
  shingles,
  tellingTokens,
} from "@rag-instruct/core";
import type { Paradigm, ParadigmFault, WordVerdict } from "@rag-instruct/paradigms";
import { emptyAnswer, textFault } from "../check-text/check-text.ts";
import { isFrameWord } from "../check-text/restating.ts";
import { offSubject, unknownName } from "../check-text/subject.ts";
import type { TextFault, TextFinding } from "../check-text/text-finding.ts";
import { brokenAnswer, brokenQuestion } from "../check-text/whole-question.ts";
import { foreignLanguage, languageCode } from "../language.ts";
import { verdictOf } from "./answers.ts";
import { pointsAtDocument } from "./pointing.ts";
import { leakedAnswer, type Statement, statementIn } from "./stated.ts";

/** What the free checks can find wrong with a pair. */
export type LexicalFault =
  | TextFault
  | ParadigmFault
  | "points-at-document"
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
  /** The words that show a fault of form. */
  shown?: string;
  /**
   * Whether words prove the paradigm's relation: `shown` where the documents state the answer and must, `unproved` where the pair only
   * breaks no rule that words can tell. That documents support an answer, or do not help with it, no words prove.
   */
  relation?: "shown" | "unproved";
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

type Fault = { reason: LexicalFault; detail: string; shown?: string } | undefined;

// Jaccard similarity of word pairs from which the question repeats the exemplar's.
const sameQuestion = 0.7;

/** Checks a pair against its paradigm's relation by words alone: free, and always on. */
export function checkLexically(given: Pair, { paradigm, exemplar, language }: LexicalContext): LexicalVerdict {
  const pair: Pair = { ...given, answer: plainAnswer({ answer: given.answer, cites: paradigm.cites }) };
  const texts = pair.documents.map((document) => paragraphOf(document, { titles: true }));
  const ofDocuments = guessLanguage(texts.join("\n"));
  const wanted = language === undefined ? undefined : languageCode(language);
  const expected = guessedLanguages.find((code) => code === wanted);
  const { language: spoken } = ofDocuments;
  const answer = answerText(pair);
  const statement = statementIn(texts, { answer, question: pair.question, language: spoken });
  const own = paradigm.check?.(given, { language: spoken });
  const fault =
    formFault(pair, { texts, paradigm }) ??
    languageFault(pair, { expected, ofDocuments }) ??
    exemplarFault(pair, exemplar) ??
    leakFault(pair, { paradigm, language: spoken }) ??
    subjectFault(pair, { texts, paradigm, language: spoken }) ??
    ownFault(own) ??
    statementFault(pair, { texts, answer, statement, paradigm, language: spoken }) ??
    unusedFault(pair, { texts, paradigm, language: spoken });
  const isStated = paradigm.relation.answerStated === true && statement.form !== "none" && !verdictOf(answer);
  const isShown = own === undefined ? isStated : own === "shown";
  const evidence: LexicalEvidence = {
    answerWordsInDocuments: Math.round(statement.share * 1000) / 1000,
    stated: verdictOf(answer) ? undefined : statement.form,
    statedIn: verdictOf(answer) ? undefined : statement.documents,
    missing: statement.missing.length > 0 ? statement.missing : undefined,
    language: spoken || undefined,
    shown: fault?.shown,
    relation: fault ? undefined : isShown ? "shown" : "unproved",
  };
  if (!fault) return { ok: true, evidence };
  const { reason, detail } = fault;
  return { ok: false, reason, detail, evidence };
}

/** Whether the answers of a paradigm say what the documents lack, so that saying so is no fault. */
function isOfLack({ relation }: Paradigm): boolean {
  return relation.documentsAre === "lacking";
}

function ownFault(verdict: WordVerdict | undefined): Fault {
  // Reasons of users' paradigms are told as they are.
  return typeof verdict === "object" ? { ...verdict, reason: verdict.reason as ParadigmFault } : undefined;
}

function formFault(
  { question, answer, options }: Pair,
  { texts, paradigm }: { texts: readonly string[]; paradigm: Paradigm },
): Fault {
  const hasOptions = options !== undefined;
  const mayLack = isOfLack(paradigm);
  const found =
    textFault(question, { as: "question", hasOptions, documents: texts }) ??
    textFault(answer, { as: "answer", hasOptions, mayLack, documents: texts }) ??
    brokenQuestion(question, { hasOptions }) ??
    (hasOptions ? undefined : brokenAnswer(answer));
  if (found) return faultOf(found);
  const inQuestion = pointsAtDocument(question, { subject: texts.join("\n") });
  if (inQuestion) return { reason: "points-at-document", detail: `the question says “${inQuestion}”` };
  const inAnswer = mayLack ? undefined : pointsAtDocument(answer);
  return inAnswer ? { reason: "points-at-document", detail: `the answer says “${inAnswer}”` } : undefined;
}

function faultOf({ reason, detail, evidence }: TextFinding): Fault {
  return { reason, detail, shown: evidence };
}

function languageFault(
  { question, answer }: Pair,
  { expected, ofDocuments }: { expected: string | undefined; ofDocuments: LanguageGuess },
): Fault {
  for (const [as, text] of [
    ["question", question],
    ["answer", answer],
  ] as const) {
    const found = foreignLanguage(text, { as, expected, ofDocuments });
    if (found) return { reason: "wrong-language", detail: `the ${as} is in ${found}` };
  }
  return undefined;
}

/** A pair that says nothing of the documents' subject, or nothing beside its own question. */
function subjectFault(
  { question, answer, options }: Pair,
  { texts, paradigm, language }: { texts: readonly string[]; paradigm: Paradigm; language: string | undefined },
): Fault {
  const asked = questionWithOptions({ question, options });
  const empty =
    options || verdictOf(answer) || isOfLack(paradigm) ? undefined : emptyAnswer(answer, question, language);
  // A document that does not help may lack what the question names; one that holds the answer is told by that.
  const { documentsAre, answerStated } = paradigm.relation;
  const isSupported = documentsAre !== "useless" && answerStated !== true;
  const found = empty ?? offSubject(asked, texts) ?? (isSupported ? unknownName(question, texts) : undefined);
  return found && faultOf(found);
}

function exemplarFault({ question }: Pair, exemplar: Pick<Exemplar, "question"> | undefined): Fault {
  if (!exemplar) return undefined;
  const isSame =
    normalizeAnswer(question) === normalizeAnswer(exemplar.question) ||
    jaccard(shingles(question, { size: 2 }), shingles(exemplar.question, { size: 2 })) >= sameQuestion;
  return isSame ? { reason: "same-as-exemplar", detail: "the question repeats the exemplar's" } : undefined;
}

function leakFault(pair: Pair, { paradigm, language }: { paradigm: Paradigm; language: string | undefined }): Fault {
  const leaked = isOfLack(paradigm) ? undefined : leakedAnswer(pair, { language });
  return leaked === undefined
    ? undefined
    : { reason: "leaks-answer", detail: `the question gives its answer away: “${leaked}”` };
}

// A document that has so many of an answer's words states it in other words; reasoning from it may use them too.
const statedShare = { useless: 0.8, helpful: 0.95 };
// Fewer words beside those of the question occur anywhere.
const minAdded = 3;
// What an answer adds to its question in so few words is named by a document that holds them in a row.
const maxNamed = 4;

function statementFault(
  { question, options }: Pair,
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
  if (isOfLack(paradigm)) {
    // In German every noun is written as a name is.
    const missing = statement.missing.filter((fact) => language !== "de" || /\d/.test(fact));
    if (missing.length === 0) return undefined;
    return { reason: "answer-not-in-documents", detail: `no document says ${missing.join(", ")}` };
  }
  if (paradigm.check) return undefined;
  if (answerStated === true && statement.form === "none") {
    const missing = statement.missing.length > 0 ? `, and no document says ${statement.missing.join(", ")}` : "";
    const share = Math.round(statement.share * 100);
    return {
      reason: "answer-not-in-documents",
      detail: `${share}% of the answer's words occur in the documents${missing}`,
    };
  }
  if (answerStated !== false) return undefined;
  if (statement.form === "parts" || texts.some((text) => containsAnswer(text, answer, { language }))) {
    return { reason: "answer-stated", detail: "the answer occurs in the documents word for word" };
  }
  // In other words it occurs there where all that it adds to the question does.
  const said = new Set(canonicalTokens(question));
  const added = tellingTokens(canonicalTokens(answer), { language }).filter((token) => !said.has(token));
  // A sentence that names what the document names: "The largest animal is the blue whale."
  const core = added.filter((token) => !isFrameWord(token));
  if (core.length > 0 && core.length <= maxNamed && !core.every(isNumericToken)) {
    const holding = texts.find((text) => holdsTokens(canonicalTokens(text), core));
    if (holding !== undefined) return { reason: "answer-stated", detail: `the documents name “${core.join(" ")}”` };
  }
  const share = paradigm.relation.documentsAre === "useless" ? statedShare.useless : statedShare.helpful;
  if (statement.form !== "words" || added.length < minAdded || statement.share < share) return undefined;
  const percent = Math.round(statement.share * 100);
  return { reason: "answer-stated", detail: `${percent}% of the answer's words occur in the documents` };
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
  const { documentsAre } = paradigm.relation;
  if (texts.length < 2 || documentsAre === "useless" || documentsAre === "lacking") return undefined;
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
