import { maxTextBytes } from "./open-text.ts";

/** One line of a text, without its end. */
export interface TextLine {
  /** `undefined` where the line is longer than allowed. */
  text: string | undefined;
  /** Counted from 1. */
  line: number;
}

/**
 * Cuts valid UTF-8 into lines, which end in LF or CRLF alone: U+2028 and its like stand inside a line, as JSON allows.
 * @param options.maxBytes a longer line is read over in constant memory and given without its text. @default 256 MiB
 */
export async function* readLines(
  utf8: AsyncIterable<Buffer>,
  { maxBytes = maxTextBytes }: { maxBytes?: number } = {},
): AsyncGenerator<TextLine> {
  let line = 0;
  for await (const text of lineBlocks(utf8, maxBytes)) {
    if (text === undefined) {
      yield { text, line: ++line };
      continue;
    }
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf("\n", start);
      const next = newline < 0 ? text.length : newline;
      const end = next > start && text.charCodeAt(next - 1) === 13 ? next - 1 : next;
      yield { text: text.slice(start, end), line: ++line };
      start = next + 1;
    }
  }
}

/** Texts of whole lines, many at a time; `undefined` stands for one line that is too long. */
async function* lineBlocks(utf8: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string | undefined> {
  let waiting: Buffer[] = [];
  let length = 0;
  function takeLine(end: Buffer): string | undefined {
    const text = length + end.length > maxBytes ? undefined : Buffer.concat([...waiting, end]).toString("utf8");
    waiting = [];
    length = 0;
    return text;
  }
  for await (const chunk of utf8) {
    let start = 0;
    if (length > 0) {
      start = chunk.indexOf(10) + 1;
      if (start > 0) yield takeLine(chunk.subarray(0, start));
    }
    const end = chunk.lastIndexOf(10) + 1;
    if (end > start) yield chunk.toString("utf8", start, end);
    const rest = chunk.subarray(Math.max(start, end));
    length += rest.length;
    if (length > maxBytes) waiting = [];
    else if (rest.length > 0) waiting.push(rest);
  }
  if (length > 0) yield takeLine(Buffer.alloc(0));
}
