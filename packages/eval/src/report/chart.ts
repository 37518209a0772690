import { escapeHtml } from "@rag-instruct/core";
import type { Interval } from "../statistics/bootstrap.ts";

/** One bar of a chart. */
export interface Bar {
  label: string;
  /** 0 to 1. */
  value: number;
  /** Drawn as a whisker. */
  interval?: Pick<Interval, "low" | "high">;
  /** Words shown when the bar is pointed at, and read to those who do not see it. */
  title: string;
  /** Class that colours it. */
  kind: "own" | "published";
}

const rowHeight = 22;
const labelWidth = 230;
const plotWidth = 420;
const valueWidth = 60;
const gridLines = [0, 0.25, 0.5, 0.75, 1];

/** A horizontal bar chart from 0 to 100% as an SVG element, with whiskers for intervals. */
export function barChart({ title, bars }: { title: string; bars: readonly Bar[] }): string {
  const height = bars.length * rowHeight + 24;
  const width = labelWidth + plotWidth + valueWidth;
  const grid = gridLines.map((share) => {
    const x = labelWidth + share * plotWidth;
    return `<line class="grid" x1="${x}" y1="0" x2="${x}" y2="${height - 20}"/><text class="tick" x="${x}" y="${height - 6}">${share * 100}</text>`;
  });
  return [
    `<svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${width} ${height}">`,
    ...grid,
    ...bars.map(drawBar),
    "</svg>",
  ].join("");
}

function drawBar({ label, value, interval, title, kind }: Bar, row: number): string {
  const top = row * rowHeight + 4;
  const middle = top + 7;
  const at = (share: number) => (labelWidth + share * plotWidth).toFixed(1);
  const whisker = interval
    ? `<path class="whisker" d="M${at(interval.low)} ${middle}H${at(interval.high)}M${at(interval.low)} ${middle - 4}v8M${at(interval.high)} ${middle - 4}v8"/>`
    : "";
  return [
    `<g><title>${escapeHtml(title)}</title>`,
    `<text class="label" x="${labelWidth - 8}" y="${middle + 4}">${escapeHtml(shortened(label))}</text>`,
    `<rect class="${kind}" x="${labelWidth}" y="${top}" width="${(value * plotWidth).toFixed(1)}" height="14"/>`,
    whisker,
    `<text class="value" x="${labelWidth + plotWidth + 8}" y="${middle + 4}">${(value * 100).toFixed(1)}</text></g>`,
  ].join("");
}

function shortened(label: string): string {
  return label.length <= 32 ? label : `${label.slice(0, 31)}…`;
}
