import type { PageText, Segment } from "./page-text.ts";

/** Most rows at the top and at the bottom of a page that may be its header and footer. */
const maxRows = 4;
/** Pages one after another, or every other one, that must have the same. */
const minPages = 3;
/** A header stands apart from the text by so many of the gaps between the text's own rows. */
const minApart = 1.35;
/** A title is larger than the text; a header is not. */
const maxSize = 1.2;
/** Numbers of a row that may be the page's. */
const maxNumbers = 3;
const maxLength = 300;
/** Parts of the height of a page that are told apart. */
const places = 40;

/** The segments of one height, from left to right. */
interface Row {
  text: string;
  y: number;
  size: number;
  segments: Segment[];
}

/**
 * The segments of each page that are no text of it: running headers and footers and the numbers of pages. These stand first or last, at the same
 * height on pages one after another or on every other one, say the same but for a number that grows with the pages, and stand apart from the text.
 * Where that would be all that there is, it is the text.
 */
export function pageHeaders(pages: readonly PageText[]): Set<Segment> {
  const all = pages.map((page) => ({ page, rows: rowsOf(page.segments) }));
  const seen = repeatedKeys(all);
  const found = new Set<Segment>();
  let isAll = true;
  for (const { page, rows } of all) {
    const top = headerRows(rows, page, seen);
    const bottom = headerRows(rows.slice(top.length).reverse(), page, seen);
    for (const { segments } of [...top, ...bottom]) for (const segment of segments) found.add(segment);
    if (top.length + bottom.length < rows.length) isAll = false;
  }
  return isAll ? new Set() : found;
}

function rowsOf(segments: readonly Segment[]): Row[] {
  const rows: Row[] = [];
  for (const segment of segments.toSorted((a, b) => b.y - a.y || a.left - b.left)) {
    const last = rows.at(-1);
    if (last && last.y - segment.y < 0.4 * Math.min(last.size, segment.size)) last.segments.push(segment);
    else rows.push({ text: "", y: segment.y, size: segment.size, segments: [segment] });
  }
  for (const row of rows) {
    const text = row.segments.toSorted((a, b) => a.left - b.left).map((segment) => segment.text);
    row.text = text.join(" ").replace(/\s+/g, " ").toLowerCase().slice(0, maxLength);
  }
  return rows;
}

/** What the outer rows say on so many pages that it is no text of one of them. */
function repeatedKeys(all: readonly { page: PageText; rows: readonly Row[] }[]): Set<string> {
  const pagesOf = new Map<string, number[]>();
  for (const { page, rows } of all) {
    const outer = [...rows.slice(0, maxRows), ...rows.slice(-maxRows)];
    for (const key of new Set(outer.flatMap((row) => keysOf(row, page)))) {
      const numbers = pagesOf.get(key) ?? [];
      numbers.push(page.number);
      pagesOf.set(key, numbers);
    }
  }
  const least = Math.min(minPages, Math.max(2, Math.ceil(all.length / 2)));
  const seen = [...pagesOf].filter(([, numbers]) => longestChain(numbers) >= least).map(([key]) => key);
  return new Set(seen.flatMap((key) => [key, ...pageNumberKeys(key)]));
}

/** Where the numbers of pages are known to stand, a row is a header whatever it says beside its page's: a chapter may have one page. */
function pageNumberKeys(key: string): string[] {
  const place = key.slice(0, key.indexOf(" "));
  return Array.from(key.matchAll(/\{page \+ -?\d{1,6}\}/g), ([number]) => `${place} any ${number}`);
}

/** The most of ascending page numbers that follow each other, or leave out one each time. */
function longestChain(numbers: readonly number[]): number {
  let [longest, length] = [1, 1];
  for (const [at, number] of numbers.entries()) {
    length = at > 0 && number - numbers[at - 1]! <= 2 ? length + 1 : 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

/**
 * What a row says, and where, as it would be on other pages: each of its numbers may be its own or grow with the pages, so that there are
 * several readings.
 */
function keysOf({ text, y }: Row, { number: page, top, bottom }: PageText): string[] {
  const place = Math.round(((top - y) / (top - bottom)) * places);
  const numbers = [...text.matchAll(/\d{1,6}|(?<![\p{L}\d])[ivxlc]{1,7}(?![\p{L}\d])/gu)].slice(0, maxNumbers);
  let keys = [`${place} `];
  let from = 0;
  for (const { 0: found, index } of numbers) {
    const before = text.slice(from, index);
    const grown = numberOf(found) - page;
    keys = keys.flatMap((key) => [`${key}${before}${found}`, `${key}${before}{page + ${grown}}`]);
    from = index + found.length;
  }
  return keys.map((key) => key + text.slice(from));
}

/** The outer rows, from the edge inwards, that are repeated and stand apart from the rest. */
function headerRows(rows: readonly Row[], page: PageText, seen: ReadonlySet<string>): Row[] {
  const isRepeated = (row: Row) => keysOf(row, page).some((key) => seen.has(key) || hasPageNumber(key, row, seen));
  const stop = rows.findIndex((row, at) => at >= maxRows || !isRepeated(row));
  const found = rows.slice(0, stop < 0 ? rows.length : stop);
  const size = medianOf(rows.map((row) => row.size));
  while (found.length > 0 && !isHeader(found, rows, size)) found.pop();
  return found;
}

/** Whether a row begins or ends with the number of its page, where these stand. */
function hasPageNumber(key: string, { text }: Row, seen: ReadonlySet<string>): boolean {
  return /^\d|\d$/.test(text) && pageNumberKeys(key).some((each) => seen.has(each));
}

function isHeader(found: readonly Row[], rows: readonly Row[], size: number): boolean {
  const inner = found.at(-1)!;
  const next = rows[found.length];
  if (found.some((row) => row.size > maxSize * size)) return false;
  if (!next || isPageNumber(inner)) return true;
  const gaps = rows.slice(found.length + 1).map((row, at) => Math.abs(row.y - rows[found.length + at]!.y));
  return Math.abs(inner.y - next.y) >= minApart * (gaps.length > 0 ? medianOf(gaps) : 1.2 * size);
}

const pageWords = /^(page|seite|página|pagina|pág|pag|p|s|of|von|de|di|sur|van|sida|strana|стр|из)$/u;

function isPageNumber({ text }: Row): boolean {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return (
    words.some((word) => /^(\d+|[ivxlc]+)$/.test(word)) &&
    words.every((word) => /^(\d+|[ivxlc]+)$/.test(word) || pageWords.test(word))
  );
}

const romanDigits: Readonly<Record<string, number>> = { i: 1, v: 5, x: 10, l: 50, c: 100 };

function numberOf(text: string): number {
  if (/^\d/.test(text)) return Number(text);
  const digits = [...text].map((letter) => romanDigits[letter]!);
  return digits.reduce((sum, digit, at) => sum + (digit < (digits[at + 1] ?? 0) ? -digit : digit), 0);
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
