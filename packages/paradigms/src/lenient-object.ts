import { trimEnds } from "@rag-instruct/core";
import { decodeString } from "./single-backslashes.ts";

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
