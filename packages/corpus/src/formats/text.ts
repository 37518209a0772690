import { readText } from "@rag-instruct/core/node";
import type { FormatInput, FormatOptions, ReadEvent } from "./format.ts";

/** Plain text: a file is one document with the name of the file as its title. */
export async function* readPlainText(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { text, invalidBytes } = await readText(input, options);
  options.onInvalidBytes(invalidBytes);
  yield [{ document: { title: titleFromName(input.source), text, metadata: { source: input.source } }, line: 1 }];
}

/** `guides/04-getting_started.md` gives `getting started`. */
export function titleFromName(source: string): string {
  const file = source
    .split("/")
    .at(-1)!
    .replace(/\.(gz|zst|bz2|xz)$/i, "");
  const stem = file.replace(/(?<=.)\.[A-Za-z0-9]+$/, "");
  return (
    stem
      .replace(/^\d+[-_.](?=\D)/, "")
      .replace(/[-_]+/g, " ")
      .trim() || stem
  );
}
