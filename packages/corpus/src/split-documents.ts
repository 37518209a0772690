import { hashOf, type Passage, RagInstructError, type Source } from "@rag-instruct/core";
import type { RawDocument } from "./raw-document.ts";
import { type Block, blocksOf } from "./split/blocks.ts";
import { headingStarts, sentenceStarts } from "./split/boundaries.ts";
import { type WordSpans, wordSpans } from "./split/words.ts";

/** How documents become passages. */
export interface SplitOptions {
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

/** A section that is shorter than this part of a passage goes on into the next one. */
const leastSection = 0.25;

/** Splits documents into passages, in order. Documents that are passages already are passed on whole. */
export async function* splitDocuments(
  documents: Source<RawDocument>,
  options: SplitOptions = {},
): AsyncGenerator<Passage> {
  for await (const document of documents) yield* splitDocument(document, options);
}

/**
 * The passages of one document; none where its text is empty. The first carries the source's own id and the next ones
 * `id#2`, `id#3` …; without an id each passage's is a hash of its title and text.
 */
export function splitDocument(document: RawDocument, options: SplitOptions = {}): Passage[] {
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
  const softStops = by === "words" ? {} : { softStops: sentenceStarts(text, spans) };
  const blocks = [...blocksOf(0, count, { size: words, overlap, ...softStops })];
  return blocks.map((block, index) => {
    const missing = words - (block.end - block.start);
    const wraps = wrapAround && by === "words" && index > 0 && missing > 0;
    const filled = wraps ? ` ${textOf(text, spans, { start: 0, end: Math.min(missing, count) })}` : "";
    return passageOf(document, title, textOf(text, spans, block) + filled, index);
  });
}

function checked({ by = "words", words = 100, overlap = 0, wrapAround = false }: SplitOptions): Required<SplitOptions> {
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
    const isShort = stop - start < words * leastSection;
    if (stop <= start || (isShort && stop < count)) continue;
    blocks.push(...blocksOf(start, stop, { size: words, overlap, softStops }));
    start = stop;
  }
  return blocks;
}

/** The document's title and those of the headings above the first words of a block that are no headings of their own. */
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
