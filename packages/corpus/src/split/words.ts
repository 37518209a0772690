const unspacedScripts =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
let segmenter: Intl.Segmenter | undefined;

/** Where the words of a text stand: word `i` is `text.slice(starts[i], ends[i])`. */
export interface WordSpans {
  starts: number[];
  ends: number[];
}

/**
 * The words of a text: what white space parts, as DPR counts them. A run in a script that is written without spaces
 * (Chinese, Japanese, Thai, Lao, Khmer, Burmese) is cut further by Intl.Segmenter. Every character but white space is in a word.
 */
export function wordSpans(text: string): WordSpans {
  const spans: WordSpans = { starts: [], ends: [] };
  const cutsFurther = unspacedScripts.test(text);
  for (const { 0: run, index } of text.matchAll(/\S+/gu)) {
    if (cutsFurther && unspacedScripts.test(run)) addSegments(spans, run, index);
    else addSpan(spans, index, index + run.length);
  }
  return spans;
}

/** Punctuation stays with the word before it. */
function addSegments(spans: WordSpans, run: string, offset: number): void {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  const first = spans.starts.length;
  for (const { segment, index, isWordLike } of segmenter.segment(run)) {
    const end = offset + index + segment.length;
    if (isWordLike || spans.starts.length === first) addSpan(spans, offset + index, end);
    else spans.ends[spans.ends.length - 1] = end;
  }
}

function addSpan({ starts, ends }: WordSpans, start: number, end: number): void {
  starts.push(start);
  ends.push(end);
}
