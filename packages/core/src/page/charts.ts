import { escapeHtml } from "../text.ts";
import { countHtml, foreignHtml } from "./html.ts";

/** How often each number came. */
export type Histogram = Map<number, number>;

/** A part of a bar. `className` gives its colour and pattern. */
export interface BarPart {
  className: string;
  value: number;
}

/** One bar with its label and what is written behind it. */
export interface Bar {
  label: string;
  parts: BarPart[];
  /** What the end of the bar's track stands for. @default the longest bar of the table */
  whole?: number;
  /** Where the value lies in truth, on the same scale; drawn over the bar as a line with ends. */
  interval?: { low: number; high: number };
  /** Written after the bar, as HTML. @default the sum of the parts */
  note?: string;
}

/**
 * Horizontal bars as a table whose bars are drawn, each on a track: a share that is written behind a bar is the share of its track. A
 * screen reader reads the numbers, a narrow screen keeps the labels whole.
 */
export function barTable(
  bars: readonly Bar[],
  { caption, heads }: { caption: string; heads: readonly [label: string, note: string] },
): string {
  const longest = Math.max(0, ...bars.map(lengthOf));
  const rows = bars.map((bar) => {
    const { label, parts, interval, whole = longest, note = countHtml(lengthOf(bar)) } = bar;
    return `<tr><th scope="row">${foreignHtml(label)}</th><td class="bar">${drawBar(parts, { whole: whole > 0 ? whole : 1, interval })}</td><td class="note">${note}</td></tr>`;
  });
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

function lengthOf({ parts }: Bar): number {
  return sum(parts.map(({ value }) => value));
}

function drawBar(parts: readonly BarPart[], { whole, interval }: { whole: number; interval: Bar["interval"] }): string {
  let x = 0;
  const drawn = parts.map(({ className, value }) => {
    const width = (100 * value) / whole;
    const rect =
      value > 0 ? `<rect class="${className}" x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="16"/>` : "";
    x += width;
    return rect;
  });
  return `<svg width="100%" height="16" aria-hidden="true"><rect class="track" width="100%" height="16"/>${drawn.join("")}${interval ? drawInterval(interval, whole) : ""}</svg>`;
}

function drawInterval({ low, high }: { low: number; high: number }, whole: number): string {
  const at = (value: number) => `${((100 * value) / whole).toFixed(2)}%`;
  const line = (from: number, to: number, top: number, bottom: number) =>
    `<line class="whisker" x1="${at(from)}" x2="${at(to)}" y1="${top}" y2="${bottom}"/>`;
  return line(low, high, 8, 8) + line(low, low, 4, 12) + line(high, high, 4, 12);
}

/** One series of a histogram. */
export interface Series {
  name: string;
  className: string;
  values: Histogram;
}

const bins = 24;
const height = 140;
const plot = { top: 8, bottom: 118 };

/** How often each size came, as columns; several series stand on each other. Percentages make it fit any width without scaling text. */
export function histogram(series: readonly Series[], { title, unit }: { title: string; unit: string }): string {
  const all = series.flatMap(({ values }) => [...values.keys()]);
  if (all.length === 0) return `<p class="quiet">No ${escapeHtml(unit)} to show.</p>`;
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  const step = niceStep((high - low + 1) / bins);
  const start = Math.floor(low / step) * step;
  const count = Math.floor((high - start) / step) + 1;
  const columns = Array.from({ length: count }, () => series.map(() => 0));
  series.forEach(({ values }, s) => {
    for (const [value, times] of values) columns[Math.floor((value - start) / step)]![s]! += times;
  });
  const highest = Math.max(1, ...columns.map(sum));
  const drawn = columns.map((counts, c) =>
    drawColumn(counts, {
      series,
      highest,
      place: c / count,
      width: 100 / count,
      range: rangeOf(start + c * step, step),
    }),
  );
  const ticks = ticksFor(start, step, count);
  return `<svg class="histogram" width="100%" height="${height}" role="img" aria-label="${escapeHtml(describe(series, { title, unit }))}"><line class="axis" x1="0" x2="100%" y1="${plot.bottom}" y2="${plot.bottom}"/>${drawn.join("")}${ticks}</svg>`;
}

interface Column {
  series: readonly Series[];
  /** Height of the chart as a count. */
  highest: number;
  /** Left edge, as a share of the chart. */
  place: number;
  /** In percent of the chart. */
  width: number;
  /** The sizes it counts. */
  range: string;
}

function drawColumn(counts: readonly number[], { series, highest, place, width, range }: Column): string {
  let y = plot.bottom;
  const drawn = counts.map((count, s) => {
    const tall = ((plot.bottom - plot.top) * count) / highest;
    y -= tall;
    if (count === 0) return "";
    const size = `x="${(100 * place + width * 0.06).toFixed(2)}%" width="${(width * 0.88).toFixed(2)}%" y="${y.toFixed(1)}" height="${tall.toFixed(1)}"`;
    return `<rect class="${series[s]!.className}" ${size}><title>${range}: ${countHtml(count)}</title></rect>`;
  });
  return drawn.join("");
}

function rangeOf(from: number, step: number): string {
  return step === 1 ? String(from) : `${from} to ${from + step - 1}`;
}

function ticksFor(start: number, step: number, count: number): string {
  const ticks = [0, Math.floor(count / 2), count].filter((place, i, all) => all.indexOf(place) === i);
  const drawn = ticks.map((place) => {
    const anchor = place === 0 ? "start" : place === count ? "end" : "middle";
    return `<text x="${(100 * place) / count}%" y="${height - 6}" text-anchor="${anchor}">${countHtml(start + place * step)}</text>`;
  });
  return drawn.join("");
}

/** 1, 2 or 5 times a power of ten, and at least 1. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? 1;
}

function describe(series: readonly Series[], { title, unit }: { title: string; unit: string }): string {
  const parts = series.map(({ name, values }) => {
    const { total, median, min, max } = summarize(values);
    return total === 0
      ? `${name}: none`
      : `${name}: ${countHtml(total)}, median ${median}, from ${min} to ${max} ${unit}`;
  });
  return `${title}. ${parts.join("; ")}`;
}

/** Total, median, least and greatest of a histogram; all 0 where it is empty. */
export function summarize(values: Histogram): { total: number; median: number; p95: number; min: number; max: number } {
  const sorted = [...values].sort(([a], [b]) => a - b);
  const total = sum(sorted.map(([, times]) => times));
  const at = (share: number) => {
    let seen = 0;
    for (const [value, times] of sorted) {
      seen += times;
      if (seen >= share * total) return value;
    }
    return 0;
  };
  return { total, median: at(0.5), p95: at(0.95), min: sorted[0]?.[0] ?? 0, max: sorted.at(-1)?.[0] ?? 0 };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
