/** A row of a delimited text. */
export interface DelimitedRow {
  /** `undefined` where the row begins a quoted field that is never closed; the lines after its first are then read as rows. */
  fields: string[] | undefined;
  /** Line on which it begins, counted from 1. */
  line: number;
}

/** A quoted field that is not closed within so many characters is taken for a stray quote. */
const maxQuoted = 1 << 26;

/** How a delimited text is cut. */
export interface DelimitedOptions {
  /** One character. */
  delimiter: string;
  /**
   * `csv`: a field that begins with a double quote runs to its closing one, also across lines, with quotes inside doubled; any other
   * quote stands for itself (RFC 4180, and Python's csv module). `needed`: the same where a writer that quotes no more than it needs
   * would have quoted, and else the quotes are the text's own, as in files that know no quoting: no field swallows a row.
   * @default "csv"
   */
  quotes?: "csv" | "needed";
  /** Whether a quote behind a backslash stands for itself, as Spark and MySQL write it, and a backslash too; none is doubled then. @default false */
  hasBackslashes?: boolean;
  /** Whether spaces before a field are passed over. @default false */
  skipsSpace?: boolean;
}

/** A row of CSV that {@link readDelimited} cuts into the same fields again (RFC 4180). */
export function csvRow(fields: readonly string[]): string {
  return `${quotedFields(fields, /[",\r\n]/).join(",")}\r\n`;
}

/** The same with tabs, as Python's csv module and {@link readDelimited} read it. */
export function tsvRow(fields: readonly string[]): string {
  return `${quotedFields(fields, /["\t\r\n]/).join("\t")}\n`;
}

function quotedFields(fields: readonly string[], special: RegExp): string[] {
  return fields.map((field) => (special.test(field) ? `"${field.replaceAll('"', '""')}"` : field));
}

/** Cuts valid UTF-8 into rows and fields, many rows at a time. Lines end in LF or CRLF; blank ones are passed over. */
export async function* readDelimited(
  utf8: AsyncIterable<Buffer>,
  options: DelimitedOptions,
): AsyncGenerator<DelimitedRow[]> {
  const cutter = new RowCutter(options);
  for await (const chunk of utf8) {
    const rows = cutter.push(chunk);
    if (rows.length > 0) yield rows;
  }
  yield cutter.end();
}

class RowCutter {
  #options: CutOptions;
  #line = 1;
  /** The beginning of a line. */
  #rest: Buffer[] = [];
  /** Lines of a row whose quoted field is still open; they are parsed again whenever their length has doubled. */
  #open: string[] = [];
  #openLength = 0;
  #cutAgainAt = 0;

  constructor({ delimiter, quotes = "csv", skipsSpace = false, hasBackslashes = false }: DelimitedOptions) {
    this.#options = { delimiter, skipsSpace, isCsv: quotes === "csv", hasBackslashes };
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
    // A writer that quotes every field quotes the first one too.
    if (this.#line === 1 && text.charCodeAt(0) === 34) this.#options.isCsv = true;
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf("\n", at);
      const lineEnd = newline < 0 ? text.length : newline;
      const row = cutRow(text, at, { lineEnd, isLast, options: this.#options });
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

interface CutOptions {
  delimiter: string;
  skipsSpace: boolean;
  /** Whether every quote at the beginning of a field opens it. */
  isCsv: boolean;
  hasBackslashes: boolean;
}

/** @returns undefined where a quoted field is open at the end of the text */
function cutRow(
  text: string,
  start: number,
  { lineEnd, isLast, options }: { lineEnd: number; isLast: boolean; options: CutOptions },
): CutRow | undefined {
  const { delimiter, skipsSpace, isCsv, hasBackslashes } = options;
  const fields: string[] = [];
  let end = lineEnd;
  let newlines = 0;
  for (let at = start; ; ) {
    let quotedPart = "";
    if (skipsSpace) while (text.charCodeAt(at) === 32) at++;
    if (text.charCodeAt(at) === 34) {
      const quoted = hasBackslashes ? cutEscaped(text, at + 1) : cutQuoted(text, at + 1);
      if (isCsv || (quoted ? wasNeeded(text, quoted, delimiter) : !isLast && text.indexOf(delimiter, lineEnd) < 0)) {
        if (!quoted) return undefined;
        quotedPart = quoted.value;
        at = quoted.end;
        if (at > end) {
          newlines += countNewlines(quotedPart);
          const newline = text.indexOf("\n", at);
          end = newline < 0 ? text.length : newline;
        }
      }
    }
    const next = text.indexOf(delimiter, at);
    const isLastField = next < 0 || next > end;
    const stop = isLastField ? withoutReturn(text, at, end) : next;
    fields.push(quotedPart === "" ? text.slice(at, stop) : quotedPart + text.slice(at, stop));
    if (isLastField) return { fields, end, newlines };
    at = next + 1;
  }
}

interface QuotedField {
  value: string;
  /** Index behind the closing quote. */
  end: number;
  /** Whether quotes stand in it, doubled. */
  doubled: boolean;
}

function cutQuoted(text: string, start: number): QuotedField | undefined {
  let doubled = false;
  for (let at = start; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return undefined;
    if (text.charCodeAt(at + 1) !== 34) {
      const inner = text.slice(start, at);
      return { value: doubled ? inner.replaceAll('""', '"') : inner, end: at + 1, doubled };
    }
    doubled = true;
  }
}

/** The same where quotes inside stand behind a backslash. */
function cutEscaped(text: string, start: number): QuotedField | undefined {
  for (let at = start; ; at += 1) {
    at = text.indexOf('"', at);
    if (at < 0) return undefined;
    let backslashes = 0;
    while (at - backslashes > start && text.charCodeAt(at - backslashes - 1) === 92) backslashes++;
    if (backslashes % 2 === 0)
      return { value: text.slice(start, at).replace(/\\(["\\])/g, "$1"), end: at + 1, doubled: false };
  }
}

/** Whether a field is quoted whole, and has what quotes are needed for; one with line ends and delimiters is rows that stray quotes enclose. */
function wasNeeded(text: string, { value, end, doubled }: QuotedField, delimiter: string): boolean {
  const isWhole = end === text.length || text.startsWith(delimiter, end) || /^\r?\n/.test(text.slice(end, end + 2));
  if (!isWhole) return false;
  const [hasLines, hasDelimiters] = [value.includes("\n"), value.includes(delimiter)];
  return hasLines ? !hasDelimiters : hasDelimiters || doubled;
}

function withoutReturn(text: string, start: number, end: number): number {
  return end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
