import { foldText } from "./text.ts";

const languages = ["en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "pl", "ru", "uk", "tr", "id", "ar"];
const edge = String.raw`(?![\p{L}\p{N}])`;
const start = String.raw`(?<![\p{L}\p{N}])`;
const day = String.raw`(?<![\d.,])(\d{1,2})(?:st|nd|rd|th|er|\.|º|ª)?`;
const year = String.raw`(\d{4})(?!\d)`;
const of = "(?:of |de |del |d')?";

/** Groups of a pattern by what they hold. */
type Order = readonly ("year" | "month" | "day")[];
type DatePattern = readonly [pattern: RegExp, order: Order];

const numeric: readonly DatePattern[] = [
  [/(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:t[\d:.]+z?)?/gu, ["year", "month", "day"]],
  [/(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日/gu, ["year", "month", "day"]],
  [/(\d{4}) ?年 ?(\d{1,2}) ?月/gu, ["year", "month"]],
  [/(\d{4}) ?년 ?(\d{1,2}) ?월 ?(\d{1,2}) ?일/gu, ["year", "month", "day"]],
  [/(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\d.])/gu, ["day", "month", "year"]],
];
const slashed = /(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?![\d/-])/g;

/**
 * Writes every date of a folded text as `1999 month3 day3`, whatever its form: 3 March 1999, March 3rd, 1999, 3. März 1999,
 * 1999-03-03, 1999年3月3日. The year comes first, so that a date's year, or its month and year, are found in it as well.
 * 03/04/1999 is left as it is, because the month cannot be told from the day; 25/12/1999 is not.
 */
export function rewriteDates(folded: string): string {
  if (!/\d/.test(folded)) return folded;
  let text = folded;
  for (const [pattern, order] of namesMonth(folded) ? [...numeric, ...named()] : numeric) {
    text = text.replace(pattern, (whole, ...groups: string[]) => rewrite(whole, groups, order));
  }
  return text.replace(slashed, (whole, first: string, _, second: string, year: string) => {
    if (Number(first) > 12) return rewrite(whole, [first, second, year], ["day", "month", "year"]);
    if (Number(second) > 12) return rewrite(whole, [first, second, year], ["month", "day", "year"]);
    return whole;
  });
}

/** Whether a text names a month: to look for the dates themselves costs far more. */
function namesMonth(folded: string): boolean {
  return folded.match(/\p{L}{3,}/gu)?.some((word) => monthNumber(word) !== undefined) ?? false;
}

/** The number of a month by its folded name, in one of the languages known. */
export function monthNumber(name: string): number | undefined {
  return months().get(name);
}

let monthOf: ReadonlyMap<string, number> | undefined;
let namedPatterns: readonly DatePattern[] | undefined;

// Thirty formatters take tens of milliseconds: they are asked when the first text is read, not when this file is loaded.
function months(): ReadonlyMap<string, number> {
  monthOf ??= monthNames();
  return monthOf;
}

/** The patterns of dates that name their month. */
function named(): readonly DatePattern[] {
  namedPatterns ??= patternsOf(`(${[...months().keys()].sort((a, b) => b.length - a.length).join("|")})`);
  return namedPatterns;
}

function patternsOf(month: string): DatePattern[] {
  return [
    [new RegExp(`${day} ${of}${month}\\.?,? ${of}${year}`, "gu"), ["day", "month", "year"]],
    [new RegExp(`${start}${month}\\.? ${day}(?:,| of)? ${year}`, "gu"), ["month", "day", "year"]],
    [new RegExp(`${start}${month}\\.?,? ${of}${year}`, "gu"), ["month", "year"]],
    [new RegExp(`${day} ${of}${month}${edge}`, "gu"), ["day", "month"]],
    [new RegExp(`${start}${month}\\.? ${day}${edge}`, "gu"), ["month", "day"]],
  ];
}

function rewrite(whole: string, groups: readonly string[], order: Order): string {
  const part = (name: Order[number]) => (order.includes(name) ? groups[order.indexOf(name)] : undefined);
  const [yearText, monthText, dayText] = [part("year"), part("month"), part("day")];
  const monthValue = monthText && (monthNumber(monthText) ?? Number(monthText));
  if (!monthValue || monthValue > 12 || Number(dayText ?? 1) > 31 || Number(dayText ?? 1) === 0) return whole;
  const parts = [yearText, `month${monthValue}`, dayText && `day${Number(dayText)}`];
  return ` ${parts.filter((one) => one !== undefined).join(" ")} `;
}

function monthNames(): Map<string, number> {
  const names = new Map<string, number>();
  const formats = [
    ...languages.flatMap((language) => [
      new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" }),
      // With a day some languages use another case.
      new Intl.DateTimeFormat(language, { month: "long", day: "numeric", timeZone: "UTC" }),
    ]),
    new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" }),
  ];
  for (const format of formats) {
    for (let index = 0; index < 12; index++) {
      const parts = format.formatToParts(new Date(Date.UTC(2001, index, 3)));
      const name = foldText(parts.find(({ type }) => type === "month")?.value ?? "");
      if (/^\p{L}{3,}$/u.test(name) && !names.has(name)) names.set(name, index + 1);
    }
  }
  return names.set("sept", 9);
}
