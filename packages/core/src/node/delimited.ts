/** A row of a delimited text. */
export interface DelimitedRow {
  /** `undefined` where the row begins a quoted field that is never closed; the lines after its first are then read as rows. */
  fields: string[] | undefined;
  /** Line on which it begins, counted from 1. */
  line: number;
}

/** A quoted field that is not closed within so many characters is taken for a stray quote. */
const maxQuoted = 1 << 26;

/**
 * Cuts valid UTF-8 into rows and fields, many rows at a time. Quoting is that of RFC 4180 and of Python's csv module: a field that
 * begins with a double quote runs to its closing one, also across lines, with quotes inside doubled; any other quote stands for
 * itself. Lines end in LF or CRLF; blank ones are passed over.
 */
export async function* readDelimited(
  utf8: AsyncIterable<Buffer>,
  { delimiter }: { delimiter: "," | "\t" },
): AsyncGenerator<DelimitedRow[]> {
  const cutter = new RowCutter(delimiter);
  for await (const chunk of utf8) {
    const rows = cutter.push(chunk);
    if (rows.length > 0) yield rows;
  }
  yield cutter.end();
}

class RowCutter {
  #delimiter: string;
  #line = 1;
  /** The beginning of a line. */
  #rest: Buffer[] = [];
  /** Lines of a row whose quoted field is still open; they are parsed again whenever their length has doubled. */
  #open: string[] = [];
  #openLength = 0;
  #cutAgainAt = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  push(chunk: Buffer): DelimitedRow[] {
    const end = chunk.lastIndexOf(10) + 1;
    if (end === 0) {
      this.#rest.push(chunk);
      return [];
    }
    const lines = this.#rest.length > 0 ? Buffer.concat([...this.#rest, chunk.subarray(0, end)]) : chunk;
    const text = lines.toString("utf8", 0, this.#rest.length > 0 ? lines.length : end);
    this.#rest = end < chunk.length ? [chunk.subarray(end)] : [];
    if (this.#openLength > 0) return this.#pushOpen(text);
    return this.#cut(text, false);
  }

  end(): DelimitedRow[] {
    return this.#cut(this.#open.join("") + Buffer.concat(this.#rest).toString("utf8"), true);
  }

  #pushOpen(text: string): DelimitedRow[] {
    this.#open.push(text);
    this.#openLength += text.length;
    return this.#openLength < this.#cutAgainAt ? [] : this.#cut(this.#open.join(""), false);
  }

  #cut(text: string, isLast: boolean): DelimitedRow[] {
    const rows: DelimitedRow[] = [];
    this.#open = [];
    this.#openLength = 0;
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf("\n", at);
      const lineEnd = newline < 0 ? text.length : newline;
      const row = cutRow(text, at, lineEnd, this.#delimiter);
      if (row) {
        if (row.fields.length > 1 || row.fields[0] !== "") rows.push({ fields: row.fields, line: this.#line });
        this.#line += 1 + row.newlines;
        at = row.end + 1;
      } else if (isLast || text.length - at >= maxQuoted) {
        rows.push({ fields: undefined, line: this.#line });
        this.#line += 1;
        at = lineEnd + 1;
      } else {
        this.#open = [text.slice(at)];
        this.#openLength = text.length - at;
        this.#cutAgainAt = this.#openLength * 2;
        break;
      }
    }
    return rows;
  }
}

interface CutRow {
  fields: string[];
  /** Index of the newline that ends the row. */
  end: number;
  /** Newlines inside quoted fields. */
  newlines: number;
}

/** @returns undefined where a quoted field is open at the end of the text */
function cutRow(text: string, start: number, lineEnd: number, delimiter: string): CutRow | undefined {
  const fields: string[] = [];
  let end = lineEnd;
  let newlines = 0;
  for (let at = start; ; ) {
    let quotedPart = "";
    if (text.charCodeAt(at) === 34) {
      const quoted = cutQuoted(text, at + 1);
      if (!quoted) return undefined;
      quotedPart = quoted.value;
      at = quoted.end;
      if (at > end) {
        newlines += countNewlines(quotedPart);
        const newline = text.indexOf("\n", at);
        end = newline < 0 ? text.length : newline;
      }
    }
    const next = text.indexOf(delimiter, at);
    const isLast = next < 0 || next > end;
    const stop = isLast ? withoutReturn(text, at, end) : next;
    fields.push(quotedPart === "" ? text.slice(at, stop) : quotedPart + text.slice(at, stop));
    if (isLast) return { fields, end, newlines };
    at = next + 1;
  }
}

function cutQuoted(text: string, start: number): { value: string; end: number } | undefined {
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
