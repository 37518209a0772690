import { normalizeAscii } from "./normalize-ascii.ts";

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
 * An answer as question-answering scores compare it: lower case, punctuation and the English articles taken out, white
 * space folded (SQuAD v1.1's evaluation, Rajpurkar et al. 2016), here for every script. A mark between two digits stays,
 * so that "1.5" is not "15".
 */
export function normalizeAnswer(text: string): string {
  return normalizeAscii(text) ?? normalizeByPatterns(text);
}

function normalizeByPatterns(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/(?<=\d),(?=\d{3}(?:\D|$))/g, "")
    .replace(/(?<!\d)[.,:/-]|[.,:/-](?!\d)|(?![.,:/-])[\p{P}\p{S}]/gu, (mark) => (/['’`´]/.test(mark) ? "" : " "))
    .replace(/\b(?:a|an|the)\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * The normalised forms in which an answer may stand in a text: as it is, small numbers in digits and in words, dates
 * as ISO, day–month–year and month–day–year. The first is {@link normalizeAnswer}'s.
 */
export function answerForms(answer: string): string[] {
  const normalized = normalizeAnswer(answer);
  const forms = new Set([normalized]);
  const number = smallNumbers.indexOf(normalized);
  if (number >= 0) forms.add(String(number));
  const word = /^\d{1,2}$/.test(normalized) ? smallNumbers[Number(normalized)] : undefined;
  if (word) forms.add(word);
  for (const form of dateForms(normalized)) forms.add(form);
  return [...forms];
}

/**
 * Whether a text states an answer: one of its {@link answerForms} as whole words of the normalised text.
 * In scripts without spaces the form may stand inside a run. An empty answer is never contained.
 */
export function containsAnswer(text: string, answer: string): boolean {
  const normalized = ` ${normalizeAnswer(text)} `;
  return answerForms(answer).some(
    (form) => form !== "" && normalized.includes(hasSpacelessScript(form) ? form : ` ${form} `),
  );
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
