import { badOption, hashOf, type Passage, type Source } from "@rag-instruct/core";
import { headingStarts, type Stops, stopsOf, tableAt, upperBound, type WordSpans, wordSpans } from "./block-stops.ts";
import type { RawDocument } from "./formats/format.ts";

/** How documents become passages. */
export interface SplitDocumentsOptions {
  /**
   * `words`: blocks of exactly so many words, as DPR makes them. `sentences`: blocks end at sentences. `headings`: also at
   * headings, whose titles join the passage's title. `none`: a document is one passage.
   * @default "words"
   */
  by?: "words" | "sentences" | "headings" | "none";
  /** Most words in a passage. @default 100 */
  words?: number;
  /** Words that a passage repeats from the one before. @default 0 */
  overlap?: number;
  /**
   * Fills the last block of a document up from its beginning, as DPR does (Karpukhin et al. 2020, section 4.1), with `by: "words"`.
   * @default false
   */
  wrapAround?: boolean;
}

/**
 * Most characters of a passage for each of its words, white space aside. Text of any language stays far below it; it bounds what is not
 * text, such as encoded or minified data.
 */
const maxCharactersOfWord = 24;
/** A section that is shorter than this part of a passage is joined with the next one. */
const minSection = 0.25;

/** Splits documents into passages, in order. Documents that are passages already are passed on whole. */
export async function* splitDocuments(
  documents: Source<RawDocument>,
  options: SplitDocumentsOptions = {},
): AsyncGenerator<Passage> {
  for await (const document of documents) yield* splitDocument(document, options);
}

/**
 * The passages of one document; none where its text is empty. The first carries the source's own id and the next ones
 * `id#2`, `id#3` …; without an id each passage's is a hash of its title and text.
 */
export function splitDocument(document: RawDocument, options: SplitDocumentsOptions = {}): Passage[] {
  const { by, words, overlap, wrapAround } = checked(options);
  const { text, title } = document;
  if (document.isPassage || by === "none") return /\S/.test(text) ? [passageOf(document, title, text, 0)] : [];
  const spans = wordSpans(text);
  const count = spans.starts.length;
  if (by === "headings" && document.headings) {
    return headingBlocks(document, spans, { words, overlap }).map((block, index) =>
      passageOf(document, titleAt(document, spans, block), withHeader(textOf(text, spans, block), block), index),
    );
  }
  const stops = by === "words" ? undefined : stopsOf(text, spans, words);
  const blocks = [...blocksOf(0, count, { size: words, overlap, stops, spans })];
  return blocks.map((block, index) => {
    const missing = words - (block.end - block.start);
    const wraps = wrapAround && by === "words" && index > 0 && missing > 0;
    const filled = wraps ? ` ${textOf(text, spans, { start: 0, end: Math.min(missing, count) })}` : "";
    return passageOf(document, title, withHeader(textOf(text, spans, block), block) + filled, index);
  });
}

function checked({
  by = "words",
  words = 100,
  overlap = 0,
  wrapAround = false,
}: SplitDocumentsOptions): Required<SplitDocumentsOptions> {
  if (!Number.isInteger(words) || words < 1) {
    throw badOption(`words is ${words}; a passage needs at least 1`);
  }
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= words) {
    throw badOption(`overlap is ${overlap}; it must be at least 0 and less than words (${words})`);
  }
  return { by, words, overlap, wrapAround };
}

function headingBlocks(
  document: RawDocument,
  spans: WordSpans,
  { words, overlap }: { words: number; overlap: number },
): Block[] {
  const count = spans.starts.length;
  const stops = stopsOf(document.text, spans, words);
  const blocks: Block[] = [];
  let start = 0;
  for (const stop of [...headingStarts(document.headings!, spans), count]) {
    const isShort = stop - start < words * minSection;
    if (stop <= start || (isShort && stop < count)) continue;
    blocks.push(...blocksOf(start, stop, { size: words, overlap, stops, spans }));
    start = stop;
  }
  return blocks;
}

/** The document's title and those of the headings that a block's first word stands under. */
function titleAt({ title, headings = [] }: RawDocument, { starts }: WordSpans, { start }: Block): string {
  const path: { depth: number; title: string }[] = [];
  for (const heading of headings) {
    if (heading.at > starts[start]!) break;
    while (path.length > 0 && path.at(-1)!.depth >= heading.depth) path.pop();
    path.push(heading);
  }
  const titles = path.map((heading) => heading.title).filter((heading) => heading !== "" && heading !== title);
  return [title, ...titles].filter((part) => part !== "").join(" > ");
}

function textOf(text: string, { starts, ends }: WordSpans, { start, end }: Block): string {
  return text.slice(starts[start], ends[end - 1]);
}

function passageOf({ id, metadata }: RawDocument, title: string, text: string, index: number): Passage {
  const own = id === undefined ? hashOf([title, text]) : index === 0 ? id : `${id}#${index + 1}`;
  return { id: own, title, text, metadata };
}

/** Words from `start` up to but not including `end`. */
interface Block {
  start: number;
  end: number;
  /** What stands above the rows of a table that the block begins amid. */
  header?: string;
}

function withHeader(text: string, { header }: Block): string {
  return header === undefined ? text : `${header}\n${text}`;
}

/** How words are grouped. */
interface BlockOptions {
  /** Most words in a block. */
  size: number;
  /** Words that a block repeats from the one before. */
  overlap: number;
  /** A block ends elsewhere only when none is in reach. */
  stops?: Stops;
  /** Where the words stand: a block has no more characters than its number of words may have. */
  spans: WordSpans;
}

/**
 * Groups the words `from` to `to` into blocks in order; together they cover every word.
 * Where blocks end at stops, the words that a block repeats begin at a stop too, so that they may be fewer.
 */
function* blocksOf(from: number, to: number, { size, overlap, stops, spans }: BlockOptions): Generator<Block> {
  for (let start = from; start < to; ) {
    const { header, headerWords = 0 } = (stops && tableAt(stops.tables, start)) ?? {};
    const farthest = farthestEnd(start, Math.min(start + size - headerWords, to), {
      spans,
      maxCharacters: size * maxCharactersOfWord,
    });
    const end = farthest === to || !stops ? farthest : endOf(start, farthest, { stops, size });
    yield { start, end, header };
    if (end === to) return;
    const back = Math.max(end - overlap, start + 1);
    start = overlap === 0 ? end : stops ? (firstStop(stops.whole, back, end) ?? end) : back;
  }
}

/** A table or fence is cut only where the block would be hardly anything without a part of it. */
function endOf(start: number, farthest: number, { stops, size }: { stops: Stops; size: number }): number {
  const whole = lastStop(stops.whole, start, farthest);
  if (whole !== undefined && whole - start >= size * minSection) return whole;
  return lastStop(stops.all, start, farthest) ?? farthest;
}

/** The end of the longest block that has no more characters than allowed; of one word where that has more. */
function farthestEnd(
  start: number,
  end: number,
  { spans: { starts, ends }, maxCharacters }: { spans: WordSpans; maxCharacters: number },
): number {
  if (ends[end - 1]! - starts[start]! <= maxCharacters) return end;
  let characters = 0;
  for (let word = start; word < end; word++) {
    characters += ends[word]! - starts[word]!;
    if (characters > maxCharacters && word > start) return word;
  }
  return end;
}

function lastStop(stops: readonly number[], after: number, upTo: number): number | undefined {
  const stop = stops[upperBound(stops, upTo) - 1];
  return stop !== undefined && stop > after ? stop : undefined;
}

function firstStop(stops: readonly number[], from: number, before: number): number | undefined {
  const stop = stops[upperBound(stops, from - 1)];
  return stop !== undefined && stop < before ? stop : undefined;
}
