import { countHtml, foreignHtml } from "../html.ts";

/** A part of a bar. `className` gives its colour and pattern. */
export interface BarPart {
  className: string;
  value: number;
}

/** One bar with its label and what is written behind it. */
export interface Bar {
  label: string;
  parts: BarPart[];
  /** Written after the bar, as HTML. @default the sum of the parts */
  note?: string;
}

/** Horizontal bars as a table whose bars are drawn: a screen reader reads the numbers, a narrow screen keeps the labels whole. */
export function barTable(
  bars: readonly Bar[],
  { caption, heads }: { caption: string; heads: readonly [label: string, note: string] },
): string {
  const most = Math.max(1, ...bars.map(({ parts }) => sumOf(parts)));
  const rows = bars.map(
    ({ label, parts, note }) =>
      `<tr><th scope="row">${foreignHtml(label)}</th><td class="bar">${drawBar(parts, most)}</td><td class="note">${note ?? countHtml(sumOf(parts))}</td></tr>`,
  );
  return `<table class="bars"><caption>${caption}</caption><thead><tr><th scope="col">${heads[0]}</th><td class="bar"></td><th scope="col" class="note">${heads[1]}</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

/** What the colours of a chart stand for. */
export function legend(entries: readonly (readonly [className: string, label: string])[]): string {
  const items = entries.map(
    ([className, label]) =>
      `<li><svg width="14" height="14" aria-hidden="true"><rect class="${className}" width="14" height="14" rx="3"/></svg> ${label}</li>`,
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}

function drawBar(parts: readonly BarPart[], most: number): string {
  let x = 0;
  const drawn = parts.map(({ className, value }) => {
    const width = (100 * value) / most;
    const rect =
      value > 0 ? `<rect class="${className}" x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="16"/>` : "";
    x += width;
    return rect;
  });
  return `<svg width="100%" height="16" aria-hidden="true"><rect class="track" width="100%" height="16"/>${drawn.join("")}</svg>`;
}

function sumOf(parts: readonly BarPart[]): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}
