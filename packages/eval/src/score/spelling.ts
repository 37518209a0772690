import { mayBeginNumber, normalizeAnswer, readNumber } from "@rag-instruct/core";

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
  const plain = joinInitials(words)
    .replace(shortRange, (range, century, from, to) => (to > from ? `${century}${from} ${century}${to}` : range))
    .replace(romanNumber, (roman) => String(romanValue(roman)))
    .replace(mixedNumber, (_, sign, written) => fractions[sign ?? written]!)
    .replace(/[-\u2010-\u2015\u2212]/g, " ")
    .normalize("NFD")
    .replace(/(?<=\p{Script=Latin})\p{M}+/gu, "")
    .normalize("NFC");
  return inDigits(normalizeAnswer(plain.toLowerCase().replace(oddLetter, (letter) => letters[letter]!)));
}

/** A normalised text with its numbers and ordinals in digits. */
function inDigits(text: string): string {
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
