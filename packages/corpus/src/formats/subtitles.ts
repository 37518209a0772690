import { readText } from "@rag-instruct/core/node";
import type { FormatInput, FormatOptions, ReadEvent } from "./format.ts";
import { fileDocument } from "./text.ts";

const timing = /^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{3}\s+-->\s/;

/** Subtitles (WebVTT, SubRip): what is said, a line for each line, without times, numbers, notes and styles. */
export async function* readSubtitles(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, options);
  options.onInvalidBytes(invalidBytes);
  yield [{ document: fileDocument(input.source, { text: spokenText(text) }), line: 1 }];
}

function spokenText(text: string): string {
  const lines: string[] = [];
  for (const block of text.split(/\r?\n(?:[^\S\n]*\r?\n)+/)) {
    const all = block.split(/\r?\n/);
    const begin = all.findIndex((line) => timing.test(line));
    if (begin < 0) continue;
    for (const line of all.slice(begin + 1)) {
      const said = line
        .replace(/<v(?:\.[^\s<>]{0,80})?\s([^<>]{1,80})>/g, "$1: ")
        .replace(/<\/?[^<>]*>|\{\\[^}]*\}/g, "")
        .trim();
      // Captions that roll show the line before once more.
      if (said !== "" && said !== lines.at(-1)) lines.push(said);
    }
  }
  return lines.join("\n");
}
