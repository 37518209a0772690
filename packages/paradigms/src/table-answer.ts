import { canonicalTokens, holdsTokens, type Passage, tellingTokens } from "@rag-instruct/core";
import { type CheckedPair, defineParadigm, type WordVerdict } from "./paradigm.ts";
import { type Cell, reckonedFrom, type Table, tablesIn } from "./tables.ts";

const instructions = `
You get a document with a table. Write a question whose answer is looked up in that table, or reckoned from its cells: a sum, a difference, a mean,
a count, a share, the highest or lowest of a column. Name the things it is about as the table names them, so that the question is clear to
somebody who has not seen the table, and never speak of a table, a row or a column.
The answer gives the value, with its unit where it has one, and where it was reckoned the numbers that it comes from.
`;

const judging = `
Reckon from the cells of the table what the question asks for before you look at the answer. What a table gives, or what is reckoned from its cells alone,
the documents "state".
`;

/** The answer is looked up in a table of the document, or reckoned from it. */
export const tableAnswer = defineParadigm({
  id: "table-answer",
  documents: { min: 1, max: 1 },
  instructions,
  judging,
  about: "The answer is looked up in a table of the document, or reckoned from its cells.",
  tasks: ["open", "comparison", "multi-hop", "list"],
  relation: { answerStated: "either", documentsAre: "required" },
  reply: { cells: "the cells that the answer comes from, and what is reckoned from them" },
  fits: (passages) => passages.every(holdsTable),
  check,
});

function holdsTable({ text }: Passage): boolean {
  return tablesIn(text).some(({ rows }) => rows.flat().some(({ value }) => value !== undefined));
}

// A passage has one or two tables, and not many rows; of a longer text so much is reckoned with.
const maxTables = 8;
const maxCells = 600;
const maxNumbers = 50;

type Fault = { reason: string; detail: string };

function check({ question, answer, documents }: CheckedPair): WordVerdict {
  const tables = documents
    .flatMap(({ text }) => tablesIn(text))
    .slice(0, maxTables)
    .map(({ header, rows }) => ({ header, rows: rows.slice(0, maxCells / rows[0]!.length) }));
  if (tables.length === 0) return { reason: "not-from-table", detail: "no document holds a table" };
  const verdicts = tables.map((table) => verdictFrom(table, { question, answer }));
  return (
    verdicts.find((verdict) => verdict === "shown") ??
    verdicts.find((verdict) => verdict === "unproved") ??
    verdicts[0]!
  );
}

function verdictFrom(table: Table, { question, answer }: Pick<CheckedPair, "question" | "answer">): WordVerdict {
  const asked = canonicalTokens(question);
  const said = canonicalTokens(answer);
  const named = table.rows.filter((row) => row.some((cell) => isNamed(cell, asked)));
  const rows = named.length > 0 ? named : table.rows;
  const isAsked = (cell: Cell) => holdsTokens(asked, cell.tokens);
  const isSaid = (cell: Cell) => holdsTokens(said, cell.tokens);
  const found = rows.flatMap((row) => row.filter((cell) => !isAsked(cell) && isSaid(cell)));
  const values = new Set([
    // A header may say that cells are thousands or millions.
    ...rows.flat().flatMap(({ value = Number.NaN }) => scales.map((scale) => value * scale)),
    ...reckonings(table, { rows, question }),
    ...(range.test(question) ? reckonings(table, { rows: between(table, named), question }) : []),
  ]);
  const numbers = said
    .filter((token) => /^-?\d+(?:\.\d+)?$/.test(token) && !asked.includes(token))
    .slice(0, maxNumbers);
  const inCells = new Set(found.flatMap(({ tokens }) => tokens));
  const unknown = numbers.find((number) => !inCells.has(number) && !isAmong(number, values));
  if (unknown !== undefined) {
    const where = named.length > 0 ? "the rows that the question names" : "the table";
    return { reason: "not-from-table", detail: `${where} give no ${unknown}, and nothing reckoned from them does` };
  }
  if (numbers.length === 0 && found.length === 0) {
    return {
      reason: "not-from-table",
      detail: "the answer says nothing that stands in the table or is reckoned from it",
    };
  }
  return wrongExtreme(table, { question, named, isSaid }) ?? "shown";
}

// "From June to September" names the rows between too.
const range = /\b(?:from|between|through|until|von|bis|zwischen|depuis|entre|desde|dal|dalla)\b/i;

function between({ rows }: Table, named: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  return named.length === 2 ? rows.slice(rows.indexOf(named[0]!), rows.indexOf(named[1]!) + 1) : [];
}

/** Whether a question names a cell that is no number: all its telling words. */
function isNamed({ tokens, value, text }: Cell, asked: readonly string[]): boolean {
  if (value !== undefined && !/\p{L}{3}/u.test(text)) return false;
  const telling = tellingTokens(tokens);
  return telling.length > 0 && telling.every((token) => asked.includes(token));
}

/** Numbers that can be reckoned for a question: over its rows in each column, over each row, and counts of what it bounds. */
function reckonings(
  table: Table,
  { rows, question }: { rows: readonly (readonly Cell[])[]; question: string },
): number[] {
  const columns = columnsOf(rows);
  const whole = columnsOf(table.rows);
  const bounds = canonicalTokens(question)
    .filter((token) => /^-?\d+(?:\.\d+)?$/.test(token))
    .map(Number);
  const counts = whole.flatMap((column) =>
    bounds.flatMap((bound) => [
      column.filter((value) => value > bound).length,
      column.filter((value) => value >= bound).length,
      column.filter((value) => value < bound).length,
      column.filter((value) => value <= bound).length,
    ]),
  );
  const shares = columns.flatMap((column, at) => {
    const sum = whole[at]!.reduce((a, b) => a + b, 0);
    return column.map((value) => (100 * value) / sum);
  });
  const inRows =
    rows.length <= maxRowsAcross ? rows.flatMap((row) => reckonedFrom(row.flatMap(({ value }) => value ?? []))) : [];
  return [rows.length, table.rows.length, ...columns.flatMap(reckonedFrom), ...counts, ...shares, ...inRows];
}

// In more rows than these nothing is reckoned across columns.
const maxRowsAcross = 3;

function columnsOf(rows: readonly (readonly Cell[])[]): number[][] {
  const width = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: width }, (_, at) => rows.flatMap((row) => row[at]?.value ?? []));
}

const scales = [1, 1e3, 1e6, 1e9];

/** Whether a number, as it is rounded, is among others. */
function isAmong(number: string, values: ReadonlySet<number>): boolean {
  const value = Math.abs(Number(number));
  const tolerance = 0.5000001 * 10 ** -(number.split(".")[1]?.length ?? 0);
  return [...values].some((known) => {
    const isWhole = Number.isInteger(known) && Number.isInteger(value);
    return Math.abs(Math.abs(known) - value) <= (isWhole ? 1e-9 : tolerance);
  });
}

const most =
  /\b(?:most|highest|largest|biggest|greatest|longest|tallest|oldest|latest|heaviest|maximum|dearest|deepest|widest|last|more|larger|higher|longer|taller)\b/i;
const least =
  /\b(?:least|lowest|smallest|shortest|fewest|earliest|lightest|cheapest|minimum|youngest|narrowest|first|fewer|smaller|lower|shorter)\b/i;
const ordinal = /\b(?:second|third|fourth|next|two|three|than)\b/i;

/** A question for an extreme is answered from a row that has one of some column. */
function wrongExtreme(
  { rows, header }: Table,
  { question, named, isSaid }: { question: string; named: readonly (readonly Cell[])[]; isSaid(cell: Cell): boolean },
): Fault | undefined {
  const among = named.length > 1 ? named : rows;
  // A column may be called "Highest point".
  const bare = header.reduce((text, { text: name }) => text.replaceAll(nameOf(name), " "), question.toLowerCase());
  const isMost = most.test(bare);
  // Of those that fit a bound the highest need not be the highest of all.
  if (isMost === least.test(bare) || ordinal.test(bare) || /\d/.test(bare)) return undefined;
  const best = columnsOf(among).map((column) => (isMost ? Math.max(...column) : Math.min(...column)));
  const isBest = (row: readonly Cell[]) => row.some(({ value }, at) => value !== undefined && value === best[at]);
  const told = among.filter((row) => row.some((cell) => cell.value === undefined && isSaid(cell)));
  if (told.length === 0 || told.some(isBest)) return undefined;
  return {
    reason: "not-from-table",
    detail: `“${told[0]![0]!.text}” is the ${isMost ? "highest" : "lowest"} of no column`,
  };
}

/** What a column is called, without its unit. */
function nameOf(header: string): string {
  return header.split("(", 1)[0]!.trim().toLowerCase();
}
