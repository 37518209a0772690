import type { FormatOptions, ReadEvent } from "./formats/format.ts";

/** A file inside a text, as RFC 2397 has it; those of a few characters may be examples in prose. */
const dataUri = /data:[\w.+-]+\/[\w.+-]+(?:;[\w=.+-]+)*;base64,[A-Za-z0-9+/=_\s-]{0,3}[A-Za-z0-9+/_-]{64,}={0,2}/g;

/** Whether a document may have files written into its text. */
export function hasData(event: ReadEvent): boolean {
  return "document" in event && event.document.text.includes(";base64,");
}

/** A document without the files that are written into its text in base64, such as pictures; their number is told. */
export function withoutData(event: ReadEvent, onLeftOut: FormatOptions["onLeftOut"]): ReadEvent {
  if (!("document" in event)) return event;
  const { document } = event;
  const cuts: { at: number; length: number }[] = [];
  const text = document.text.replace(dataUri, (found, at: number) => {
    cuts.push({ at, length: found.length });
    return "";
  });
  if (cuts.length > 0) onLeftOut("embedded-data", { count: cuts.length });
  const headings = document.headings?.map((heading) => {
    const before = cuts.filter(({ at }) => at < heading.at).reduce((sum, { length }) => sum + length, 0);
    return { ...heading, at: heading.at - before };
  });
  return { ...event, document: { ...document, text, headings } };
}
