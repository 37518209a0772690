import type { RawDocument } from "./formats/format.ts";

/** A part of a text, from `at` up to but not including `end`. */
export interface TextRange {
  at: number;
  end: number;
}

/** A document without parts of its text, given in order; its headings stand where they then are. */
export function withoutRanges(document: RawDocument, cuts: readonly TextRange[]): RawDocument {
  if (cuts.length === 0) return document;
  const { text, headings } = document;
  let kept = "";
  let from = 0;
  for (const { at, end } of cuts) {
    kept += text.slice(from, at);
    from = end;
  }
  const moved = movedBy(cuts);
  return {
    ...document,
    text: kept + text.slice(from),
    headings: headings?.map((heading) => ({ ...heading, at: moved(heading.at) })),
  };
}

/** Where places of a text are once parts are cut from it. */
function movedBy(cuts: readonly TextRange[]): (place: number) => number {
  const before = [0];
  for (const { at, end } of cuts) before.push(before.at(-1)! + end - at);
  return (place) => {
    const behind = firstIndex(cuts, ({ at }) => at >= place);
    const last = cuts[behind - 1];
    // What began inside a cut begins where the cut was.
    return place - before[behind]! + (last && place < last.end ? last.end - place : 0);
  };
}

/** Index of the first value for which a test holds that holds for all behind it too; the length of the list where there is none. */
export function firstIndex<T>(values: readonly T[], holds: (value: T) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(values[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
