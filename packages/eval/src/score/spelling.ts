import { normalizeAnswer, numberWords } from "@rag-instruct/core";

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
/** "J. K.", "U.S.": capitals with points stand together. */
const initials = /(?<![\p{L}\p{N}])\p{Lu}\.(?:\s?\p{Lu}\.)+/gu;

/**
 * A text as a lenient reader takes it: beside {@link normalizeAnswer}, without the marks of Latin letters (Rodríguez is Rodriguez), without
 * possessives and endings behind an apostrophe, with initials together, dashes as spaces, and numbers of one word in digits. Two texts
 * are compared by it only where their normalised forms do not agree.
 */
export function lenientSpelling(text: string): string {
  const plain = text
    .replace(/[‘’ʼ´`]/g, "'")
    .replace(elision, "")
    .replace(ending, "")
    .replace(initials, (found) => found.replace(/[.\s]/g, ""))
    .replace(/[-\u2010-\u2015\u2212]/g, " ")
    .normalize("NFD")
    .replace(/(?<=\p{Script=Latin})\p{M}+/gu, "")
    .normalize("NFC");
  return normalizeAnswer(plain.toLowerCase().replace(oddLetter, (letter) => letters[letter]!))
    .split(" ")
    .map((word) => String(numberWords.get(word) ?? word))
    .join(" ");
}
