import { canonicalTokens, guessLanguage, isNumericToken, stemOf, tellingTokens } from "@rag-instruct/core";
import { finding, type TextFinding } from "./text-finding.ts";

// Words that questions of any subject have.
const ofAnySubject: ReadonlySet<string> = new Set(
  "name named called call kind kinds type sort example purpose difference different main major key important best better good way ways people person thing things year years time times day number many much more most some few first last one two three use used uses using make makes made get gets give given take work works need needed help explain describe list tell write know known think mean meaning happen happens cause effect result reason reasons answer question following true false statement correct right wrong part parts process role order large largest small long old new high world country new also only same other another each every between about after before during without within"
    .split(" ")
    .flatMap((word) => canonicalTokens(word)),
);
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
// In these a word takes beginnings and endings, so pieces of words are compared.
const agglutinating =
  /[\p{Script=Hangul}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}]/u;
const quotation = /["“„«`'‘][^"”“»`'’\n]{2,80}["”“»`'’]/gu;
const minPiece = 3;
const minCompound = 5;

/**
 * What says that a question never speaks of what documents are about: no telling word of it occurs in one of them, in any form. A
 * question in another script or language than the documents cannot be told so.
 */
export function offSubject(question: string, documents: readonly string[]): TextFinding | undefined {
  const asked = guessLanguage(question);
  const subject = documents.join("\n");
  const about = guessLanguage(subject);
  if (asked.script !== about.script && !spaceless.test(question)) return undefined;
  if (asked.language && about.language && asked.language !== about.language) return undefined;
  // What is quoted is meant itself: “How is the word "first" spelled?”
  const quoted = new Set(canonicalTokens((question.match(quotation) ?? []).join(" ")));
  const telling = tellingTokens(canonicalTokens(question), { language: about.language }).filter(
    (token) => quoted.has(token) || isTelling(token),
  );
  // Words of any subject alone name none: "Which is the largest country?"
  if (telling.length === 0) return about.language === "en" ? off(tellingTokens(canonicalTokens(question))) : undefined;
  const said = canonicalTokens(subject);
  if (spaceless.test(question)) return sharesRun(canonicalTokens(question), said) ? undefined : off(telling);
  const words = new Set(said);
  const stems = new Set(said.map(stemOf));
  const text = said.join(" ");
  const isShared = (token: string) =>
    words.has(token) ||
    stems.has(stemOf(token)) ||
    (token.length >= minCompound && text.includes(stemOf(token))) ||
    (agglutinating.test(token) && pieces(token).some((piece) => text.includes(piece))) ||
    said.some((word) => word.length >= minCompound && token.includes(word));
  return telling.some(isShared) ? undefined : off(telling);
}

const codeName = /`([^`\n]{2,60})`/g;

/** What says that a question is about a name in code that no document has: it was made up, or the document is another's. */
export function unknownName(question: string, documents: readonly string[]): TextFinding | undefined {
  const subject = documents.join("\n").toLowerCase();
  const names = [...question.matchAll(codeName)].map(([, name = ""]) => name.replace(/\(\)$/, "").trim());
  const unknown = names.find((name) => !subject.includes(name.toLowerCase()));
  return unknown === undefined
    ? undefined
    : finding("off-subject", `no document has the name “${unknown}”`, `\`${unknown}\``);
}

function isTelling(token: string): boolean {
  return !ofAnySubject.has(token) && !(isNumericToken(token) && token.length < 3);
}

function off(telling: readonly string[]): TextFinding {
  const words = telling.slice(0, 6).join(", ");
  return finding("off-subject", `no document speaks of ${words}`, words);
}

/** Whether two characters in a row of a script without spaces, or a word between them, occur in the documents. */
function sharesRun(question: readonly string[], said: readonly string[]): boolean {
  const text = ` ${said.join(" ")} `;
  return question.some((token, i) => {
    const next = question[i + 1];
    if (!spaceless.test(token)) return token.length > 1 && text.includes(` ${token} `);
    return (
      next !== undefined &&
      spaceless.test(next) &&
      text.includes(` ${token} ${next} `) &&
      !/[\p{Script=Hiragana}]/u.test(token + next)
    );
  });
}

function pieces(token: string): string[] {
  const size = Math.min(/\p{Script=Hangul}/u.test(token) ? 2 : minPiece, token.length);
  return Array.from({ length: token.length - size + 1 }, (_, i) => token.slice(i, i + size));
}
