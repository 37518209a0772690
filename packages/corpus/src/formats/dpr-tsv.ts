import { openText } from "@rag-instruct/core/node";
import type { ReadEvent } from "../raw-document.ts";
import { countingInvalid, type FormatInput, type FormatOptions, unread } from "./format.ts";

const tab = "\t";
/** A quoted field that is not closed within so many characters is taken for a stray quote. */
const maxQuoted = 1 << 26;

/**
 * Passages as DPR publishes them (psgs_w100.tsv): `id`, `text`, `title` by tabs, quoted as Python's csv module does, with a
 * header line or without; files of two columns have no title. Every row is one passage.
 */
export async function* readDprTsv(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const rows = new RowParser(input.name);
  for await (const chunk of countingInvalid(openText(input, options), options)) {
    const events = rows.push(chunk);
    if (events.length > 0) yield events;
  }
  yield rows.end();
}

/** Cuts rows out of text as it comes. A row is one line unless a quoted field holds a newline. */
class RowParser {
  #name: string;
  #line = 1;
  #rest: Buffer[] = [];
  #open = "";
  #scanAgainAt = 0;

  constructor(name: string) {
    this.#name = name;
  }

  push(chunk: Buffer): ReadEvent[] {
    const end = chunk.lastIndexOf(10) + 1;
    if (end === 0) {
      this.#rest.push(chunk);
      return [];
    }
    const head =
      this.#rest.length > 0 ? Buffer.concat([...this.#rest, chunk.subarray(0, end)]) : chunk.subarray(0, end);
    this.#rest = end < chunk.length ? [chunk.subarray(end)] : [];
    const text = this.#open + head.toString("utf8");
    if (this.#open !== "" && text.length < this.#scanAgainAt) {
      this.#open = text;
      return [];
    }
    return this.#parse(text, false);
  }

  end(): ReadEvent[] {
    return this.#parse(this.#open + Buffer.concat(this.#rest).toString("utf8"), true);
  }

  #parse(text: string, last: boolean): ReadEvent[] {
    const events: ReadEvent[] = [];
    this.#open = "";
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf("\n", at);
      const lineEnd = newline < 0 ? text.length : newline;
      const row = readRow(text, at, lineEnd);
      if (row === undefined) {
        if (!last && text.length - at < maxQuoted) {
          this.#open = text.slice(at);
          this.#scanAgainAt = this.#open.length * 2;
          break;
        }
        events.push(unread("malformed", this.#name, this.#line, "a quoted field is never closed"));
        this.#line += 1;
        at = lineEnd + 1;
        continue;
      }
      const event = this.#event(row.fields);
      if (event) events.push(event);
      this.#line += 1 + row.newlines;
      at = row.end + 1;
    }
    return events;
  }

  #event(fields: readonly string[]): ReadEvent | undefined {
    const [id = "", text = "", title = ""] = fields;
    const line = this.#line;
    if (fields.length === 1 && id === "") return undefined;
    if (fields.length < 2 || fields.length > 3) {
      return unread("malformed", this.#name, line, `${fields.length} columns where id, text and title are expected`);
    }
    if (line === 1 && id === "id") return undefined;
    if (id === "") return unread("malformed", this.#name, line, "the row has no id");
    return { document: { id, title, text, isPassage: true }, line };
  }
}

interface Row {
  fields: string[];
  /** Index of the newline that ends the row. */
  end: number;
  /** Newlines inside quoted fields. */
  newlines: number;
}

/** @returns undefined where a quoted field is open at the end of the text */
function readRow(text: string, start: number, lineEnd: number): Row | undefined {
  const fields: string[] = [];
  let end = lineEnd;
  let newlines = 0;
  for (let at = start; ; ) {
    let field = "";
    if (text.charCodeAt(at) === 34) {
      const quoted = readQuoted(text, at + 1);
      if (!quoted) return undefined;
      field = quoted.value;
      at = quoted.end;
      if (at > end) {
        newlines += countNewlines(quoted.value);
        const newline = text.indexOf("\n", at);
        end = newline < 0 ? text.length : newline;
      }
    }
    const next = text.indexOf(tab, at);
    const isLast = next < 0 || next > end;
    const stop = isLast ? withoutReturn(text, at, end) : next;
    fields.push(field === "" ? text.slice(at, stop) : field + text.slice(at, stop));
    if (isLast) return { fields, end, newlines };
    at = next + 1;
  }
}

function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let doubled = false;
  for (let at = start; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return undefined;
    if (text.charCodeAt(at + 1) !== 34) {
      const inner = text.slice(start, at);
      return { value: doubled ? inner.replaceAll('""', '"') : inner, end: at + 1 };
    }
    doubled = true;
  }
}

function withoutReturn(text: string, start: number, end: number): number {
  return end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
