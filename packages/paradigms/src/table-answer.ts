import { canonicalTokens, holdsTokens, type Passage, stemOf, tellingTokens } from "@rag-instruct/core";
import { type CheckedPair, defineParadigm, type WordVerdict } from "./paradigm.ts";
import { type Cell, numbersIn, type Reckoned, reckonedFrom, type Table, tablesIn } from "./tables.ts";
import { inEnglishNumbers, saysScale, scales } from "./word-checks.ts";

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
  check: inEnglishNumbers(check),
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
  const isScaled = [question, answer, ...documents.map(({ text }) => text)].some((text) => saysScale.test(text));
  const verdicts = tables.map((table) => verdictFrom(table, { question, answer, isScaled }));
  return (
    verdicts.find((verdict) => verdict === "shown") ??
    verdicts.find((verdict) => verdict === "unproved") ??
    verdicts[0]!
  );
}

function verdictFrom(
  table: Table,
  { question, answer, isScaled }: Pick<CheckedPair, "question" | "answer"> & { isScaled: boolean },
): WordVerdict {
  const asked = canonicalTokens(question);
  const said = canonicalTokens(answer);
  const named = rowsNamed(table, asked);
  const rows = named.length > 0 ? named : table.rows;
  const isAsked = (cell: Cell) => holdsTokens(asked, cell.tokens);
  const isSaid = (cell: Cell) => holdsTokens(said, cell.tokens);
  const found = rows.flatMap((row) => row.filter((cell) => !isAsked(cell) && isSaid(cell)));
  const where = named.length > 0 ? "the rows that the question names" : "the table";
  const given = numbersIn(question);
  const numbers = numbersIn(answer)
    .filter((number) => !given.includes(number))
    .slice(0, maxNumbers);
  const bare = `${withoutHeadings(question, table)}\n${answer}`;
  const kinds: Reckoned = {
    shares: ofShares.test(bare),
    ratios: ofRatios.test(bare),
    scales: isScaled ? scales : [1],
  };
  const reckon = (over: readonly (readonly Cell[])[]) => valuesFor(table, { rows: over, named, question, kinds });
  const values = reckon(rows);
  const inCells = new Set(found.flatMap(({ tokens }) => tokens));
  const dates = new Set(rows.flat().flatMap(({ tokens }) => tokens));
  const unknown =
    numbers.find((number) => !inCells.has(number) && !isAmong(number, values)) ??
    said.find((token) => /^(?:month|day)\d/.test(token) && !dates.has(token) && !asked.includes(token));
  if (unknown !== undefined)
    return { reason: "not-from-table", detail: `${where} give no ${unknown}, and nothing reckoned from them does` };
  if (numbers.length === 0 && found.length === 0) {
    const detail = "the answer says nothing that stands in the table or is reckoned from it";
    return { reason: "not-from-table", detail };
  }
  const columns = columnsNamed(table, asked);
  const inColumns = reckon(
    rows.map((row) => row.map((cell, at) => (columns.has(at) ? cell : { ...cell, value: undefined }))),
  );
  const names = new Set(
    table.rows.flat().flatMap((cell) => (cell.value === undefined && isSaid(cell) ? cell.tokens : [])),
  );
  const counted = numbers.filter((number) => !names.has(number));
  // What is set in relation comes from two columns.
  const isOfOne = columns.size > 0 && !kinds.ratios && !kinds.shares;
  if (isOfOne && counted.length > 0 && !counted.some((number) => isAmong(number, inColumns))) {
    const headings = [...columns].map((at) => table.header[at]!.text).join(", ");
    return { reason: "not-from-table", detail: `no number of the answer is from the column ${headings}` };
  }
  return wrongExtreme(table, { question, named, isSaid, numbers: counted }) ?? "shown";
}

/** The columns with numbers that a question names by their headings, but for one by which it names rows. */
function columnsNamed({ header, rows }: Table, asked: readonly string[]): Set<number> {
  const found = header.flatMap(({ text }, at) => {
    const telling = tellingTokens(canonicalTokens(nameOf(text)));
    const cells = rows.flatMap((row) => row[at] ?? []);
    const isCounted = cells.some(({ value }) => value !== undefined);
    const namesRows = cells.some((cell) => cell.tokens.length > 0 && holdsTokens(asked, cell.tokens));
    return isCounted && !namesRows && telling.length > 0 && telling.every((token) => asked.includes(token)) ? at : [];
  });
  return new Set(found);
}

const ofShares =
  /%|\b(?:per ?cent|percentage|share|proportion|fraction|prozent|anteil|pour cent|pourcentage|part|por ciento|porcentaje|per cento|quota|procent|процент\p{L}*|доля)\b|百分|比例|割合|퍼센트/iu;
const ofRatios =
  /\b(?:times|twice|half|ratio|rate|per|each|every|average|fold|mal|je|pro (?:kopf|person|einwohner|nutzer|stück|tag|monat|jahr|stunde)|fois|par|chaque|vez|veces|por|volte|ogni|keer|раз\p{L}*)\b|倍|每|平均/iu;

/** All that a question can be answered with: the numbers of rows as they stand, times those that it names, and what is reckoned from them. */
function valuesFor(
  table: Table,
  {
    rows,
    named,
    question,
    kinds,
  }: { rows: readonly (readonly Cell[])[]; named: readonly (readonly Cell[])[]; question: string; kinds: Reckoned },
): ReadonlySet<number> {
  const cells = rows.flat().flatMap(({ value }) => value ?? []);
  // "In all four quarters" counts the rows.
  const times = numbersIn(question)
    .map(Number)
    .filter((factor) => factor !== rows.length && factor !== table.rows.length);
  const values = [
    ...cells,
    ...cells.flatMap((value) => times.map((factor) => value * factor)),
    ...reckonings(table, { rows, question, kinds }),
    ...(range.test(question) ? reckonings(table, { rows: between(table, named), question, kinds }) : []),
  ];
  // A heading may say that cells are thousands or millions.
  return new Set(values.flatMap((value) => kinds.scales.map((scale) => value * scale)));
}

// "From June to September" names the rows between too.
const range = /\b(?:from|between|through|until|von|bis|zwischen|depuis|entre|desde|dal|dalla)\b/i;

function between({ rows }: Table, named: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  return named.length === 2 ? rows.slice(rows.indexOf(named[0]!), rows.indexOf(named[1]!) + 1) : [];
}

/** The rows of which a question names a cell that no other has; where it names none such, all of which it names one. */
function rowsNamed({ rows }: Table, asked: readonly string[]): Table["rows"] {
  const named = rows.map((row) => row.filter((cell) => isNamed(cell, asked)).map(({ tokens }) => tokens.join(" ")));
  const among = new Map<string, number>();
  for (const name of named.flatMap((names) => [...new Set(names)])) among.set(name, (among.get(name) ?? 0) + 1);
  const own = rows.filter((_, i) => named[i]!.some((name) => among.get(name) === 1));
  return own.length > 0 ? own : rows.filter((_, i) => named[i]!.length > 0);
}

/** Whether a question names a cell that is no number: all its telling words. */
function isNamed({ tokens, value, text }: Cell, asked: readonly string[]): boolean {
  if (value !== undefined && !/\p{L}{3}/u.test(text)) return false;
  const telling = tellingTokens(tokens);
  const stems = asked.map(stemOf);
  return telling.length > 0 && telling.every((token) => asked.includes(token) || stems.includes(stemOf(token)));
}

/** Numbers that can be reckoned for a question: over its rows in each column, over each row, and counts of what it bounds. */
function reckonings(
  table: Table,
  { rows, question, kinds }: { rows: readonly (readonly Cell[])[]; question: string; kinds: Reckoned },
): number[] {
  const columns = columnsOf(rows);
  const whole = columnsOf(table.rows);
  const bounds = numbersIn(question).map(Number);
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
    return kinds.shares ? column.map((value) => (100 * value) / sum) : [];
  });
  const isTimed = rows.flat().some(({ isTime }) => isTime);
  const reckoned = (values: readonly number[]) => reckonedFrom(values, { ...kinds, isTimed });
  const inRows =
    rows.length <= maxRowsAcross ? rows.flatMap((row) => reckoned(row.flatMap(({ value }) => value ?? []))) : [];
  return [rows.length, table.rows.length, ...columns.flatMap(reckoned), ...counts, ...shares, ...inRows];
}

// In more rows than these nothing is reckoned across columns.
const maxRowsAcross = 3;

function columnsOf(rows: readonly (readonly Cell[])[]): number[][] {
  const width = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: width }, (_, at) => rows.flatMap((row) => row[at]?.value ?? []));
}

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
  /(?<!\p{L})(?:most|highest|largest|biggest|greatest|longest|tallest|latest|heaviest|maximum|dearest|deepest|widest|last|more|larger|higher|longer|taller|(?:höchst|größt|längst|meist|schwerst|teuerst|tiefst|breitest)\p{L}*|hoogste|grootste|langste|meeste|zwaarste|duurste|plus (?:élevé|haut|grand|long|lourd|ch[eè]r|profond|large|nombreu)\p{L}*|más (?:alt|grande|larg|pesad|car|profund)\p{L}*|più (?:alt|grand|lung|pesant|car|profond)\p{L}*|mais (?:alt|compri|pesad|car|profund)\p{L}*|mayor(?:es)?|maggior\p{L}*|maior(?:es)?|сам\p{L}+ (?:высок|больш|длинн|тяж[её]л|дорог|глубок)\p{L}*|наибольш\p{L}*)(?!\p{L})|最(?:も[^。？]{0,8})?(?:高|大|多|长|長|重|贵|貴|深)/iu;
const least =
  /(?<!\p{L})(?:least|lowest|smallest|shortest|fewest|earliest|lightest|cheapest|minimum|narrowest|first|fewer|smaller|lower|shorter|(?:niedrigst|kleinst|kürzest|wenigst|leichtest|billigst|günstigst|geringst)\p{L}*|laagste|kleinste|kortste|minste|lichtste|goedkoopste|plus (?:bas|petit|court|léger|faible)\p{L}*|más (?:baj|pequeñ|cort|liger|barat)\p{L}*|più (?:bass|piccol|cort|legger|economic)\p{L}*|mais (?:baix|pequen|curt|lev|barat)\p{L}*|menor(?:es)?|minor\p{L}*|сам\p{L}+ (?:низк|маленьк|коротк|л[её]гк|деш[её]в)\p{L}*|наименьш\p{L}*)(?!\p{L})|最(?:も[^。？]{0,8})?(?:低|小|少|短|轻|軽|便宜|安)/iu;
const ordinal = /\b(?:second|third|fourth|next|two|three|than|zweit\p{L}*|dritt\p{L}*|als|que|che|dan|чем)\b|比|第/iu;

/** A question for an extreme is answered from a row that has one of some column, and with numbers of that row. */
function wrongExtreme(
  { rows, header }: Table,
  {
    question,
    named,
    isSaid,
    numbers,
  }: {
    question: string;
    named: readonly (readonly Cell[])[];
    isSaid(cell: Cell): boolean;
    numbers: readonly string[];
  },
): Fault | undefined {
  const among = named.length > 1 ? named : rows;
  const bare = withoutHeadings(question, { header });
  const isMost = most.test(bare);
  // Of those that fit a bound the highest need not be the highest of all.
  if (isMost === least.test(bare) || ordinal.test(bare) || /\d/.test(bare)) return undefined;
  const best = columnsOf(among).map((column) => (isMost ? Math.max(...column) : Math.min(...column)));
  const isBest = (row: readonly Cell[]) => row.some(({ value }, at) => value !== undefined && value === best[at]);
  const told = among.filter((row) => row.some((cell) => cell.value === undefined && isSaid(cell)));
  if (told.length === 0) return undefined;
  if (!told.some(isBest)) {
    const which = isMost ? "highest" : "lowest";
    return { reason: "not-from-table", detail: `“${told[0]![0]!.text}” is the ${which} of no column` };
  }
  const own = new Set(told.flat().flatMap(({ tokens }) => tokens));
  const other = new Set(
    rows.filter((row) => !told.includes(row)).flatMap((row) => row.flatMap(({ tokens }) => tokens)),
  );
  const foreign = numbers.find((number) => other.has(number) && !own.has(number));
  return foreign === undefined
    ? undefined
    : { reason: "not-from-table", detail: `${foreign} stands in another row than “${told[0]![0]!.text}”` };
}

/** A question without what columns are called, such as "Highest point". */
function withoutHeadings(question: string, { header }: Pick<Table, "header">): string {
  const names = header.map(({ text }) => nameOf(text)).filter((name) => name !== "");
  return names.reduce((text, name) => text.replaceAll(name, " "), question.toLowerCase());
}

/** What a column is called, without its unit. */
function nameOf(header: string): string {
  return header.split("(", 1)[0]!.trim().toLowerCase();
}
