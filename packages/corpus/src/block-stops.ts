import type { Heading } from "./formats/format.ts";
import { findSolidBlocks } from "./solid-blocks.ts";
import { firstIndex } from "./text-cuts.ts";
import type { WordSpans } from "./word-spans.ts";

/** Words at which a block ends rather than anywhere, ascending. */
export interface Stops {
  /** Those that cut no table and no fence which a block has room for. */
  whole: readonly number[];
  /** Those and the lines of every table and fence, for where nothing else is in reach. */
  all: readonly number[];
  tables: readonly TableSpan[];
}

/** The rows of a table, as words from `start` up to but not including `end`, and what stands above them. */
export interface TableSpan {
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
  let word = 0;
  return headings.flatMap(({ at }) => {
    while (word < starts.length && starts[word]! < at) word++;
    return word < starts.length ? [word] : [];
  });
}
