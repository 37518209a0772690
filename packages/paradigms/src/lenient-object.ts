import { trimEnds } from "@rag-instruct/core";

/** An object written loosely, as JSON that a repair of its commas and keys can finish; or why its meaning is not certain. */
export type LenientObject =
  | { ok: true; json: string; end: number }
  | { ok: false; isCut: boolean; isBackslashUnclear?: boolean };

const closers: Readonly<Record<string, string>> = { '"': '"', "'": "'", "`": "`", "“": "”“", "‘": "’‘" };
type Bracket = "{" | "[" | "(";
const brackets: Readonly<Record<string, string>> = { "{": "}", "[": "]", "(": ")" };
const quotedKey = /(?:"[^"\n]{1,60}"|'[^'\n]{1,60}'|“[^”\n]{1,60}”|`[^`\n]{1,60}`)\s*:/.source;
const bareKey = /(?<!\w)\w+\s*:(?!\/)/.source;
/** What may stand behind the closing quote of a value of an object, of an item of a list, and of a key. */
const behind = {
  "{": new RegExp(
    `^\\s*(?:(?:,\\s*)?(?:[}\\]]|//|/\\*|#|$|${quotedKey})|,\\s*${bareKey}|\\+)|^[^\\S\\n]*\\n\\s*${bareKey}`,
  ),
  "[": /^\s*(?:(?:,\s*)?(?:[\]}]|\/\/|\/\*|#|$)|,\s*["'“‘`{[(\d-]|\+|\n)/,
  "(": /^\s*(?:(?:,\s*)?(?:[)]|\/\/|\/\*|#|$)|,\s*["'“‘`{[(\d-]|\+|\n|["'])/,
  key: /^[\s\u200b-\u200d\u2060]*:/,
};
const memberInside = /["'”]\s*:\s*["'“[{\d]/;
const commentOfLine = /^(?:\/\/|#)[^\n]*/;
const blank = /[\s\u200b-\u200d\u2060\ufeff]/;
const word = /^[-+\w.]+(?:\/\d+)?/;
const constants: Readonly<Record<string, string>> = {
  true: "true",
  false: "false",
  none: "null",
  null: "null",
  nan: "null",
};

/**
 * Reads the object that begins at `start`: tuples become lists, comments go, Python's words and numbers become JSON's, and quotes
 * inside a string are escaped where they come in pairs. It refuses what has two readings: a quote left over, a bracket that closes
 * another, a value left out, a colon in a list, a member inside a string.
 */
export function lenientObject(text: string, start: number): LenientObject {
  const read: Reading = { open: [], json: "", last: "" };
  const lastCommentEnd = text.lastIndexOf("*/");
  for (let i = start; i < text.length; ) {
    const char = text[i]!;
    const inside = read.open.at(-1);
    const length = lengthOfComment(text, i, lastCommentEnd);
    if (length > 0) i += length;
    else if (blank.test(char)) {
      read.json += char === "\n" ? "\n" : " ";
      i++;
    } else if (char in closers) {
      const isKey = inside?.bracket === "{" && ["{", ",", "value"].includes(read.last);
      const string = readString(text, i, isKey ? "key" : inside!.bracket);
      if (!string.ok) return string;
      read.json += JSON.stringify(isKey ? trimEnds(string.value, /\n/) : string.value);
      if (string.hasColon) read.json += ":";
      read.last = string.hasColon ? ":" : isKey ? "key" : "value";
      i = string.end;
    } else if (/[}\])]/.test(char)) {
      if (!close(read, char)) return { ok: false, isCut: false };
      i++;
      if (read.open.length === 0) return { ok: true, json: read.json, end: i };
    } else {
      const token = word.exec(text.slice(i, i + 200))?.[0] ?? char;
      if (!addToken(read, token)) return { ok: false, isCut: false };
      i += token.length;
    }
  }
  return { ok: false, isCut: true };
}

/** What was read so far: the brackets that are open, the JSON, and what came last, with "value" and "key" for what they are. */
interface Reading {
  open: { bracket: Bracket; at: number; commas: number }[];
  json: string;
  last: string;
}

function lengthOfComment(text: string, at: number, lastEnd: number): number {
  if (!/[/#]/.test(text[at]!)) return 0;
  // Where no end follows none is looked for: a reply may open thousands.
  if (text.startsWith("/*", at)) return at + 2 > lastEnd ? 0 : text.indexOf("*/", at + 2) + 2 - at;
  return commentOfLine.exec(text.slice(at))?.[0].length ?? 0;
}

/** Adds an opening bracket, a comma, a colon or a word; false where it cannot be. */
function addToken(read: Reading, token: string): boolean {
  const inside = read.open.at(-1);
  if (token in brackets) {
    read.open.push({ bracket: token as Bracket, at: read.json.length, commas: 0 });
    read.json += token === "(" ? "[" : token;
    read.last = token;
  } else if (token === "," || token === ":") {
    if (read.last === ":" || (token === ":" && inside?.bracket !== "{")) return false;
    if (inside) inside.commas++;
    read.json += token;
    read.last = token;
  } else {
    read.json += literal(token, read.last === ":" || inside?.bracket !== "{");
    read.last = token === "+" ? ":" : "value";
  }
  return true;
}

/** Closes a bracket, and before it one that was left out, whose place is where the one around it closes; false where none fits. */
function close(read: Reading, char: string): boolean {
  if (read.last === ":") return false;
  const left = read.open.at(-1);
  const around = read.open.at(-2);
  if (left && around && brackets[left.bracket] !== char && brackets[around.bracket] === char) {
    read.json += left.bracket === "{" ? "}" : "]";
    read.last = "value";
    read.open.pop();
  }
  const inside = read.open.pop();
  if (!inside || brackets[inside.bracket] !== char) return false;
  // One value in parentheses is that value; a comma or nothing at all makes a tuple.
  const isGroup = char === ")" && inside.commas === 0 && read.last !== "(";
  if (isGroup) read.json = read.json.slice(0, inside.at) + read.json.slice(inside.at + 1);
  else read.json += char === ")" ? "]" : char;
  read.last = "value";
  return true;
}

/** A word outside of strings as JSON has it. As the name of a member it is left as it is. */
function literal(token: string, isValue: boolean): string {
  if (!isValue) return token;
  if (/^-?\d[\d_]*(?:\.[\d_]+)?$/.test(token)) return token.replaceAll("_", "");
  if (/^-?\d+\/\d+$/.test(token)) return JSON.stringify(token);
  return constants[token.toLowerCase()] ?? token;
}

/** Whether a quote closes its string, by what stands behind it. Only the first may: between items, a comma may be missing. */
function closes(rest: string, place: keyof typeof behind, quotes: number): boolean {
  return behind[place].test(rest) || (place === "[" && quotes === 0 && /^\s+["']/.test(rest));
}

type LenientString =
  | { ok: true; value: string; end: number; hasColon: boolean }
  | { ok: false; isCut: boolean; isBackslashUnclear?: boolean };

function readString(text: string, start: number, place: keyof typeof behind): LenientString {
  const closing = closers[text[start]!]!;
  const unclosedKey = place === "key" ? /^"(\w+):\s*(?=")/.exec(text.slice(start)) : undefined;
  if (unclosedKey) return { ok: true, value: unclosedKey[1]!, end: start + unclosedKey[0].length, hasColon: true };
  const isPaired = lowQuotes(text);
  let value = "";
  let quotes = 0;
  for (let i = start + 1; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\\") {
      const known = /^\\(?:u[\da-fA-F]{4}|["\\/bfnrt])/.exec(text.slice(i, i + 6))?.[0];
      const isMark = /^\\[^\w\s]/u.test(text.slice(i, i + 3));
      value += known ? JSON.parse(`"${known}"`) : isMark ? text[i + 1] : "\\";
      i += known ? known.length - 1 : isMark ? 1 : 0;
    } else if (closing.includes(char) && closes(text.slice(i + 1, i + 400), place, quotes)) {
      const isCertain =
        char === '"' ? quotes % 2 === 0 && (quotes === 0 || !memberInside.test(value)) : !memberInside.test(value);
      if (!isCertain) return { ok: false, isCut: false };
      const decoded = decodeString(text.slice(start + 1, i));
      if (!decoded.ok) return { ok: false, isCut: false, isBackslashUnclear: true };
      return { ok: true, value: decoded.value, end: i + 1, hasColon: false };
    } else {
      // „…" is a pair too: its opening quote counts, its closing one is the ASCII quote.
      if (char === '"' || (char === "„" && closing === '"' && isPaired(i))) quotes++;
      value += char;
    }
  }
  return { ok: false, isCut: true };
}

/** Tells whether the next quote behind a low one is ASCII's and not “. Each stretch is searched once, so a text takes linear time. */
function lowQuotes(text: string): (at: number) => boolean {
  let quoteAt = -1;
  let lastHigh = -1;
  return (at) => {
    if (quoteAt < at) {
      const next = text.indexOf('"', at);
      quoteAt = next < 0 ? text.length : next;
      lastHigh = at + text.slice(at, quoteAt).lastIndexOf("“");
    }
    return lastHigh <= at;
  };
}

/**
 * Text with backslashes in it, as models write it into JSON: LaTeX, paths of Windows and regular expressions, often with one
 * backslash where JSON wants two. `"\frac{1}{2}"` is legal JSON, and means a form feed and "rac". What was meant is restored where
 * that is certain, and a string with two readings is refused.
 */
type DecodedString = { ok: true; value: string } | { ok: false };

// Letters behind `\t` and `\n` that make a command of LaTeX, without the first.
const commandsOfT =
  /^(?:imes|heta|binom|hick(?:approx|sim)|ext(?:bf|it|rm|sf|tt|sc|sl|md|up|normal|style|color|quotedbl|backslash)?|an|anh|au|o|op|ilde|riangle(?:left|right|q|down)?|herefore|frac|ag|ableofcontents|abular|itle|oday|iny|hinspace|wohead(?:left|right)arrow)(?![A-Za-z])/;
const commandsOfN =
  /^(?:abla|eq|eg|ewline|ewcommand|ewpage|ormalsize|otin|olimits|onumber|mid|parallel|less|gtr|leq|geq|subseteq|supseteq|cong|sim|exists|rightarrow|leftarrow|earrow|warrow|atural|prec|succ)(?![A-Za-z])/;
// The same, where the rest is a word of its own in some language: "\ne", "\ni", "\not", "\tan", "\to".
const doubtfulOfN = /^(?:e|i|u|ot|mid|less|eg|sim|exists|atural)(?![A-Za-z])/;
const doubtfulOfT = /^(?:an|o|op|ag|au|oday)(?![A-Za-z])/;
// What stands before a command in a formula, and before no tab or line break.
const beforeCommand = /[ $({[^_=+\-*/]$/;
// Characters before an escape that are looked at.
const lookBack = 260;

const plain: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", n: "\n", t: "\t", r: "\r" };
// Escaped quotes of Python's and of typography.
const quotes = /['`“”‘’„]/;

/** Decodes what stands between the quotes of a string, in linear time. */
function decodeString(raw: string): DecodedString {
  const isSingle = raw.includes("\\") && hasSingle(raw);
  const parts: string[] = [];
  let before = "";
  for (let at = 0; at < raw.length; ) {
    const piece = raw[at] === "\\" ? decodeEscape(raw, at, { isSingle, before }) : decodeRun(raw, at);
    if (!piece) return { ok: false };
    parts.push(piece.text);
    before = (before + piece.text.slice(-lookBack)).slice(-lookBack);
    at += piece.length;
  }
  return { ok: true, value: parts.join("") };
}

/** Whether a string holds an escape that only somebody writes who does not double backslashes. */
function hasSingle(raw: string): boolean {
  for (let at = raw.indexOf("\\"); at >= 0; at = raw.indexOf("\\", at + 2)) {
    const rest = raw.slice(at + 1, at + 40);
    if (/^(?:[bf]|r[A-Za-z]|[^"\\/nrtu'`“”‘’„\s]|u(?![\da-fA-F]{4}))/.test(rest)) return true;
    const after = rest.slice(1);
    if (rest[0] === "t" && commandsOfT.test(after) && !doubtfulOfT.test(after)) return true;
    if (rest[0] === "n" && commandsOfN.test(after) && !doubtfulOfN.test(after)) return true;
    if (/^t[a-z]/.test(rest) && /(?:^|[^A-Za-z])[C-Zc-z]:$/.test(raw.slice(Math.max(0, at - 3), at))) return true;
  }
  return false;
}

interface Piece {
  text: string;
  /** Characters of the source. */
  length: number;
}

// What no text holds on purpose.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const control = /[\x00-\x08\x0b\x0c\x0e-\x1f]/;

/** The characters up to the next escape; undefined where nobody can have meant one of them. */
function decodeRun(raw: string, at: number): Piece | undefined {
  const next = raw.indexOf("\\", at);
  const run = next < 0 ? raw.slice(at) : raw.slice(at, next);
  const text = withoutControl(run);
  return text === undefined ? undefined : { text, length: run.length };
}

/** A text whose backspaces and form feeds are what they were written as; undefined where another control character is left. */
function withoutControl(text: string): string | undefined {
  const restored = text.replaceAll("\b", "\\b").replaceAll("\f", "\\f");
  return control.test(restored) ? undefined : restored;
}

interface Surroundings {
  isSingle: boolean;
  /** The end of what is decoded already. */
  before: string;
}

/** What the escape at `at` means; undefined where it has two readings. */
function decodeEscape(raw: string, at: number, around: Surroundings): Piece | undefined {
  const letter = raw[at + 1];
  const after = raw.slice(at + 2, at + 42);
  if (letter === undefined) return { text: "\\", length: 1 };
  if (letter === "u" && /^[\da-fA-F]{4}/.test(after)) {
    const text = withoutControl(String.fromCharCode(Number.parseInt(after.slice(0, 4), 16)));
    return text === undefined ? undefined : { text, length: 6 };
  }
  if (letter === "\\" && around.isSingle) return decodeDouble(after, around.before);
  if (letter === "t" || letter === "n" || letter === "r") {
    const isWritten = isWrittenOut(letter, after, around);
    return isWritten === undefined ? undefined : { text: isWritten ? `\\${letter}` : plain[letter]!, length: 2 };
  }
  if (quotes.test(letter)) return { text: letter, length: 2 };
  const known = letter === "/" && around.isSingle ? undefined : plain[letter];
  return known === undefined ? { text: "\\", length: 1 } : { text: known, length: 2 };
}

/** Two backslashes among single ones: one before a command, two where LaTeX breaks a line; the name of a server is in doubt. */
function decodeDouble(after: string, before: string): Piece | undefined {
  if (/^[\w.-]{1,40}\\(?!\\)/.test(after) && /(?:^|[\s"'(])$/.test(before)) return undefined;
  return { text: /^\w/.test(after) ? "\\" : "\\\\", length: 2 };
}

/** Whether `\t`, `\n` or `\r` stands for a backslash and a letter; undefined where nobody can tell. */
function isWrittenOut(letter: "t" | "n" | "r", after: string, { isSingle, before }: Surroundings): boolean | undefined {
  const isBeforeLetter = /^[A-Za-z]/.test(after);
  if (letter === "r") return isBeforeLetter;
  const path = isBeforeLetter ? pathAtEnd(before) : "none";
  if (letter === "t") return (isSingle && path === "path") || isTabWrittenOut(after, { isSingle, before });
  // Behind a path, a capital may begin the next line; behind a drive alone, which may be a label, any letter may.
  if (path === "path") return /^[A-Z]/.test(after) ? (isSingle ? undefined : false) : isSingle || undefined;
  if (doubtfulOfN.test(after)) return inFormula(isSingle, before);
  if (!isSingle) return false;
  if (/\[\^?$/.test(before) || after.startsWith("]") || commandsOfN.test(after)) return true;
  return isBeforeLetter && path === "spaced" ? undefined : false;
}

function isTabWrittenOut(after: string, { isSingle, before }: Surroundings): boolean | undefined {
  if (doubtfulOfT.test(after)) return isSingle || beforeCommand.test(before) ? true : undefined;
  if (commandsOfT.test(after)) return true;
  if (isSingle) return undefined;
  // A tab that indents or parts columns is one; behind a blank or a drive, a backslash before a letter is as likely.
  const isDoubtful = /[ $({[^_=+\-*/\\]$/.test(before) || pathAtEnd(before) === "path";
  return /^[A-Za-z]/.test(after) && isDoubtful ? undefined : false;
}

/** Whether a command that may be a word on a new line is one. */
function inFormula(isSingle: boolean, before: string): boolean | undefined {
  const isBefore = beforeCommand.test(before);
  if (isSingle) return isBefore ? true : undefined;
  return isBefore ? undefined : false;
}

/** Whether a text ends inside a path of Windows: `spaced` where blanks stand in it, so that it may have ended before. */
function pathAtEnd(text: string): "path" | "spaced" | "none" {
  const colon = text.lastIndexOf(":");
  if (colon < 1 || !/(?:^|[^A-Za-z])[A-Za-z]$/.test(text.slice(Math.max(0, colon - 2), colon))) return "none";
  const rest = text.slice(colon + 1);
  if (rest !== "" && (!/^[\\/]/.test(rest) || /[\n"<>|*?]/.test(rest))) return "none";
  if (!/\s/.test(rest)) return "path";
  return /[\w)]$/.test(rest) ? "spaced" : "none";
}

// Unrolled, so that a long string needs no stack. An escaped quote begins none, or each would search a text that is cut to its end.
const stringLiteral = /\\[\s\S]|"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/g;

/** JSON with what its strings mean; undefined where a string has two readings. */
export function withBackslashes(json: string): string | undefined {
  if (!json.includes("\\")) return json;
  let isCertain = true;
  const mended = json.replace(stringLiteral, (literal, raw: string | undefined) => {
    if (!raw?.includes("\\")) return literal;
    const decoded = decodeString(raw);
    if (!decoded.ok) isCertain = false;
    return decoded.ok ? JSON.stringify(decoded.value) : literal;
  });
  return isCertain ? mended : undefined;
}
