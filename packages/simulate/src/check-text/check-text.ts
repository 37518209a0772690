import { guessedLanguages, guessLanguage } from "@rag-instruct/core";
import { foreignLanguage, languageCode } from "../language.ts";
import {
  controlCharacterIn,
  placeholderIn,
  repetitionIn,
  templateLeftoverIn,
  withoutCode,
} from "./generation-faults.ts";
import { nonAnswerIn } from "./non-answer.ts";
import { restatesQuestion, tautologyIn } from "./restating.ts";
import { offSubject } from "./subject.ts";
import { finding, type TextFinding } from "./text-finding.ts";
import { brokenAnswer, brokenQuestion } from "./whole-question.ts";

/** What a text is checked as, and what it is compared with. */
export interface TextContext {
  /** `text` is looked at for what no text may hold; a question and an answer for their own forms besides. @default "text" */
  as?: "question" | "answer" | "text";
  /** The question that an answer is given to. @default unknown: the answer is not compared with it */
  question?: string;
  /** Whether choices stand beside a question; an answer then is a letter. @default false */
  hasOptions?: boolean;
  /** What question and answer are about. What they themselves say, code or "unknown", is no fault. @default none */
  documents?: readonly string[];
  /** The language the text should be in, by code or name. @default that of the documents */
  language?: string;
}

/**
 * Checks a text by its form alone, for free, and gives the first fault found: control characters, what is left of a template, places
 * to be filled in, a refusal or another non-answer in two dozen languages, a model that ran in a circle, a question that is none or
 * breaks off, an answer that breaks off or only says the question again, a question that never speaks of the documents' subject, a
 * wrong language. Undefined where nothing is wrong. Takes time in proportion to the text.
 *
 * ```ts
 * checkText("As a language model, I can’t say.", { as: "answer" });
 * // { reason: "refusal", detail: "the model speaks of itself: “as a language model”", evidence: "As a language model, I can’t say." }
 * ```
 */
export function checkText(text: string, context: TextContext = {}): TextFinding | undefined {
  const ends =
    text.length > 2 * longestCompared ? `${text.slice(0, longestCompared)} ${text.slice(-longestCompared)}` : text;
  return textFault(text, context) ?? ownFault(ends, context) ?? relationFault(ends, context);
}

// Of a longer text the beginning and the end are compared with question and documents, so many characters each.
const longestCompared = 20_000;

/** What no text may hold, whatever it is. @param context.mayLack whether an answer may say that something is not known. @default false */
export function textFault(
  text: string,
  { as = "text", documents = [], hasOptions = false, mayLack = false }: TextContext & { mayLack?: boolean },
): TextFinding | undefined {
  const prose = withoutCode(text);
  const isQuoted = (found: TextFinding | undefined) =>
    found !== undefined && documents.some((document) => document.includes(found.evidence));
  const notQuoted = (found: TextFinding | undefined) => (isQuoted(found) ? undefined : found);
  // The answer to a question with choices is a letter; a question without a mark of its kind may be a refusal too.
  const mayRefuse = as !== "question" ? !hasOptions && !mayLack : !/[?？؟]/.test(text);
  return (
    controlCharacterIn(text) ??
    notQuoted(templateLeftoverIn(prose)) ??
    notQuoted(placeholderIn(prose)) ??
    (mayRefuse ? notQuoted(nonAnswerIn(text)) : undefined) ??
    notQuoted(repetitionIn(text))
  );
}

/** What is wrong with a question or an answer taken alone. */
function ownFault(text: string, { as, hasOptions }: TextContext): TextFinding | undefined {
  if (as === "question") return brokenQuestion(text, { hasOptions });
  return as === "answer" && !hasOptions ? brokenAnswer(text) : undefined;
}

/** What is wrong beside the question or the documents. */
function relationFault(
  text: string,
  { as, question, hasOptions, documents, language }: TextContext,
): TextFinding | undefined {
  if (as !== "question" && as !== "answer") return undefined;
  const ofDocuments = guessLanguage(documents?.join("\n") ?? "");
  if (as === "answer" && !hasOptions) {
    const found = emptyAnswer(text, question, ofDocuments.language);
    if (found) return found;
  }
  if (as === "question" && documents) {
    const found = offSubject(text, documents);
    if (found) return found;
  }
  const wanted = language === undefined ? undefined : languageCode(language);
  const expected = guessedLanguages.find((code) => code === wanted);
  const foreign = foreignLanguage(text, { as, expected, ofDocuments });
  return foreign === undefined ? undefined : finding("wrong-language", `the ${as} is in ${foreign}`, text);
}

/** What shows that an answer says nothing of its own. */
export function emptyAnswer(
  answer: string,
  question: string | undefined,
  language: string | undefined,
): TextFinding | undefined {
  return (
    (question === undefined ? undefined : restatesQuestion(answer, question, { language })) ??
    tautologyIn(answer, { language })
  );
}
