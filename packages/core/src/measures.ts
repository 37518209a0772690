// What stands behind a number and is written in several words or signs, by the words that say the same to the rest; all folded.
const phrases: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/(?<=\d ?)(?:per cento|por ciento|por cento|pour cent|per cent|na sto)(?!\p{L})/gu, " %"],
  [/(?<!\p{L})yuzde (?=\d)|%(?=\d)/gu, " % "],
  [
    /(?<=\d ?)(?:kilomet(?:re|er)s?|km|kilometern|kilometres|kilometros|quilometros|chilometri) ?(?:per hour|an hour|pro stunde|par heure|a l'heure|por hora|all'ora|\/ ?h)(?!\p{L})|(?<=\d ?)km\/?h(?!\p{L})/gu,
    " km h",
  ],
  [/(?<=\d ?)(?:mph|miles (?:per|an) hour)(?!\p{L})/gu, " mi h"],
  [
    /(?<=\d ?)(?:quadratkilometern?|kilometres carres|kilometros cuadrados|chilometri quadrati|quilometros quadrados|vierkante kilometer|平方公里|平方キロメートル)/gu,
    " square km",
  ],
  [
    /(?<=\d ?)(?:quadratmetern?|metres carres|metros cuadrados|metri quadrati|metros quadrados|vierkante meter|平方米|平方メートル)/gu,
    " square m",
  ],
  [
    /(?<=\d ?)(?:degrees? |grad |degres? |grados? |gradi |graus? |градус\p{L}* |° ?)(?:celsius|centigrade|c(?!\p{L})|цельсия)/gu,
    " ° c",
  ],
  [/(?<=\d ?)(?:degrees? |grad |° ?)(?:fahrenheit|f(?!\p{L}))/gu, " ° f"],
  [/(?<=[\d十百千万亿] ?)(?:公里|千米|キロメートル|킬로미터)/gu, " km "],
  [/(?<=[\d十百千万亿] ?)(?:公斤|千克|キログラム|킬로그램)/gu, " kg "],
  [/(?<=[\d十百千万亿] ?)(?:厘米|センチメートル|센티미터)/gu, " cm "],
  [/(?<=\d ?)(?:百分之|パーセント|퍼센트)/gu, " % "],
];
// Thousands set apart by plain spaces: 1 300 000. A number that follows another without a word between is rare.
const spacedThousands = /(?<![\d.,:/-])([1-9]\d{0,2})((?: \d{3})+)(?![\d.,]?\d)/g;

/** Writes measures of a folded text in one form: "40 por ciento" as 40 %, 300 km/h as km h, 57公里 as km, "1 300" as 1300. */
export function rewriteMeasures(folded: string): string {
  if (!/[\d十百千万亿]/.test(folded)) return folded;
  const text = folded.replace(spacedThousands, (_, first: string, rest: string) => first + rest.replaceAll(" ", ""));
  return /[^\d\s]/.test(text) ? phrases.reduce((text, [pattern, words]) => text.replace(pattern, words), text) : text;
}

const commaDecimals: ReadonlySet<string> = new Set("de fr es it pt nl sv da no fi pl cs ru uk tr id el".split(" "));
const ambiguousDate = /(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)/;

/** A text with its numbers as English writes them, where its language writes 1.250 for what English writes 1,250. */
export function withEnglishNumbers(text: string, language: string | undefined): string {
  if (language === undefined || !commaDecimals.has(language) || !/\d[.,]\d/.test(text)) return text;
  return text.replace(
    /(?<![\d.,])(\d{1,3})([.,])(\d{3})(?![\d.,]?\d)/g,
    (_, whole: string, mark: string, rest: string) => (mark === "." ? whole + rest : `${whole}.${rest}`),
  );
}

/** What an answer may mean: one with a date such as 03/04/1999 means the third of April or the fourth of March. */
export function readings(answer: string): string[] {
  const [whole, first, second, year] = ambiguousDate.exec(answer) ?? [];
  if (whole === undefined || Number(first) > 12 || Number(second) > 12) return [answer];
  const dated = (month: string, day: string) =>
    answer.replace(whole, `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`);
  return [dated(second!, first!), dated(first!, second!)];
}

/** The parts of a list: what stands between commas, semicolons, slashes, line ends and "and" in several languages. */
export function partsOf(answer: string): string[] {
  return answer
    .replace(/[.!。]\s*$/, "")
    .split(
      /[;,/\n；，、]|\s(?:and|und|et|y|e|en|och|og|i|oraz|ve|dan|и|та|و)\s|\s&\s|(?<=\p{Script=Han})[和与與及]|と(?=\p{Script=Han})/u,
    )
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
