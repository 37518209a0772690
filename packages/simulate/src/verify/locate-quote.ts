import { foldText, type Passage } from "@rag-instruct/core";

// A shorter quote stands in any text. Scripts without spaces say as much in fewer letters.
const fewestLetters = 12;
const fewestCjk = 5;

/** Whether a document holds a quote, white space, case, accents and the form of quotation marks aside; parts around "…" stand in order. */
export function holdsQuote({ title, text }: Pick<Passage, "title" | "text">, quote: string): boolean {
  const page = squeeze(`${title}\n${text}`);
  const parts = foldText(quote)
    .split(/\.{3}|\[\.\.\.\]|\(\.\.\.\)/)
    .map(squeeze)
    .filter((part) => part !== "");
  const letters = parts.join("").match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const enough = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u.test(quote)
    ? fewestCjk
    : fewestLetters;
  if (letters < Math.min(enough, page.match(/[\p{L}\p{N}]/gu)?.length ?? 0) || letters === 0) return false;
  let from = 0;
  for (const part of parts) {
    const at = page.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

/** Letters, digits and inner marks; quotation marks and what stands at the ends is left out. */
function squeeze(text: string): string {
  return foldText(text)
    .replace(/["'*`_]/g, "")
    .replace(/\s+/g, " ")
    .replace(/^[\s.,;:!?-]+|[\s.,;:!?-]+$/g, "");
}
