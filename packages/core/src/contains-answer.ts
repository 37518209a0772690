import { canonicalTokens, holdsTokens, isFunctionToken, tellingTokens, trimFunctionWords } from "./answer-tokens.ts";
import { guessLanguage } from "./language.ts";
import { partsOf, readings, withEnglishNumbers } from "./measures.ts";
import { isAscii } from "./text.ts";

// An answer of up to so many telling words occurs in a text as one run. A longer one counts as copied when the text has most of
// its runs of four words.
const maxTellingWords = 8;
const runLength = 4;
const copiedShare = 0.6;

/**
 * Whether a text states an answer, in whatever form its words, numbers, dates and units are written: "twenty kilometres" states
 * "20 km", "3. März 1999" states "March 3, 1999". Case, accents, plurals and function words at both ends of the answer do not
 * count. In scripts without spaces the answer may occur inside a run. An answer of more than eight telling words is stated by a
 * text that has most of its runs of four words. An empty answer is never contained.
 * @param options.language ISO 639-1 code of the language whose function words do not count. @default guessed from the text
 */
export function containsAnswer(text: string, answer: string, options: { language?: string | undefined } = {}): boolean {
  // A number of three digits behind a full stop or a comma is read by the language; to guess it costs more than most answers need.
  const hasMarks = /\d[.,]\d{3}/.test(answer) || /\d[.,]\d{3}/.test(text);
  const language = options.language ?? (hasMarks ? guessLanguage(text).language : undefined);
  const english = hasMarks ? withEnglishNumbers(text, language) : text;
  return readings(hasMarks ? withEnglishNumbers(answer, language) : answer).some((reading) =>
    containsReading(english, reading, language),
  );
}

function containsReading(text: string, answer: string, known: string | undefined): boolean {
  const wanted = canonicalTokens(answer);
  if (wanted.length === 0 || lacksWords(text, wanted)) return false;
  const tokens = canonicalTokens(text);
  if (holdsTokens(tokens, wanted)) return true;
  const language = known ?? guessLanguage(text).language;
  if (tellingTokens(wanted, { language }).length <= maxTellingWords) {
    return holdsTokens(tokens, trimFunctionWords(wanted, { language })) || holdsParts(tokens, answer, language);
  }
  const runs = wanted.slice(runLength - 1).map((_, i) => wanted.slice(i, i + runLength));
  return runs.filter((run) => holdsTokens(tokens, run)).length >= copiedShare * runs.length;
}

const minParts = 2;

/** Whether tokens hold each part of a list, in whatever order. */
function holdsParts(tokens: readonly string[], answer: string, language: string | undefined): boolean {
  const parts = partsOf(answer);
  return (
    parts.length >= minParts &&
    parts.every((part) => holdsTokens(tokens, trimFunctionWords(canonicalTokens(part), { language })))
  );
}

// Every token of so many letters is spelled in a text as it is, but for apostrophes and the ending of a plural; shorter ones may be
// a unit's symbol.
const minSpelled = 5;

/**
 * Whether words of an answer are missing in a text so that it cannot state it. Most texts lack them, and for plain ASCII that
 * is seen without cutting the text into tokens, which takes many times as long.
 */
function lacksWords(text: string, wanted: readonly string[]): boolean {
  const spelled = wanted.map((token) => token.length >= minSpelled && /^[a-z]+$/.test(token) && token !== "square");
  if (!spelled.includes(true) || !isAscii(text)) return false;
  const plain = text.toLowerCase().replace(/['`]/g, "");
  const isMissing = wanted.map(
    (token, i) => spelled[i]! && !plain.includes(token.replace(/y$/, "")) && !isFunctionToken(token),
  );
  if (new Set(wanted).size <= maxTellingWords) return isMissing.includes(true);
  const runs = wanted.length - runLength + 1;
  let broken = 0;
  for (let i = 0; i < runs; i++) if (isMissing.slice(i, i + runLength).includes(true)) broken++;
  return runs - broken < copiedShare * runs;
}
