import type { FormatOptions, RawDocument, ReadEvent } from "./formats/format.ts";

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

/** Index of the first value for which a test holds, by bisection: it must hold for all values behind it too. The length of the list where it holds for none. */
export function firstIndex<T>(values: readonly T[], holds: (value: T) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(values[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A file inside a text, as RFC 2397 has it; those of a few characters may be examples in prose. */
const dataUri = /data:[\w.+-]+\/[\w.+-]+(?:;[\w=.+-]+)*;base64,[A-Za-z0-9+/=_\s-]{0,3}[A-Za-z0-9+/_-]{64,}={0,2}/g;

/** Whether a document may have files written into its text. */
export function hasData(event: ReadEvent): boolean {
  return "document" in event && event.document.text.includes(";base64,");
}

/** A document without the files that are written into its text in base64, such as pictures; their number is told. */
export function withoutData(event: ReadEvent, onLeftOut: FormatOptions["onLeftOut"]): ReadEvent {
  if (!("document" in event)) return event;
  const cuts = Array.from(event.document.text.matchAll(dataUri), ({ 0: found, index }) => ({
    at: index,
    end: index + found.length,
  }));
  if (cuts.length > 0) onLeftOut("embedded-data", { count: cuts.length });
  return { ...event, document: withoutRanges(event.document, cuts) };
}
