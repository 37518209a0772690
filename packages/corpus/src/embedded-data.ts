import type { FormatOptions, ReadEvent } from "./formats/format.ts";
import { withoutRanges } from "./text-cuts.ts";

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
