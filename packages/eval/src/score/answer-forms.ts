import { mayBeginNumber, normalizeAnswer, readNumber } from "@rag-instruct/core";
import { inOneSpelling } from "./other-spellings.ts";

const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const smallNumbers = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];
const isoDate = /^(\d{4})-(\d{2})-(\d{2})$/;
const dayMonthYear = new RegExp(`^(\\d{1,2})(?:st|nd|rd|th)? (?:of )?(${months.join("|")}) (\\d{4})$`);
const monthDayYear = new RegExp(`^(${months.join("|")}) (\\d{1,2})(?:st|nd|rd|th)? (\\d{4})$`);

/**
 * The normalised forms in which a model may give an answer: as it is, small numbers in digits and in words, dates
 * as ISO, day–month–year and month–day–year. The first is {@link normalizeAnswer}'s.
 */
export function answerForms(answer: string): string[] {
  const normalized = normalizeAnswer(answer);
  const forms = new Set([normalized]);
  const whole = /^(\d+)\.0+$/.exec(normalized)?.[1];
  if (whole) forms.add(whole);
  const number = smallNumbers.indexOf(normalized);
  if (number >= 0) forms.add(String(number));
  const word = /^\d{1,2}$/.test(normalized) ? smallNumbers[Number(normalized)] : undefined;
  if (word) forms.add(word);
  for (const form of dateForms(normalized)) forms.add(form);
  return [...forms];
}

/** Whether a normalised text has a form as whole words; in scripts without spaces the form may stand inside a run. */
export function containsForm(normalized: string, form: string): boolean {
  return form !== "" && ` ${normalized} `.includes(hasSpacelessScript(form) ? form : ` ${form} `);
}

function hasSpacelessScript(text: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(text);
}

function dateForms(normalized: string): string[] {
  const date = readDate(normalized);
  if (!date) return [];
  const [year, month, day] = date;
  const name = months[month - 1]!;
  const two = (n: number) => String(n).padStart(2, "0");
  const written = [String(day), `${day}${ordinalSuffix(day)}`].flatMap((d) => [
    `${d} ${name} ${year}`,
    `${d} of ${name} ${year}`,
    `${name} ${d} ${year}`,
  ]);
  // Numbers alone are read by either custom, as nothing says which was meant.
  const numbers = [day, month].flatMap((first) => {
    const second = first === day ? month : day;
    return [".", "/", "-"].flatMap((mark) => [
      `${first}${mark}${second}${mark}${year}`,
      `${two(first)}${mark}${two(second)}${mark}${year}`,
    ]);
  });
  const eastAsian = [`${year}年${month}月${day}日`, `${year}년 ${month}월 ${day}일`];
  return [`${year}-${two(month)}-${two(day)}`, ...written, ...numbers, ...eastAsian];
}

function ordinalSuffix(day: number): string {
  if (day >= 11 && day <= 13) return "th";
  return ["th", "st", "nd", "rd"][day % 10] ?? "th";
}

function readDate(normalized: string): [year: number, month: number, day: number] | undefined {
  const iso = normalized.match(isoDate);
  if (iso && Number(iso[2]) >= 1 && Number(iso[2]) <= 12) return [Number(iso[1]), Number(iso[2]), Number(iso[3])];
  const dmy = normalized.match(dayMonthYear);
  if (dmy) return [Number(dmy[3]), months.indexOf(dmy[2]!) + 1, Number(dmy[1])];
  const mdy = normalized.match(monthDayYear);
  if (mdy) return [Number(mdy[3]), months.indexOf(mdy[1]!) + 1, Number(mdy[2])];
  return undefined;
}

/** Letters that are no letter and mark for Unicode, as people who lack them write them. */
const letters: Readonly<Record<string, string>> = {
  ß: "ss",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  æ: "ae",
  œ: "oe",
  ı: "i",
};
const oddLetter = new RegExp(`[${Object.keys(letters).join("")}]`, "g");

/** "l'école" is école: articles and pronouns that French and Italian write on. */
const elision = /(?<![\p{L}\p{N}])(?:l|d|j|m|t|s|c|n|qu|dell|all|nell|un)'(?=\p{L}{2})/giu;
/** "Mozart's", "Ankara'dır": what follows an apostrophe at the end of a word is an ending. */
const ending = /(?<=\p{L}{2})'\p{L}{1,6}(?!\p{L})/gu;
/** "isn't", "couldn’t". */
const contractedNot = /(?<=\p{L})n't(?!\p{L})/giu;
/** "1939-45". */
const shortRange = /(?<!\d)(\d\d)(\d\d)\s?[-\u2010-\u2015\u2212]\s?(\d\d)(?![\d/-])/gu;
/** Behind a name: "World War II", "Henry VIII". A single letter may be an initial. */
const romanNumber = /(?<=\p{L} )(?:X{0,3}(?:IX|IV|V?I{2,3}|VI)|X{2,3}V?|XV|X{1,3}I)(?![\p{L}\p{N}.'-])/gu;
const romanDigits: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10 };
const fractions: Readonly<Record<string, string>> = {
  "½": ".5",
  "¼": ".25",
  "¾": ".75",
  "1/2": ".5",
  "1/4": ".25",
  "3/4": ".75",
};
const mixedNumber = /(?<=\d)(?:\s?([½¼¾])|\s(1\/2|1\/4|3\/4)(?![\d/]))/gu;
/** "J. K.", "U.S.": capitals with points stand together. */
const initials = /(?<![\p{L}\p{N}])\p{Lu}\.(?:\s?\p{Lu}\.)+/gu;

/** A text with its initials together: "J. K." is "JK". */
export function joinInitials(text: string): string {
  return text.replace(initials, (found) => found.replace(/[.\s]/g, ""));
}

/**
 * A text as a lenient reader takes it: beside {@link normalizeAnswer}, without the marks of Latin letters (Rodríguez is Rodriguez), without
 * possessives and endings behind an apostrophe, with initials together, dashes as spaces, short ranges of years in full, and numbers in
 * words, Roman ones, ordinals and mixed ones in digits. Two texts are compared by it only where their normalised forms do not agree.
 */
export function lenientSpelling(text: string): string {
  const words = text
    .replace(/[‘’ʼ´`]/g, "'")
    .replace(contractedNot, " not")
    .replace(elision, "")
    .replace(ending, "");
  const plain = inOneSpelling(joinInitials(words))
    .replace(shortRange, (range, century, from, to) => (to > from ? `${century}${from} ${century}${to}` : range))
    .replace(romanNumber, (roman) => String(romanValue(roman)))
    .replace(mixedNumber, (_, sign, written) => fractions[sign ?? written]!)
    .replace(/[-\u2010-\u2015\u2212]/g, " ")
    .normalize("NFD")
    .replace(/(?<=\p{Script=Latin})\p{M}+|(?<=[\p{Script=Greek}\p{Script=Cyrillic}])\u0301/gu, "")
    .normalize("NFC");
  return inDigits(normalizeAnswer(plain.toLowerCase().replace(oddLetter, (letter) => letters[letter]!)));
}

/** A normalised text with its numbers and ordinals in digits. */
export function inDigits(text: string): string {
  const words = text.split(" ");
  const written: string[] = [];
  for (let at = 0; at < words.length; ) {
    const number = mayBeginNumber(words[at]!) ? readNumber(words, at) : undefined;
    written.push(number?.token ?? words[at]!);
    at = number?.next ?? at + 1;
  }
  return written.join(" ");
}

function romanValue(roman: string): number {
  const digits = Array.from(roman, (letter) => romanDigits[letter]!);
  return digits.reduce((sum, digit, i) => (digit < (digits[i + 1] ?? 0) ? sum - digit : sum + digit), 0);
}

const umlauts: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", ø: "oe", å: "aa" };

/** The lenient spellings of a gold: those of its letters with marks, which may also be written as two. */
export function lenientSpellings(gold: string): string[] {
  const plain = gold.normalize("NFC");
  const paired = plain.replace(/[äöüøå]/giu, (letter) => umlauts[letter.toLowerCase()]!);
  return paired === plain ? [lenientSpelling(gold)] : [lenientSpelling(gold), lenientSpelling(paired)];
}
