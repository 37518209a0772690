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
