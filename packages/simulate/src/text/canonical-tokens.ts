import { monthNumber, rewriteDates } from "./dates.ts";
import { foldText } from "./fold.ts";
import { mayBeginNumber, readNumber } from "./numbers.ts";
import { unitSymbol } from "./units.ts";

const spaceless =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const token = new RegExp(
  [
    String.raw`\d+(?:st|nd|rd|th)(?![\p{L}\p{N}])`,
    String.raw`(?<![\p{L}\p{N})])-?\d{1,3}(?:[,']\d{3})+(?:\.\d+)?(?!\d)`,
    String.raw`\d{1,3}(?:\.\d{3}){2,}(?!\d)`,
    String.raw`(?:(?<![\p{L}\p{N})])-)?\d+(?:\.\d+|,\d{1,2}(?![\d,]))?`,
    // In scripts without spaces every character is a token, so that a run of them is found inside another.
    `[${spaceless}]`,
    `(?![${spaceless}])\\p{L}(?:(?![${spaceless}])[\\p{L}\\p{M}\\p{N}_])*(?:'\\p{L}+)*`,
    "[%°$€£¥]",
  ].join("|"),
  "gu",
);
// The checks of one pair ask for the same texts again and again, and documents serve several pairs.
const mostKnown = 64;
const known = new Map<string, readonly string[]>();

const articles = new Set(["a", "an", "the"]);
const currencies = new Set(["$", "€", "£", "¥"]);

/**
 * A text as tokens in which equal things are equal: letters without case and accents, plurals in -s as singulars, English
 * articles left out, numbers in digits (1,234 and "one thousand two hundred and thirty-four"), units as symbols (45 percent
 * and 45%), dates with the year first. What one text states of another is a run of the same tokens.
 */
export function canonicalTokens(text: string): readonly string[] {
  const before = known.get(text);
  if (before) return before;
  const tokens = tokenize(text);
  if (known.size >= mostKnown) known.delete(known.keys().next().value!);
  known.set(text, tokens);
  return tokens;
}

function tokenize(text: string): string[] {
  const words: string[] = rewriteDates(foldText(text).replaceAll("us$", "$")).match(token) ?? [];
  const tokens: string[] = [];
  let currency: string | undefined;
  for (let at = 0; at < words.length; ) {
    const word = words[at]!;
    const next = words[at + 1];
    const { beginsNumber, alone } = canonicalWord(word);
    const number = beginsNumber ? readNumber(words, at) : undefined;
    if (number) {
      tokens.push(number.token);
      at = number.next;
      if (currency) tokens.push(currency);
      currency = undefined;
    } else if (word === "per" && next === "cent" && isMeasured(tokens)) {
      tokens.push("%");
      at += 2;
    } else {
      if (currencies.has(word) && /^-?\d/.test(next ?? "")) currency = unitSymbol(word);
      else if (alone !== undefined) tokens.push(...(isMeasured(tokens) ? measured(word) : [alone]));
      at++;
    }
  }
  return tokens;
}

/** Whether a token is a number or part of a date. */
export function isNumeric(token: string | undefined): boolean {
  return token !== undefined && /^(?:-?\d|month\d|day\d)/.test(token);
}

/** Whether the next word may be a unit: a number stands before it, or a number and "square". */
function isMeasured(tokens: readonly string[]): boolean {
  const last = tokens.at(-1);
  return isNumeric(last === "square" ? tokens.at(-2) : last);
}

interface CanonicalWord {
  beginsNumber: boolean;
  /** Its token where no number stands before it; undefined for an article and a currency's sign. */
  alone: string | undefined;
}

// Words recur; the table is begun anew before it grows large.
const mostWords = 20_000;
const knownWords = new Map<string, CanonicalWord>();

function canonicalWord(word: string): CanonicalWord {
  const before = knownWords.get(word);
  if (before) return before;
  if (knownWords.size >= mostWords) knownWords.clear();
  const isLeftOut = articles.has(word) || currencies.has(word);
  const plain = plainWord(word);
  const alone = isLeftOut ? undefined : (unitSymbol(plain, { followsNumber: false }) ?? monthToken(plain));
  const canonical = { beginsNumber: mayBeginNumber(word), alone };
  knownWords.set(word, canonical);
  return canonical;
}

/** The tokens of a word behind a number. */
function measured(word: string): string[] {
  const plain = plainWord(word);
  const unit = unitSymbol(plain);
  if (unit) return [unit];
  return /^[kcm]?m2$/.test(plain) ? ["square", plain.slice(0, -1)] : [monthToken(plain)];
}

function monthToken(plain: string): string {
  const month = monthNumber(plain);
  return month === undefined ? plain : `month${month}`;
}

function plainWord(word: string): string {
  return singular(word.replace(/'s$/, "").replaceAll("'", ""));
}

/** The S-stemmer (Harman 1991). */
function singular(word: string): string {
  if (word.length <= 3 || !word.endsWith("s")) return word;
  if (/(?:us|ss)$/.test(word)) return word;
  if (word.endsWith("ies") && !/[ae]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  return word.slice(0, -1);
}
