import { type DelimitedRow, openText, readDelimited } from "@rag-instruct/core/node";
import type { ReadEvent } from "../raw-document.ts";
import { countingInvalid, type FormatInput, type FormatOptions, unread } from "./format.ts";

/**
 * Passages as DPR publishes them (psgs_w100.tsv): `id`, `text`, `title` by tabs, quoted as Python's csv module does, with a
 * header line or without; files of two columns have no title. Every row is one passage.
 */
export async function* readDprTsv(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const text = countingInvalid(openText(input, options), options);
  for await (const rows of readDelimited(text, { delimiter: "\t" })) {
    const events: ReadEvent[] = [];
    for (const row of rows) {
      const event = rowEvent(row, input.name);
      if (event) events.push(event);
    }
    yield events;
  }
}

function rowEvent({ fields, line }: DelimitedRow, file: string): ReadEvent | undefined {
  if (!fields) return unread("malformed", file, line, "a quoted field is never closed");
  const [id = "", text = "", title = ""] = fields;
  if (fields.length < 2 || fields.length > 3) {
    return unread("malformed", file, line, `${fields.length} columns where id, text and title are expected`);
  }
  if (line === 1 && id === "id") return undefined;
  if (id === "") return unread("malformed", file, line, "the row has no id");
  return { document: { id, title, text, isPassage: true }, line };
}
