import { numberText } from "../in-words.ts";
import { escapeHtml } from "../text.ts";
import { visibleText } from "./visible-text.ts";

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
