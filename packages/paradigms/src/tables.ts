import { canonicalTokens } from "@rag-instruct/core";

/** A cell of a table. */
export interface Cell {
  text: string;
  tokens: readonly string[];
  /** Its number where it has one: of a time the minutes since midnight. What begins with a name, such as "Route 7", has none. */
  value: number | undefined;
  isTime: boolean;
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
    const isHeaded = hasHeader || namesColumns(first, others);
    const rows = isHeaded ? others : [first, ...others];
    if (rows.length >= minRows && first.length >= minColumns) tables.push({ header: isHeaded ? first : [], rows });
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

/** Whether a row says what the numbers below it are: it has none itself, or years where they are none. */
function namesColumns(first: readonly Cell[], others: readonly (readonly Cell[])[]): boolean {
  const isYear = ({ value }: Cell) => value !== undefined && /^(?:1[5-9]|20)\d\d$/.test(String(value));
  const columns = first.map((cell, at) => [cell, ...others.flatMap((row) => row[at] ?? [])] as const);
  const counted = columns.filter(([, ...below]) => below.some(({ value }) => value !== undefined));
  return (
    counted.length > 0 &&
    counted.every(([cell, ...below]) => cell.value === undefined || (isYear(cell) && !below.some(isYear)))
  );
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
  return { text, tokens, value: numberOf(text, tokens), isTime: clock.test(text) };
}

const clock = /^(\d{1,2}):(\d{2})$/;
const clocks = /(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])/g;

/** The numbers of a text, of times the minutes since midnight. */
export function numbersIn(text: string): string[] {
  const times = Array.from(text.matchAll(clocks), ([, hours, minutes]) => String(60 * Number(hours) + Number(minutes)));
  return [...canonicalTokens(text.replace(clocks, " ")).filter((token) => /^-?\d+(?:\.\d+)?$/.test(token)), ...times];
}
// "About 7" and "EUR 7" are numbers, "Route 7" is a name.
const ofNumbers =
  /^(?:about|around|approx|circa|nearly|almost|over|under|from|some|etwa|rund|fast|über|unter|environ|près|unos|casi)$/i;

function beginsWithName(text: string): boolean {
  const word = /\p{L}{3,}/u.exec(text.split(/\d/, 1)[0]!)?.[0];
  return /\d/.test(text) && word !== undefined && !/^[A-Z]{3}$/.test(word) && !ofNumbers.test(word);
}

function numberOf(text: string, tokens: readonly string[]): number | undefined {
  const numbers = numbersIn(text);
  const isNamed = beginsWithName(text) && !tokens.some((token) => token.startsWith("month"));
  return numbers.length === 1 && !isNamed ? Number(numbers[0]) : undefined;
}

/** Which kinds of number a question asks for beside those that cells give. */
export interface Reckoned {
  /** Per cent: shares of a sum, and how much larger one number is. */
  shares: boolean;
  /** How many times one number is another, or what comes to each. */
  ratios: boolean;
  /** What numbers may stand for: thousands, millions. */
  scales: readonly number[];
}

/** What can be reckoned from numbers: sum, mean, count, extremes, and differences, ratios and shares of two of them. */
export function reckonedFrom(values: readonly number[], kinds: Reckoned & { isTimed: boolean }): number[] {
  if (values.length === 0) return [];
  const sum = values.reduce((a, b) => a + b, 0);
  const shown = values.length <= maxPaired ? values : [Math.min(...values), Math.max(...values)];
  const pairs = shown.flatMap((a, i) => shown.flatMap((b, j) => (i === j ? [] : pairOf(a, b, kinds))));
  const shares = kinds.shares ? values.map((value) => (100 * value) / sum) : [];
  return [sum, sum / values.length, values.length, ...shares, ...pairs];
}

// Of more numbers than these only the extremes are set against each other: with many pairs any number is a difference of two.
const maxPaired = 4;

function pairOf(a: number, b: number, { shares, ratios, isTimed }: Reckoned & { isTimed: boolean }): number[] {
  const apart = Math.abs(a - b);
  return [
    apart,
    // Of times a difference is told in hours and minutes.
    ...(isTimed ? [Math.floor(apart / 60), apart % 60] : []),
    ...(ratios ? [a / b] : []),
    ...(shares ? [(100 * a) / b, (100 * (a - b)) / b, (100 * a) / (a + b)] : []),
  ];
}
