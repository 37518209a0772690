import { isAscii } from "./text.ts";

// Letters that carry their mark inside and do not come apart by normalisation.
const plain: Readonly<Record<string, string>> = {
  ł: "l",
  ø: "o",
  đ: "d",
  ħ: "h",
  ı: "i",
  ß: "ss",
  æ: "ae",
  œ: "oe",
  þ: "th",
  ð: "d",
};
const marked = new RegExp(`[${Object.keys(plain).join("")}]`, "g");
// The zero of each script's decimal digits, nine more follow.
const zeros = "٠۰०০੦૦୦௦౦೦൦๐໐༠၀០";
const digit = new RegExp(`[${[...zeros].map((zero) => `${zero}-${digitOf(zero, 9)}`).join("")}]`, "g");

/**
 * Lower case in compatibility form (NFKC), without accents and vowel signs, with plain quotes and digits, so that only the letters
 * count.
 */
export function foldText(text: string): string {
  return isAscii(text) ? foldAscii(text) : foldUnicode(text);
}

function foldAscii(text: string): string {
  return text.toLowerCase().replaceAll("`", "'").replace(/\s+/g, " ");
}

function foldUnicode(text: string): string {
  return text
    .replace(/(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))/g, "")
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f\u0591-\u05bd\u0640\u064b-\u0655\u0670]/g, "")
    .normalize("NFC")
    .replace(marked, (letter) => plain[letter]!)
    .replace(digit, (one) => String(numberOf(one)))
    .replace(/[‘’‚‛′`´]/g, "'")
    .replace(/[“”„‟″«»]/g, '"')
    .replace(/[‐‑‒–—―−]/g, "-")
    .replace(/\s+/g, " ");
}

function digitOf(zero: string, value: number): string {
  return String.fromCharCode(zero.charCodeAt(0) + value);
}

function numberOf(one: string): number {
  const zero = [...zeros].find((zero) => one >= zero && one <= digitOf(zero, 9))!;
  return one.charCodeAt(0) - zero.charCodeAt(0);
}
