import {
  canonicalTokens,
  citedNumbers,
  isNumericToken,
  sentencesOf,
  stemOf,
  tellingTokens,
  withoutCitations,
} from "@rag-instruct/core";
import { type CheckedPair, defineParadigm, type WordVerdict } from "./paradigm.ts";
import { documentText, inEnglishNumbers, saysScale, scales, tellingStems } from "./word-checks.ts";

const instructions = `
You get several documents. Write a question whose answer takes something from every one of them, and an answer of several sentences. The
documents state all that the answer says: keep their names, numbers and terms, and add nothing that they do not say.
Every sentence of the answer ends, before its full stop, with the number of the document that states it in square brackets, such as [1]; one
that joins what several documents say carries the numbers of all of these, such as [1][3]. No sentence goes without.
`;

const answerRules = `
- The answer reads as if given to somebody who sees the same documents under the same numbers; it names none of them in words.
`;

const judging = `
Numbers in square brackets in the answer name documents. "answer" is "right" only where each sentence is stated by the documents whose numbers it
carries.
`;

/** Every sentence of the answer carries the numbers of the documents that state it. */
export const citedAnswer = defineParadigm({
  id: "cited-answer",
  documents: { min: 2, max: 4 },
  instructions,
  answerRules,
  judging,
  about:
    "The documents state the answer: each of its sentences carries the numbers of those that do, and each document is needed.",
  tasks: ["open", "comparison", "multi-hop", "how-to", "summary", "list", "long-form"],
  relation: { answerStated: true, documentsAre: "required" },
  cites: true,
  check: inEnglishNumbers(check),
});

/** A sentence of an answer, or a part of one, and the documents that it cites. */
interface CitingText {
  text: string;
  cited: number[];
}

const marks = "(?: ?\\[\\d{1,2}(?:, ?\\d{1,2}){0,19}\\])+";
// Marks behind a full stop belong to the sentence before it.
const behindStop = new RegExp(`([.!?。！？])(${marks})`, "g");
const apart = new RegExp(`(${marks})`);

/** The sentences of an answer, each with its parts where several are cited one by one: "by day [1], and by night [2]". */
function citingSentences(answer: string): (CitingText & { parts: CitingText[] })[] {
  // An answer whose sentences begin with their marks.
  const isLed = /^\s*\[/.test(answer);
  return sentencesOf(isLed ? answer : answer.replace(behindStop, "$2$1")).map((sentence) => {
    const pieces = sentence.split(apart);
    const parts = pieces.flatMap((text, i) =>
      i % 2 === 0 && i + 1 < pieces.length ? [{ text, cited: citedNumbers(pieces[i + 1]!) }] : [],
    );
    return { text: withoutCitations(sentence), cited: citedNumbers(sentence), parts };
  });
}

// A sentence is stated by documents that have so large a part of its telling words; what the question says counts for nothing.
const minStated = 0.5;
// Another document states a sentence better where it has so many more of its words.
const plainlyBetter = 2;
// Fewer words beside those of the question say nothing that needs a document.
const minClaim = 2;

function check({ question, answer, documents }: CheckedPair, { language }: { language?: string }): WordVerdict {
  const texts = documents.map((document) => wordsOfDocument(documentText(document)));
  const asked = new Set(tellingStems(question, language));
  const sentences = citingSentences(answer);
  const unknown = sentences.flatMap(({ cited }) => cited).find((number) => !texts[number - 1]);
  if (unknown !== undefined) return { reason: "citation-unproved", detail: `there is no document ${unknown}` };
  for (const { text, cited, parts } of sentences) {
    const claim = claimOf(text, { asked, language });
    if (cited.length === 0) {
      if (claim.length < minClaim || /[:：]$/.test(text)) continue;
      return { reason: "sentence-uncited", detail: `“${text.slice(0, 120)}” carries no number` };
    }
    const claims = parts.map((part) => ({ ...part, claim: claimOf(part.text, { asked, language }) }));
    const fault = citationFault(claim, { cited, texts }) ?? partFault(claims, texts);
    if (fault) return { reason: "citation-unproved", detail: `“${text.slice(0, 120)}”: ${fault}` };
  }
  const all = new Set(sentences.flatMap(({ cited }) => cited));
  if (all.size === 0) return { reason: "sentence-uncited", detail: "no sentence carries a number" };
  const uncited = texts.findIndex((_, i) => !all.has(i + 1));
  return uncited < 0 ? "shown" : { reason: "document-unused", detail: `no sentence cites document ${uncited + 1}` };
}

interface DocumentWords {
  tokens: ReadonlySet<string>;
  stems: ReadonlySet<string>;
}

function wordsOfDocument(text: string): DocumentWords {
  const tokens = canonicalTokens(text);
  // "From 4.2 to 3.9 billion" says of both what they count.
  const large = saysScale.test(text) ? tokens.filter((token) => isNumericToken(token) && Number(token) >= 1e3) : [];
  const counted = large.flatMap((token) => scales.map((scale) => String(Number(token) / scale)));
  return { tokens: new Set([...tokens, ...counted]), stems: new Set(tokens.map(stemOf)) };
}

/** What a sentence says beside its question. */
function claimOf(
  text: string,
  { asked, language }: { asked: ReadonlySet<string>; language: string | undefined },
): string[] {
  // "The one that was used last" counts nothing.
  const tokens = canonicalTokens(text.replace(/(?<![\p{L}-])one(?!\s(?:hundred|thousand|million))(?!\p{L})/giu, " "));
  return tellingTokens(tokens, { language }).filter((token) => !asked.has(stemOf(token)));
}

function holds({ tokens, stems }: DocumentWords, token: string): boolean {
  return isNumericToken(token) ? tokens.has(token) : stems.has(stemOf(token));
}

/** What is wrong with the numbers that a sentence carries. */
function citationFault(
  claim: readonly string[],
  { cited, texts }: { cited: readonly number[]; texts: readonly DocumentWords[] },
): string | undefined {
  if (claim.length === 0) return undefined;
  const named = cited.map((number) => texts[number - 1]!);
  const isStated = (token: string) => named.some((words) => holds(words, token));
  const missing = claim.find((token) => isNumericToken(token) && !isStated(token));
  if (missing !== undefined) return `no document that it cites says ${missing}`;
  const stated = claim.filter(isStated).length;
  if (stated < minStated * claim.length) return `the cited documents have ${stated} of ${claim.length} of its words`;
  const idle = cited.find((_, i) => !claim.some((token) => holds(named[i]!, token)));
  if (idle !== undefined) return `document ${idle} says nothing of it`;
  const better = texts.findIndex(
    (words, i) =>
      !cited.includes(i + 1) && claim.filter((token) => holds(words, token)).length >= stated + plainlyBetter,
  );
  return better < 0 ? undefined : `document ${better + 1} states it, which it does not cite`;
}

/** What is wrong with the numbers of one of several parts; of a sentence that begins with a number no part is known. */
function partFault(
  parts: readonly (CitingText & { claim: readonly string[] })[],
  texts: readonly DocumentWords[],
): string | undefined {
  if (parts.length < 2 || parts[0]!.claim.length === 0) return undefined;
  for (const { text, claim, cited } of parts) {
    const named = cited.map((number) => texts[number - 1]!);
    const statedBy = (documents: readonly DocumentWords[]) =>
      claim.filter((token) => documents.some((words) => holds(words, token)));
    const stated = statedBy(named);
    const missing = claim.find((token) => isNumericToken(token) && !stated.includes(token));
    if (missing !== undefined) return `no document that “${text.trim()}” cites says ${missing}`;
    const idle = claim.length === 0 ? undefined : cited.find((_, i) => statedBy([named[i]!]).length === 0);
    if (idle !== undefined) return `document ${idle} says nothing of “${text.trim()}”`;
    const better = texts.findIndex((words) => statedBy([words]).length >= stated.length + plainlyBetter);
    if (better >= 0) return `document ${better + 1} states “${text.trim()}”, which it does not cite`;
  }
  return undefined;
}
