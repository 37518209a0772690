import { canonicalTokens } from "@rag-instruct/core";

/** A cell of a table. */
export interface Cell {
  text: string;
  tokens: readonly string[];
  /** Its number where it has one: of a time the minutes since midnight. */
  value: number | undefined;
}

/** A table in a text. */
export interface Table {
  /** Empty where the table has none. */
  header: readonly Cell[];
  rows: readonly (readonly Cell[])[];
}

const minColumns = 2;
const minRows = 2;
const ruler = /^[\s|:+=-]+$/;

/** The tables of a text that are written with bars, as Markdown writes them, or with tabs; those of a row or a column alone are none. */
export function tablesIn(text: string): Table[] {
  const tables: Table[] = [];
  let lines: string[][] = [];
  let hasHeader = false;
  const end = () => {
    const [first = [], ...others] = lines.map((line) => line.map(cellOf));
    const rows = hasHeader ? others : [first, ...others];
    if (rows.length >= minRows && first.length >= minColumns) tables.push({ header: hasHeader ? first : [], rows });
    lines = [];
    hasHeader = false;
  };
  for (const line of text.split("\n")) {
    if (ruler.test(line) && line.includes("-")) {
      if (lines.length === 1) hasHeader = true;
      continue;
    }
    const cells = cellsOf(line);
    const width = lines[0]?.length;
    if (cells.length < minColumns || (width !== undefined && Math.abs(cells.length - width) > 1)) end();
    if (cells.length >= minColumns) lines.push(cells);
  }
  end();
  return tables;
}

function cellsOf(line: string): string[] {
  if (line.includes("|")) {
    const cells = line.replaceAll("\\|", "\u0000").split("|");
    const inner = cells.map((cell) => cell.replaceAll("\u0000", "|").trim());
    return inner.slice(inner[0] === "" ? 1 : 0, inner.at(-1) === "" ? -1 : undefined);
  }
  return line.includes("\t") ? line.split("\t").map((cell) => cell.trim()) : [];
}

function cellOf(marked: string): Cell {
  const text = marked.replace(/\*\*|__|`/g, "");
  const tokens = canonicalTokens(text);
  return { text, tokens, value: numberOf(text, tokens) };
}

const clock = /^(\d{1,2}):(\d{2})$/;

function numberOf(text: string, tokens: readonly string[]): number | undefined {
  const [, hours, minutes] = clock.exec(text) ?? [];
  if (hours !== undefined) return 60 * Number(hours) + Number(minutes);
  const numbers = tokens.filter((token) => /^-?\d+(?:\.\d+)?$/.test(token));
  return numbers.length === 1 ? Number(numbers[0]) : undefined;
}

/** What can be reckoned from numbers: sum, mean, count, extremes, and differences, ratios and shares of two of them. */
export function reckonedFrom(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  const sum = values.reduce((a, b) => a + b, 0);
  const shown = values.length <= maxPaired ? values : [Math.min(...values), Math.max(...values)];
  const pairs = shown.flatMap((a, i) => shown.flatMap((b, j) => (i === j ? [] : pairOf(a, b))));
  return [sum, sum / values.length, values.length, ...values.map((value) => (100 * value) / sum), ...pairs];
}

// Of more numbers than these only the extremes are set against each other: with many pairs any number is a difference of two.
const maxPaired = 4;

function pairOf(a: number, b: number): number[] {
  const apart = Math.abs(a - b);
  // Of times a difference is told in hours and minutes.
  return [apart, Math.floor(apart / 60), apart % 60, a / b, (100 * a) / b, (100 * (a - b)) / b];
}
