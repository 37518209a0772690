/**
 * An answer as question-answering scores compare it: lower case, punctuation and the English articles taken out, white
 * space folded (SQuAD v1.1's evaluation, Rajpurkar et al. 2016), here for every script. A mark between two digits stays,
 * so that "1.5" is not "15".
 * @param options.articles "keep" leaves a, an and the where they are, for names that are made of them. @default "drop"
 */
export function normalizeAnswer(text: string, { articles = "drop" }: { articles?: "drop" | "keep" } = {}): string {
  if (articles === "keep") return folded(markless(text));
  return normalizeAscii(text) ?? folded(markless(text).replace(article, " "));
}

// Not \b, which takes the last letter of "Andréa" for a word.
const article = /(?<![\p{L}\p{N}\p{M}_])(?:a|an|the)(?![\p{L}\p{N}\p{M}_])/gu;
/** A fraction in one character, which NFKC would write into the number before it: 5½ is not 51/2. */
const fractionAfterDigit = /(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e\u2189])/gu;

function markless(text: string): string {
  return text
    .replace(fractionAfterDigit, " ")
    .normalize("NFKC")
    .replaceAll("\u2044", "/")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .toLowerCase()
    .replace(/(?<=\d),(?=\d{3}(?:\D|$))/g, "")
    .replace(/(?<!\d)[.,:/-]|[.,:/-](?!\d)|(?![.,:/-])[\p{P}\p{S}]/gu, (mark) => (/['’`´]/.test(mark) ? "" : " "));
}

function folded(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/**
 * {@link normalizeAnswer} for ASCII in one pass over the characters: the same result several times as fast, which counts
 * where hundreds of thousands of answers are scored. A test holds the two together. Undefined for a text that holds
 * anything but printable ASCII and white space.
 */
export function normalizeAscii(text: string): string | undefined {
  const lower = text.toLowerCase();
  let result = "";
  // What stands before an apostrophe that was taken out of a word.
  let head = "";
  let from = 0;
  for (let at = 0; at <= lower.length; at++) {
    const code = at < lower.length ? lower.charCodeAt(at) : space;
    if (isWordCode(code)) continue;
    if (code >= 127 || (code < space && (code < 9 || code > 13))) return undefined;
    const isSeparator = code === comma && separates(lower, at);
    if (isJoint(code) && !isSeparator && isDigit(lower, at - 1) && isDigit(lower, at + 1)) continue;
    if (code === apostrophe || code === backtick || isSeparator) {
      head += lower.slice(from, at);
    } else if (at > from || head !== "") {
      const word = head === "" ? lower.slice(from, at) : head + lower.slice(from, at);
      if (word !== "" && !isArticle(word)) result = result === "" ? word : `${result} ${word}`;
      head = "";
    }
    from = at + 1;
  }
  return result;
}

function isArticle(word: string): boolean {
  return word.length <= 3 && (word === "a" || word === "an" || word === "the");
}

const space = 32;
const apostrophe = 39;
const backtick = 96;
const comma = 44;

function isWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}

// . , : / - between digits belong to a figure, a date or a time.
function isJoint(code: number): boolean {
  return (code >= 44 && code <= 47) || code === 58;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Whether a comma separates thousands: a digit before it, just three behind it. */
function separates(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === comma &&
    isDigit(text, at - 1) &&
    isDigit(text, at + 1) &&
    isDigit(text, at + 2) &&
    isDigit(text, at + 3) &&
    !isDigit(text, at + 4)
  );
}
