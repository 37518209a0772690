/**
 * An answer as question-answering scores compare it: lower case, punctuation and the English articles taken out, white
 * space folded (SQuAD v1.1's evaluation, Rajpurkar et al. 2016), here for every script. A mark between two digits stays,
 * so that "1.5" is not "15".
 */
export function normalizeAnswer(text: string): string {
  return normalizeAscii(text) ?? normalizeByPatterns(text);
}

function normalizeByPatterns(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/(?<=\d),(?=\d{3}(?:\D|$))/g, "")
    .replace(/(?<!\d)[.,:/-]|[.,:/-](?!\d)|(?![.,:/-])[\p{P}\p{S}]/gu, (mark) => (/['’`´]/.test(mark) ? "" : " "))
    .replace(/\b(?:a|an|the)\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
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
