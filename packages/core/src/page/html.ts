import { numberText } from "../in-words.ts";
import { escapeHtml } from "../text.ts";

/** Foreign text in the page: escaped, isolated in direction, with characters that would act shown by name. */
export function foreignHtml(text: string): string {
  const parts = visibleText(text).map((part) =>
    "text" in part ? escapeHtml(part.text) : `<span class="control">${part.control}</span>`,
  );
  return `<bdi dir="auto">${parts.join("")}</bdi>`;
}

/** A count with thousands set apart. */
export function countHtml(count: number): string {
  return numberText(Math.round(count));
}

/** A share as a percentage. */
export function shareHtml(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (100 * part) / whole;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`;
}

/** A section with a heading. */
export function card(title: string, content: string): string {
  return `<section class="card"><h2>${title}</h2>${content}</section>`;
}

/** What is shown in the place of nothing. */
export function nothing(text: string): string {
  return `<p class="none">${text}</p>`;
}

/** Figures with their names, as pairs of name and value. */
export function tileList(entries: readonly (readonly string[])[]): string {
  return `<dl class="tiles">${entries.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

/** A run of plain text, or the name of a character that would act instead of being seen. */
export type TextPart = { text: string } | { control: string };

// Controls but tab and line breaks, marks that embed, override or isolate a direction, and halves of surrogate pairs.
const acting =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Splits text into what can be shown as it is and what must be named, such as U+202E, so that no text reorders its neighbours. */
export function visibleText(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(acting)) {
    if (index > from) parts.push({ text: text.slice(from, index) });
    parts.push({ control: `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}` });
    from = index + 1;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** The same as one string, for titles and attributes, which take no marks. */
export function visibleString(text: string): string {
  return visibleText(text)
    .map((part) => ("text" in part ? part.text : `[${part.control}]`))
    .join("");
}
