import { hashOf, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import type { Heading, RawDocument } from "./formats/format.ts";

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
 * Most characters of a passage for each of its words, white space aside: text of any language stays far below it, so that it bounds what
 * is none, such as encoded or minified data.
 */
const maxCharactersOfWord = 24;
/** A longer run without white space is cut. */
const maxRun = 256;
/** A section that is shorter than this part of a passage goes on into the next one. */
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
      passageOf(document, titleAt(document, spans, block), textOf(text, spans, block), index),
    );
  }
  const softStops = by === "words" ? undefined : sentenceStarts(text, spans);
  const blocks = [...blocksOf(0, count, { size: words, overlap, softStops, spans })];
  return blocks.map((block, index) => {
    const missing = words - (block.end - block.start);
    const wraps = wrapAround && by === "words" && index > 0 && missing > 0;
    const filled = wraps ? ` ${textOf(text, spans, { start: 0, end: Math.min(missing, count) })}` : "";
    return passageOf(document, title, textOf(text, spans, block) + filled, index);
  });
}

function checked({
  by = "words",
  words = 100,
  overlap = 0,
  wrapAround = false,
}: SplitDocumentsOptions): Required<SplitDocumentsOptions> {
  if (!Number.isInteger(words) || words < 1) {
    throw new RagInstructError("bad-option", `words is ${words}; a passage needs at least 1`);
  }
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= words) {
    throw new RagInstructError(
      "bad-option",
      `overlap is ${overlap}; it must be at least 0 and less than words (${words})`,
    );
  }
  return { by, words, overlap, wrapAround };
}

function headingBlocks(
  { text, headings = [] }: RawDocument,
  spans: WordSpans,
  { words, overlap }: { words: number; overlap: number },
): Block[] {
  const count = spans.starts.length;
  const softStops = sentenceStarts(text, spans);
  const blocks: Block[] = [];
  let start = 0;
  for (const stop of [...headingStarts(headings, spans), count]) {
    const isShort = stop - start < words * minSection;
    if (stop <= start || (isShort && stop < count)) continue;
    blocks.push(...blocksOf(start, stop, { size: words, overlap, softStops, spans }));
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
}

/** How words are grouped. */
interface BlockOptions {
  /** Most words in a block. */
  size: number;
  /** Words that a block repeats from the one before. */
  overlap: number;
  /** Words at which a block ends rather than anywhere, ascending; a block ends elsewhere only when none is in reach. */
  softStops?: readonly number[];
  /** Where the words stand, so that a block does not grow beyond what so many words have in characters. */
  spans: WordSpans;
}

/**
 * Groups the words `from` to `to` into blocks in order; together they cover every word.
 * With soft stops the repeated words begin at a stop too, so that they may be fewer.
 */
function* blocksOf(from: number, to: number, { size, overlap, softStops, spans }: BlockOptions): Generator<Block> {
  for (let start = from; start < to; ) {
    const farthest = farthestEnd(start, Math.min(start + size, to), {
      spans,
      maxCharacters: size * maxCharactersOfWord,
    });
    const end = farthest === to ? to : (lastStop(softStops, start, farthest) ?? farthest);
    yield { start, end };
    if (end === to) return;
    const back = Math.max(end - overlap, start + 1);
    start = overlap === 0 ? end : softStops ? (firstStop(softStops, back, end) ?? end) : back;
  }
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

function lastStop(stops: readonly number[] | undefined, after: number, upTo: number): number | undefined {
  if (!stops) return undefined;
  const stop = stops[upperBound(stops, upTo) - 1];
  return stop !== undefined && stop > after ? stop : undefined;
}

function firstStop(stops: readonly number[], from: number, before: number): number | undefined {
  const stop = stops[upperBound(stops, from - 1)];
  return stop !== undefined && stop < before ? stop : undefined;
}

/** Index of the first stop that is greater than a value. */
function upperBound(stops: readonly number[], value: number): number {
  let [low, high] = [0, stops.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (stops[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

const unspacedScripts =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
let wordSegmenter: Intl.Segmenter | undefined;

/** Where the words of a text stand: word `i` is `text.slice(starts[i], ends[i])`. */
interface WordSpans {
  starts: number[];
  ends: number[];
}

/**
 * The words of a text: what white space parts, as DPR counts them. A run in a script that is written without spaces
 * (Chinese, Japanese, Thai, Lao, Khmer, Burmese) is cut further by Intl.Segmenter, and any run of over 256 characters is cut. Every character but white space is in a word.
 */
function wordSpans(text: string): WordSpans {
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
function headingStarts(headings: readonly Heading[], { starts }: WordSpans): number[] {
  let word = 0;
  return headings.flatMap(({ at }) => {
    while (word < starts.length && starts[word]! < at) word++;
    return word < starts.length ? [word] : [];
  });
}
