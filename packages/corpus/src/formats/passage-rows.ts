import { type DelimitedRow, openText, readDelimited } from "@rag-instruct/core/node";
import { countingInvalid, type FormatInput, type FormatOptions, type ReadEvent, unread } from "./format.ts";

/**
 * Passages a row, by tabs: `id`, `text`, `title`, as DPR publishes them (psgs_w100.tsv), with a header line or without; files of two
 * columns have no title (MS MARCO's collection.tsv). Quotes are quoting where a writer such as Python's csv module needed it, and else
 * text. Rows of four columns are MS MARCO's documents: `id`, `url`, `title`, `body`. Every other row is one passage.
 */
export async function* readPassageRows(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const text = countingInvalid(openText(input, options), options);
  for await (const rows of readDelimited(text, { delimiter: "\t", quotes: "needed" })) {
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
  if (fields.length === 4 && isUrl(text)) {
    return { document: { id, title, text: fields[3]!, metadata: { url: text } }, line };
  }
  if (fields.length < 2 || fields.length > 3) {
    return unread("malformed", file, line, `${fields.length} columns where id, text and title are expected`);
  }
  if (line === 1 && id === "id") return undefined;
  if (id === "") return unread("malformed", file, line, "the row has no id");
  return { document: { id, title, text, isPassage: true }, line };
}

/** Whether rows without a header are passages or documents, by the first two lines. */
export function looksLikePassageRows(text: string): boolean {
  const [first = "", second = ""] = text.split(/\r?\n/, 2);
  const columns = first.split("\t");
  if (columns[0] === "id" && columns[1] === "text") return columns.length <= 3;
  const others = second.split("\t");
  if (columns.length === 4) return isUrl(columns[1]!) && (second === "" || isUrl(others[1] ?? ""));
  const begun = /^\d+\t/.test(first) && (second === "" || /^\d+\t/.test(second));
  return begun && columns.length >= 2 && columns.length <= 3;
}

function isUrl(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text);
}
