import { normalizeAnswer } from "@rag-instruct/core";

const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const smallNumbers = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];
const isoDate = /^(\d{4})-(\d{2})-(\d{2})$/;
const dayMonthYear = new RegExp(`^(\\d{1,2})(?:st|nd|rd|th)? (?:of )?(${months.join("|")}) (\\d{4})$`);
const monthDayYear = new RegExp(`^(${months.join("|")}) (\\d{1,2})(?:st|nd|rd|th)? (\\d{4})$`);

/**
 * The normalised forms in which a model may give an answer: as it is, small numbers in digits and in words, dates
 * as ISO, day–month–year and month–day–year. The first is {@link normalizeAnswer}'s.
 */
export function answerForms(answer: string): string[] {
  const normalized = normalizeAnswer(answer);
  const forms = new Set([normalized]);
  const whole = /^(\d+)\.0+$/.exec(normalized)?.[1];
  if (whole) forms.add(whole);
  const number = smallNumbers.indexOf(normalized);
  if (number >= 0) forms.add(String(number));
  const word = /^\d{1,2}$/.test(normalized) ? smallNumbers[Number(normalized)] : undefined;
  if (word) forms.add(word);
  for (const form of dateForms(normalized)) forms.add(form);
  return [...forms];
}

/** Whether a normalised text has a form as whole words; in scripts without spaces the form may stand inside a run. */
export function containsForm(normalized: string, form: string): boolean {
  return form !== "" && ` ${normalized} `.includes(hasSpacelessScript(form) ? form : ` ${form} `);
}

function hasSpacelessScript(text: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(text);
}

function dateForms(normalized: string): string[] {
  const date = readDate(normalized);
  if (!date) return [];
  const [year, month, day] = date;
  const name = months[month - 1]!;
  const two = (n: number) => String(n).padStart(2, "0");
  const written = [String(day), `${day}${ordinalSuffix(day)}`].flatMap((d) => [
    `${d} ${name} ${year}`,
    `${name} ${d} ${year}`,
  ]);
  return [`${year}-${two(month)}-${two(day)}`, ...written];
}

function ordinalSuffix(day: number): string {
  if (day >= 11 && day <= 13) return "th";
  return ["th", "st", "nd", "rd"][day % 10] ?? "th";
}

function readDate(normalized: string): [year: number, month: number, day: number] | undefined {
  const iso = normalized.match(isoDate);
  if (iso && Number(iso[2]) >= 1 && Number(iso[2]) <= 12) return [Number(iso[1]), Number(iso[2]), Number(iso[3])];
  const dmy = normalized.match(dayMonthYear);
  if (dmy) return [Number(dmy[3]), months.indexOf(dmy[2]!) + 1, Number(dmy[1])];
  const mdy = normalized.match(monthDayYear);
  if (mdy) return [Number(mdy[3]), months.indexOf(mdy[1]!) + 1, Number(mdy[2])];
  return undefined;
}
