import type NSpell from "nspell";
import type { PageText, Segment } from "./pdf-items.ts";

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

/** The least gap between two columns, in heights of their letters. */
const minGutter = 0.8;
const minSegments = 3;
/** Columns of prose are at least so wide, in heights of their letters, where cells of a table hold a word or a number. */
const minWidth = 9;
/** Lines of prose that go on within a sentence begin with a small letter; cells do not. */
const minGoingOn = 0.4;
/** In scripts without small letters, lines of prose are about as long as their column is wide. */
const minFilled = 0.85;

/**
 * Segments in the order in which they are read: columns of prose that were drawn row by row stand one after the other; all else, tables
 * too, stays as it was drawn. Columns are seen by a gap that no segment of them crosses, and prose by lines that go on in the middle of a sentence.
 */
export function readingOrder(segments: readonly Segment[]): Segment[] {
  const ordered: Segment[] = [];
  for (let at = 0; at < segments.length; ) {
    const block = columnBlock(segments, at);
    if (!block) {
      ordered.push(segments[at]!);
      at += 1;
      continue;
    }
    const { left, right, end } = block;
    if (isProse(left) && isProse(right)) ordered.push(...readingOrder(left), ...readingOrder(right));
    else ordered.push(...segments.slice(at, end));
    at = end;
  }
  return ordered;
}

interface ColumnBlock {
  left: Segment[];
  right: Segment[];
  /** The first segment behind it. */
  end: number;
}

/** The segments from one on that stand to the left and to the right of one gap, drawn from top to bottom; undefined where none begins there. */
function columnBlock(segments: readonly Segment[], start: number): ColumnBlock | undefined {
  const [first, second] = [segments[start]!, segments[start + 1]];
  if (!second || !isBeside(first, second)) return undefined;
  const block: ColumnBlock = { left: [], right: [], end: start };
  const gutter = { from: first.right, to: second.left };
  let last = first;
  for (let at = start; at < segments.length; at++) {
    const segment = segments[at]!;
    const middle = (gutter.from + gutter.to) / 2;
    const isLeft = (segment.left + segment.right) / 2 < middle;
    const from = isLeft ? Math.max(gutter.from, segment.right) : gutter.from;
    const to = isLeft ? gutter.to : Math.min(gutter.to, segment.left);
    const goesDown = segment.y <= last.y + last.size / 2 && last.y - segment.y < 3 * last.size;
    if (!goesDown || to - from < minGutter * segment.size) break;
    Object.assign(gutter, { from, to });
    (isLeft ? block.left : block.right).push(segment);
    block.end += 1;
    last = segment;
  }
  return block;
}

function isBeside(first: Segment, second: Segment): boolean {
  const { size } = first;
  return Math.abs(first.y - second.y) < size / 2 && second.left - first.right >= minGutter * size;
}

function isProse(column: readonly Segment[]): boolean {
  if (column.length < minSegments) return false;
  const widths = column.map(({ left, right, size }) => (right - left) / size).sort((a, b) => a - b);
  const median = widths[widths.length >> 1]!;
  if (median < minWidth) return false;
  const begins = column.slice(1).map(({ text }) => text[0]!);
  const cased = begins.filter((letter) => /\p{Ll}|\p{Lu}/u.test(letter));
  if (cased.length * 2 < begins.length) return median >= minFilled * widths.at(-1)!;
  return begins.filter((letter) => /\p{Ll}/u.test(letter)).length >= minGoingOn * begins.length;
}

/** A word that is cut at the end of a line. */
interface Cut {
  /** Where its parts begin and end: `text.slice(start, hyphen)` and `text.slice(next, end)`; without a hyphen it is the line's end. */
  start: number;
  hyphen: number;
  next: number;
  end: number;
}

/** Letters of a part at most. */
const maxPart = 64;

/**
 * A text whose words are whole again where the end of a line cut them: joined when the whole word stands elsewhere in the text or in a list
 * of English words, or when neither part is a word; with its hyphen where it stands so elsewhere, or where both parts are words
 * (`well-known`). Any other stays as it is. Without a hyphen, as where a soft one is not seen, two parts are joined when the whole is known
 * and one of them is not.
 */
export async function joinHyphens(text: string): Promise<string> {
  const hyphens = cutsOf(text, /[-\u2010]\n{1,2}(?=\p{L})/gu);
  const breaks = cutsOf(text, /\n{1,2}(?=\p{Ll})/gu);
  if (hyphens.length + breaks.length === 0) return text;
  const cuts = [...hyphens, ...breaks].sort((a, b) => a.hyphen - b.hyphen);
  const { known, inner } = { known: wordsBeside(text, hyphens), inner: wordsBeside(text, cuts) };
  const english = await englishWords();
  const isEnglish = (word: string) => english.correct(word.toLowerCase());
  const isWord = (word: string) => known.has(word.toLowerCase()) || isEnglish(word);
  const isPart = (word: string) => !inner.has(word.toLowerCase()) && !isEnglish(word);
  let joined = "";
  let from = 0;
  for (const cut of cuts) {
    const [first, second] = [text.slice(cut.start, cut.hyphen), text.slice(cut.next, cut.end)];
    const joint = isHyphen(text, cut)
      ? hyphenJoint(first, second, { known, isWord })
      : isWord(first + second) && (isPart(first) || isPart(second))
        ? ""
        : undefined;
    if (joint === undefined) continue;
    joined += text.slice(from, cut.hyphen) + joint;
    from = cut.next;
  }
  return joined + text.slice(from);
}

function isHyphen(text: string, { hyphen }: Cut): boolean {
  return text[hyphen] !== "\n";
}

/** What stands between two parts; undefined where that cannot be told. Capitals may also be two abbreviations. */
function hyphenJoint(
  first: string,
  second: string,
  { known, isWord }: { known: ReadonlySet<string>; isWord: (word: string) => boolean },
): string | undefined {
  // Of `state-of-the-` the last part is cut.
  const lastPart = first.slice(first.lastIndexOf("-") + 1);
  const [isFirst, isSecond] = [isWord(lastPart), isWord(second)];
  const isCapital = /^\p{Lu}/u.test(second);
  if (isWord(lastPart + second) || !(isFirst || isSecond || isCapital)) return "";
  return known.has(`${first}-${second}`.toLowerCase()) || (isFirst && isSecond) ? "-" : undefined;
}

/** Where a word may be cut: between small letters, or between capitals. */
function cutsOf(text: string, ends: RegExp): Cut[] {
  const cuts: Cut[] = [];
  for (const { 0: found, index } of text.matchAll(ends)) {
    const next = index + found.length;
    const [before] = /[\p{L}\p{M}-]{0,64}$/u.exec(text.slice(Math.max(0, index - maxPart), index)) ?? [""];
    const [after] = /^[\p{L}\p{M}]*/u.exec(text.slice(next, next + maxPart)) ?? [""];
    const isAlike = /\p{Lu}$/u.test(before) ? /^\p{Lu}/u.test(after) : /\p{L}$/u.test(before) && /^\p{Ll}/u.test(after);
    if (isAlike) cuts.push({ start: index - before.length, hyphen: index, next, end: next + after.length });
  }
  return cuts;
}

/** The words of a text in small letters, those with hyphens whole and by their parts; those that are cut left out. */
function wordsBeside(text: string, cuts: readonly Cut[]): Set<string> {
  const words = new Set<string>();
  let from = 0;
  for (const { start, end } of [...cuts, { start: text.length, end: text.length }]) {
    for (const [word] of text.slice(from, Math.max(from, start)).matchAll(/[\p{L}\p{M}-]+/gu)) {
      const small = word.toLowerCase();
      words.add(small);
      if (small.includes("-")) for (const part of small.split("-")) words.add(part);
    }
    from = end;
  }
  return words;
}

let english: Promise<NSpell> | undefined;

/** Hunspell's words of English, which also knows their forms. */
function englishWords(): Promise<NSpell> {
  english ??= (async () => {
    const [{ default: nspell }, { default: dictionary }] = await Promise.all([
      import("nspell"),
      import("dictionary-en"),
    ]);
    return nspell(dictionary as Parameters<typeof nspell>[0]);
  })();
  return english;
}
