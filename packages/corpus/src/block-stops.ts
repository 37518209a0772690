import type { Heading } from "./formats/format.ts";
import { firstIndex } from "./text-cuts.ts";

/** Words at which a block ends rather than anywhere, ascending. */
export interface Stops {
  /** Those that cut no table and no fence which a block has room for. */
  whole: readonly number[];
  /** Those and the lines of every table and fence, for where nothing else is in reach. */
  all: readonly number[];
  tables: readonly TableSpan[];
}

/** The rows of a table, as words from `start` up to but not including `end`, and what stands above them. */
interface TableSpan {
  start: number;
  end: number;
  header: string;
  headerWords: number;
}

/** Where the blocks of a text end: at sentences, before and behind tables and fences, and at the lines of those. */
export function stopsOf(text: string, spans: WordSpans, size: number): Stops {
  const sentences = sentenceStarts(text, spans);
  const blocks = findSolidBlocks(text);
  if (blocks.length === 0) return { whole: sentences, all: sentences, tables: [] };
  const wordAt = (place: number) => upperBound(spans.starts, place - 1);
  const inside = new Set<number>();
  const edges: number[] = [];
  const lines: number[] = [];
  const linesOfLong: number[] = [];
  const tables: TableSpan[] = [];
  for (const { at, end, kind } of blocks) {
    const [start, stop] = [wordAt(at), wordAt(end)];
    for (let word = start + 1; word < stop; word++) inside.add(word);
    edges.push(start, stop);
    const [, ...others] = lineStarts(text, { at, end }).map(wordAt);
    // A header is not parted from its first row.
    const ends = (kind === "table" ? others.slice(2) : others).filter((word) => word < stop);
    (stop - start > size ? linesOfLong : lines).push(...ends);
    if (kind === "table") addTable(tables, { start, body: others[1] ?? stop, stop }, { text, spans, size });
  }
  const count = spans.starts.length;
  const outside = [...sentences.filter((word) => !inside.has(word)), ...edges, ...linesOfLong];
  const inOrder = (words: readonly number[]) =>
    [...new Set(words)].filter((word) => word < count).sort((a, b) => a - b);
  return { whole: inOrder(outside), all: inOrder([...outside, ...lines]), tables };
}

function addTable(
  tables: TableSpan[],
  { start, body, stop }: { start: number; body: number; stop: number },
  { text, spans, size }: { text: string; spans: WordSpans; size: number },
): void {
  const headerWords = body - start;
  if (body >= stop || headerWords > size / 2) return;
  const header = text.slice(spans.starts[start], spans.ends[body - 1]);
  tables.push({ start: body, end: stop, header, headerWords });
}

/** The table in whose rows a word is. */
export function tableAt(tables: readonly TableSpan[], word: number): TableSpan | undefined {
  const found = tables[firstIndex(tables, ({ end }) => end > word)];
  return found && found.start <= word ? found : undefined;
}

function lineStarts(text: string, { at, end }: { at: number; end: number }): number[] {
  return [at, ...Array.from(text.slice(at, end).matchAll(/\n/g), ({ index }) => at + index + 1)];
}

/** Index of the first value that is greater than another. */
export function upperBound(values: readonly number[], value: number): number {
  return firstIndex(values, (each) => each > value);
}

let sentenceSegmenter: Intl.Segmenter | undefined;

/** The words that begin a sentence, by Unicode's rules (UAX 29); blank lines end sentences too. */
function sentenceStarts(text: string, { starts }: WordSpans): number[] {
  sentenceSegmenter ??= new Intl.Segmenter(undefined, { granularity: "sentence" });
  const found: number[] = [];
  let word = 0;
  for (const block of text.matchAll(/(?:(?!\n[^\S\n]*\n)[\s\S])+/g)) {
    const next = starts[word];
    if (next === undefined || next >= block.index + block[0].length) continue;
    for (const { index } of sentenceSegmenter.segment(block[0])) {
      const at = block.index + index;
      while (word < starts.length && starts[word]! < at) word++;
      if (word < starts.length && found.at(-1) !== word) found.push(word);
    }
  }
  return found;
}

/** The words that begin a heading. */
export function headingStarts(headings: readonly Heading[], { starts }: WordSpans): number[] {
  return headings.map(({ at }) => upperBound(starts, at - 1)).filter((word) => word < starts.length);
}

/** A table or a fence of code inside a text, which is not cut where a passage has room for it. */
interface SolidBlock {
  /** Where it begins and ends, as indexes into the text. */
  at: number;
  end: number;
  kind: "table" | "fence";
}

/**
 * The tables and fences of a text, in order, as Markdown has them and the readers of other formats write them: rows with bars below a
 * line that parts the header from them, and what stands between two lines of backticks or tildes.
 */
function findSolidBlocks(text: string): SolidBlock[] {
  if (!/```|~~~|\|/.test(text)) return [];
  const blocks: SolidBlock[] = [];
  let fence: { at: number; marks: string } | undefined;
  let table: SolidBlock | undefined;
  let before = { at: 0, line: "" };
  for (const { 0: whole, index: at } of text.matchAll(/[^\n]+\n?|\n/g)) {
    const line = whole.trim();
    const end = at + whole.length;
    const marks = /^(?:`{3,}|~{3,})/.exec(line)?.[0];
    if (fence) {
      if (marks !== line || !marks.startsWith(fence.marks)) continue;
      blocks.push({ at: fence.at, end, kind: "fence" });
      fence = undefined;
    } else if (marks !== undefined) {
      table = undefined;
      fence = { at, marks };
    } else if (table && line.includes("|")) table.end = end;
    else if (isBelowHeader(line) && before.line.includes("|")) {
      table = { at: before.at, end, kind: "table" };
      blocks.push(table);
    } else table = undefined;
    before = { at, line };
  }
  return blocks;
}

/** Whether a line may part the header of a table from its rows. */
function isBelowHeader(line: string): boolean {
  return line.includes("|") && line.includes("-") && /^[\s|:-]+$/.test(line);
}

/** A longer run without white space is cut. */
const maxRun = 256;

const unspacedScripts =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
let wordSegmenter: Intl.Segmenter | undefined;

/** Where the words of a text stand: word `i` is `text.slice(starts[i], ends[i])`. */
export interface WordSpans {
  starts: number[];
  ends: number[];
}

/**
 * The words of a text: what white space parts, as DPR counts them. A run in a script that is written without spaces
 * (Chinese, Japanese, Thai, Lao, Khmer, Burmese) is cut further by Intl.Segmenter, and any run of over 256 characters is cut. Every character but white space is in a word.
 */
export function wordSpans(text: string): WordSpans {
  const spans: WordSpans = { starts: [], ends: [] };
  const cutsFurther = unspacedScripts.test(text);
  for (const { 0: run, index } of text.matchAll(/\S+/gu)) {
    if (cutsFurther && unspacedScripts.test(run)) addSegments(spans, run, index);
    else addRun(spans, index, run);
  }
  return spans;
}

/** Punctuation stays with the word before it. */
function addSegments(spans: WordSpans, run: string, offset: number): void {
  wordSegmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  const first = spans.starts.length;
  for (const { segment, index, isWordLike } of wordSegmenter.segment(run)) {
    const end = offset + index + segment.length;
    if (segment.length > maxRun) addRun(spans, offset + index, segment);
    else if (isWordLike || spans.starts.length === first) addSpan(spans, offset + index, end);
    else spans.ends[spans.ends.length - 1] = end;
  }
}

/** A run as one word, or cut where it is too long for any; no character is cut in two. */
function addRun(spans: WordSpans, offset: number, run: string): void {
  let start = 0;
  while (run.length - start > maxRun) {
    const splitsPair = /[\uD800-\uDBFF]/.test(run[start + maxRun - 1]!);
    const end = start + maxRun - (splitsPair ? 1 : 0);
    addSpan(spans, offset + start, offset + end);
    start = end;
  }
  addSpan(spans, offset + start, offset + run.length);
}

function addSpan({ starts, ends }: WordSpans, start: number, end: number): void {
  starts.push(start);
  ends.push(end);
}
