import { canonicalTokens, holdsTokens, isFunctionToken, tellingTokens, trimFunctionWords } from "./answer-tokens.ts";
import { monthNumber } from "./dates.ts";
import { guessLanguage } from "./language.ts";
import { foldText, isAscii } from "./text.ts";

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
  const texts = /\d/.test(answer) ? dateReadings(english) : [english];
  return dateReadings(hasMarks ? withEnglishNumbers(answer, language) : answer).some((reading) =>
    texts.some((each) => containsReading(each, reading, language)),
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
  const parts = listParts(answer);
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

const commaDecimals: ReadonlySet<string> = new Set("de fr es it pt nl sv da no fi pl cs ru uk tr id el".split(" "));
const ambiguousDate = /(?<![\d/-])(0?[1-9]|1[0-2])([/-])(0?[1-9]|1[0-2])\2(\d{4})(?![\d/-])/g;

/** A text with its numbers as English writes them, where its language writes 1.250 for what English writes 1,250. */
export function withEnglishNumbers(text: string, language: string | undefined): string {
  if (language === undefined || !commaDecimals.has(language) || !/\d[.,]\d/.test(text)) return text;
  return text.replace(
    /(?<![\d.,])(\d{1,3})([.,])(\d{3})(?![\d.,]?\d)/g,
    (_, whole: string, mark: string, rest: string) => (mark === "." ? whole + rest : `${whole}.${rest}`),
  );
}

/** What a text may mean: one with dates such as 03/04/1999 means the third of April or the fourth of March. */
export function dateReadings(text: string): string[] {
  const dated = (order: string) => text.replace(ambiguousDate, order);
  const dayFirst = dated("$4-$3-$1");
  return dayFirst === text ? [text] : [dayFirst, dated("$4-$1-$3")];
}

/** The parts of a list: what stands between commas, semicolons, slashes, line ends and "and" in several languages. */
export function listParts(answer: string): string[] {
  return answer
    .replace(/[.!。]\s*$/, "")
    .split(
      /[;,/\n；，、]|\s(?:and|und|et|y|e|en|och|og|i|oraz|ve|dan|и|та|و)\s|\s&\s|(?<=\p{Script=Han})[和与與及]|と(?=\p{Script=Han})/u,
    )
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/**
 * The sentence of a text that shares most telling words with others, its white space as one blank; of equals the shortest. Headings of
 * Markdown are no sentences.
 * @param about what the words are compared with: a question and its answer
 * @param options.atLeast words that must be shared. @default 0
 */
export function tellingSentence(text: string, about: string, { atLeast = 0 } = {}): string | undefined {
  const wanted = new Set(tellingTokens(canonicalTokens(about)));
  const [best] = sentencesOf(text.replace(/^#+ .*$/gm, ""))
    .map((sentence) => ({
      sentence,
      shared: new Set(canonicalTokens(sentence).filter((token) => wanted.has(token))).size,
    }))
    .sort((a, b) => b.shared - a.shared || a.sentence.length - b.sentence.length);
  return best && best.shared >= atLeast ? best.sentence : undefined;
}

let segmenter: Intl.Segmenter | undefined;

// What a point stands behind within a sentence: titles, initials of a name, and what a number follows.
const title =
  /(?<![\p{L}\p{N}])(?:Dr|Mr|Mrs|Ms|Prof|St|Mt|Mme|Mlle|Sr|Sra|Dra|Hr|Fr|Ing|Col|Gen|Lt|Capt|Rev|Hon|vs|e\.g|i\.e|cf|bzw|z\. ?B|d\. ?h|u\. ?a)\.$/u;
const initial = /(?:^|\p{Lu}\p{Ll}{1,40} |\. ?)\p{Lu}\.$/u;
const letter = /(?<!\p{L})\p{L}\.$/u;
const counted =
  /(?<![\p{L}\p{N}])(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|No|Nr|Nos|Vol|Fig|Art|Sec|Ch|pp?|ca|c|approx)\.$/u;

/** Whether a sentence that ends in a point goes on with what follows. */
function goesOn(sentence: string, next: string): boolean {
  if (/(?<!\d)\d{1,2}\.$/.test(sentence)) return beginsWithMonth(next);
  const [last, beginsWithNumber] = [sentence.slice(-60), /^\d/.test(next)];
  if (title.test(last) || (counted.test(last) && beginsWithNumber)) return true;
  return (initial.test(last) && /^\p{Lu}/u.test(next)) || (letter.test(last) && /^\p{Lu}\./u.test(next));
}

/** The sentences of a text, their white space as one blank; "am 1. Juni" and "by Dr. Lund in Feb. 1943" are none of their own. */
export function sentencesOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "sentence" });
  const sentences: string[] = [];
  for (const { segment } of segmenter.segment(text)) {
    const sentence = segment.replace(/\s+/g, " ").trim();
    const before = sentences.at(-1);
    if (before?.endsWith(".") && sentence !== "" && goesOn(before, sentence)) {
      sentences[sentences.length - 1] = `${before} ${sentence}`;
    } else if (sentence !== "") sentences.push(sentence);
  }
  return sentences;
}

function beginsWithMonth(sentence: string): boolean {
  return monthNumber(foldText(/^\p{L}*/u.exec(sentence)![0])) !== undefined;
}
