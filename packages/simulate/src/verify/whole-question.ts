import { canonicalTokens, tellingTokens } from "@rag-instruct/core";

// Words that nothing ends with, by language: articles and conjunctions.
const dangling: ReadonlySet<string> = new Set(
  "a an the and or of nor than der die das und oder dem den le la les et ou du des el los las y o del il lo gli ed una un une het een en and with whose".split(
    " ",
  ),
);
const closing = /[.!?。！？…؟;"'”’»)\]`]\s*$/u;
const brackets: readonly [open: string, close: string][] = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
  ["“", "”"],
];

/** What is wrong with a question's form, in words, or undefined where it is whole. */
export function brokenForm(question: string, { hasOptions = false } = {}): string | undefined {
  const text = question.trim();
  if (text.includes("\ufffd")) return "it holds bytes that are no text";
  const tokens = canonicalTokens(text);
  if (tokens.length < 2) return "it is too short to stand alone";
  if (tellingTokens(tokens).length === 0) return "it names nothing";
  if (/[,;(\-–—/&]\s*$|(?:\.\.\.|…)\s*$/.test(text) || (/:\s*$/.test(text) && !hasOptions)) return "it breaks off";
  if (closing.test(text)) return undefined;
  const last = text.split(/\s+/).at(-1)!.toLowerCase();
  if (dangling.has(last)) return `it breaks off after “${last}”`;
  const open = brackets.find(([open, close]) => text.split(open).length > text.split(close).length);
  return open ? `a “${open[0]}” is never closed` : undefined;
}
