import { monthNumber, rewriteDates } from "./dates.ts";
import { functionWords, guessedByWords } from "./language.ts";
import { mayBeginNumber, readNumber } from "./numbers.ts";
import { foldText } from "./text.ts";

const spaceless =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const token = new RegExp(
  [
    String.raw`(?<!\d)\d+(?:st|nd|rd|th)(?![\p{L}\p{N}])`,
    String.raw`(?:(?<![\p{L}\p{N})])-)?(?<!\p{N})\d{1,3}(?:[,']\d{3})+(?:\.\d+)?(?!\d)`,
    String.raw`\d{1,3}(?:\.\d{3})+,\d+(?![.,]?\d)`,
    String.raw`\d{1,3}(?:\.\d{3}){2,}(?!\d)`,
    String.raw`(?:(?<![\p{L}\p{N})])-)?\d+(?:\.\d+|,\d{1,2}(?![\d,]))?`,
    // In scripts without spaces every character is a token, so that a run of them is found inside another.
    `[${spaceless}]`,
    `(?![${spaceless}])\\p{L}(?:(?![${spaceless}])[\\p{L}\\p{M}\\p{N}_])*(?:'\\p{L}+)*`,
    "[%°$€£¥]",
  ].join("|"),
  "gu",
);
// The checks of one pair ask for the same texts again and again, and documents serve several pairs.
const maxKnownTexts = 64;
const knownTexts = new Map<string, readonly string[]>();

const articles = new Set(["a", "an", "the"]);
const currencies = new Set(["$", "€", "£", "¥"]);
// Symbols by the name of the unit in the singular, as the stemmer leaves it.
const unitSymbols: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "%": "percent percentage prozent pourcent procent pct процент процента процентов проценты відсоток відсотка відсотків procenta prosenttia yuzde %",
    km: "kilometre kilometer kilometern kilometro quilometro chilometro chilometri kilometro kilometr kilometry kilometrow kilometru kilometria километр километра километров километры кілометр кілометра кілометрів كيلومتر كم км km",
    m: "metre meter metern metro metri метр метра метров метры м m",
    cm: "centimetre centimeter cm",
    mm: "millimetre millimeter mm",
    mi: "mile mi",
    ft: "foot feet ft",
    in: "inch inche",
    kg: "kilogram kilogramme kilogramm kilogrammen kilo kilogramo quilograma quilo chilogrammo chilogrammi chilo chili kilogramow килограмм килограмма килограммов кг kg",
    g: "gram gramme g",
    t: "tonne tonnen tonelada tonnellata tonnellate тонна тонны тонн т t",
    l: "litre liter litern litro litri литр литра литров л l",
    s: "second sec s",
    ms: "millisecond ms",
    min: "minute minuten minuto minuti минута минуты минут min",
    h: "hour hr stunde stunden heure hora ora ore час часа часов uur h",
    year: "year yr jahr jahre jahren an anno anni ano лет год года jaar lat rok roku yil tahun",
    kb: "kilobyte kb",
    mb: "megabyte mb",
    gb: "gigabyte gb",
    tb: "terabyte tb",
    kw: "kilowatt kw",
    mw: "megawatt mw",
    hz: "hertz hz",
    usd: "dollar usd $",
    eur: "euro eur евро €",
    gbp: "gbp £",
    jpy: "yen jpy ¥",
    "°": "degree grad degre grado gradi grau градус градуса градусов °",
  }).flatMap(([symbol, names]) => names.split(" ").map((name): [string, string] => [name, symbol])),
);

// Shorter names are units only behind a number.
const minUnitName = 4;

/**
 * A text as tokens in which equal things are equal: letters without case and accents, plurals in -s as singulars, English
 * articles left out, numbers in digits (1,234 and "one thousand two hundred and thirty-four"), units as symbols (45 percent
 * and 45%), dates with the year first. What one text states of another is a run of the same tokens.
 */
export function canonicalTokens(text: string): readonly string[] {
  const before = knownTexts.get(text);
  if (before) return before;
  const tokens = tokenize(text);
  if (knownTexts.size >= maxKnownTexts) knownTexts.delete(knownTexts.keys().next().value!);
  knownTexts.set(text, tokens);
  return tokens;
}

/** Whether tokens occur in a row among others. An empty row does not. */
export function holdsTokens(tokens: readonly string[], wanted: readonly string[]): boolean {
  return wanted.length > 0 && joined(tokens).includes(joined(wanted));
}

/** Whether a token is a number or part of a date. */
export function isNumericToken(token: string | undefined): boolean {
  return token !== undefined && /^(?:-?\d|month\d|day\d)/.test(token);
}

/** The beginning of a word, by which its forms are one. */
export function stemOf(word: string): string {
  return word.slice(0, Math.max(5, word.length - 3));
}

/**
 * The distinct tokens that say something of a text's subject: no function words of its language, no single letters of
 * scripts that have spaces.
 * @param options.language ISO 639-1. @default English
 */
export function tellingTokens(
  tokens: readonly string[],
  { language = "en" }: { language?: string | undefined } = {},
): string[] {
  const empty = functionTokens(language);
  return [...new Set(tokens)].filter((token) => !empty.has(token) && !/^[a-z]$/.test(token));
}

/** The tokens between the first and the last that are no function words; all of them where there are no others. */
export function trimFunctionWords(
  tokens: readonly string[],
  { language = "en" }: { language?: string | undefined } = {},
): readonly string[] {
  const empty = functionTokens(language);
  const first = tokens.findIndex((token) => !empty.has(token));
  const last = tokens.findLastIndex((token) => !empty.has(token));
  return first < 0 ? tokens : tokens.slice(first, last + 1);
}

/** Whether a token is a function word of any language known. */
export function isFunctionToken(token: string): boolean {
  return guessedByWords.some((language) => functionTokens(language).has(token));
}

const knownFunctionTokens = new Map<string, ReadonlySet<string>>();

function functionTokens(language: string): ReadonlySet<string> {
  let set = knownFunctionTokens.get(language);
  if (!set) {
    // A number in words is no function word, whatever a list says.
    set = new Set(
      functionWords(language)
        .flatMap(tokenize)
        .filter((token) => !/\d/.test(token)),
    );
    knownFunctionTokens.set(language, set);
  }
  return set;
}

function joined(tokens: readonly string[]): string {
  return ` ${tokens.join(" ")} `;
}

function tokenize(text: string): string[] {
  const words: string[] = rewriteMeasures(rewriteDates(foldText(text).replaceAll("us$", "$"))).match(token) ?? [];
  const tokens: string[] = [];
  let currency: string | undefined;
  for (let at = 0; at < words.length; ) {
    const word = words[at]!;
    const next = words[at + 1];
    const { beginsNumber, alone } = canonicalWord(word);
    const number = beginsNumber ? readNumber(words, at) : undefined;
    if (number) {
      tokens.push(number.token);
      at = number.next;
      if (currency) tokens.push(currency);
      currency = undefined;
    } else if (word === "per" && next === "cent" && isMeasured(tokens)) {
      tokens.push("%");
      at += 2;
    } else {
      if (currencies.has(word) && /^-?\d/.test(next ?? "")) currency = unitSymbol(word);
      else if (alone !== undefined) tokens.push(...(isMeasured(tokens) ? measured(word) : [alone]));
      at++;
    }
  }
  return tokens;
}

/** Whether the next word may be a unit: a number stands before it, or a number and "square". */
function isMeasured(tokens: readonly string[]): boolean {
  const last = tokens.at(-1);
  return isNumericToken(last === "square" ? tokens.at(-2) : last);
}

interface CanonicalWord {
  beginsNumber: boolean;
  /** Its token where no number stands before it; undefined for an article and a currency's sign. */
  alone: string | undefined;
}

// Words recur; the table is begun anew before it grows large.
const maxKnownWords = 20_000;
const knownWords = new Map<string, CanonicalWord>();

function canonicalWord(word: string): CanonicalWord {
  const before = knownWords.get(word);
  if (before) return before;
  if (knownWords.size >= maxKnownWords) knownWords.clear();
  const isLeftOut = articles.has(word) || currencies.has(word);
  const plain = plainWord(word);
  const alone = isLeftOut ? undefined : (unitSymbol(plain, { followsNumber: false }) ?? monthToken(plain));
  const canonical = { beginsNumber: mayBeginNumber(word), alone };
  knownWords.set(word, canonical);
  return canonical;
}

/** The tokens of a word behind a number. */
function measured(word: string): string[] {
  const plain = plainWord(word);
  const unit = unitSymbol(plain);
  if (unit) return [unit];
  return /^[kcm]?m2$/.test(plain) ? ["square", plain.slice(0, -1)] : [monthToken(plain)];
}

function monthToken(plain: string): string {
  const month = monthNumber(plain);
  return month === undefined ? plain : `month${month}`;
}

function plainWord(word: string): string {
  return singular(word.replace(/'s$/, "").replaceAll("'", ""));
}

/** The S-stemmer (Harman 1991). */
function singular(word: string): string {
  if (word.length <= 3 || !word.endsWith("s")) return word;
  if (/(?:us|ss)$/.test(word)) return word;
  if (word.endsWith("ies") && !/[ae]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  return word.slice(0, -1);
}

/** The symbol of a unit whatever it is called, or undefined; a short name is one only behind a number. */
function unitSymbol(name: string, { followsNumber = true } = {}): string | undefined {
  return followsNumber || name.length >= minUnitName ? unitSymbols.get(name) : undefined;
}

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
function rewriteMeasures(folded: string): string {
  if (!/[\d十百千万亿]/.test(folded)) return folded;
  const text = folded.replace(spacedThousands, (_, first: string, rest: string) => first + rest.replaceAll(" ", ""));
  return /[^\d\s]/.test(text) ? phrases.reduce((text, [pattern, words]) => text.replace(pattern, words), text) : text;
}
