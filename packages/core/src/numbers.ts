import { trimEndOf } from "./text.ts";

/** A number read from words, and the index behind it. */
export interface ReadNumber {
  /** In digits; an ordinal ends in `th`, whatever its number. */
  token: string;
  next: number;
}

const small =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
/** English words for 0 to 19 and for the tens up to 90. */
export const numberWords: ReadonlyMap<string, number> = new Map<string, number>([
  ...small.map((word, i): [string, number] => [word, i]),
  ...tens.map((word, i): [string, number] => [word, 20 + 10 * i]),
]);
const scales = new Map<string, number>([
  ["thousand", 1e3],
  ["million", 1e6],
  ["billion", 1e9],
  ["trillion", 1e12],
  ["bn", 1e9],
]);
const irregular = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(" ");
const ordinals = new Map<string, number>([
  ...irregular.map((word, i): [string, number] => [word, i]),
  ...small.slice(13).map((word, i): [string, number] => [`${word}th`, 13 + i]),
  ...tens.map((word, i): [string, number] => [`${word.slice(0, -1)}ieth`, 20 + 10 * i]),
]);

// Numbers in words of other languages, without accents; those that are another word in one of them are left out (dos, once, elf, neuf, sei).
const foreignNumbers = new Map<string, number>(
  [
    "2 zwei deux duas twee dwa deva два две dva iki",
    "3 drei trois tres drie trzy три tri uc",
    "4 vier quatre cuatro quattro quatro cztery четыре dort",
    "5 funf cinq cinco cinque vijf piec пять bes",
    "6 sechs seis zes szesc шесть",
    "7 sieben sept siete sette sete zeven siedem семь yedi",
    "8 acht huit ocho oito osiem восемь sekiz",
    "9 neun nueve negen dziewiec девять dokuz",
    "10 zehn dix diez dieci tien dziesiec десять",
    "12 zwolf douze doce dodici doze twaalf tolv dwanascie двенадцать",
    "20 zwanzig vingt veinte venti vinte twintig tjugo dwadziescia двадцать yirmi",
    "30 dreissig trente treinta trenta trinta dertig trettio тридцать otuz",
    "40 vierzig quarante cuarenta quaranta quarenta veertig fyrtio сорок",
    "50 funfzig cinquante cincuenta cinquanta cinquenta vijftig femtio пятьдесят",
    "60 sechzig soixante sesenta sessanta sessenta zestig sextio шестьдесят",
    "70 siebzig setenta settanta zeventig sjuttio семьдесят",
    "80 achtzig ochenta ottanta oitenta tachtig attio восемьдесят",
    "90 neunzig noventa novanta negentig nittio девяносто",
    "100 hundert ciento honderd сто yuz",
  ].flatMap((line) => {
    const [value, ...words] = line.split(" ");
    return words.map((word): [string, number] => [word, Number(value)]);
  }),
);
const one = new Map([
  ["ein", 1],
  ["een", 1],
]);
const germanCompound =
  /^(ein|zwei|drei|vier|funf|sechs|sieben|acht|neun|een|twee|drie|vijf|zes|zeven|negen)(?:und|en)(.+)$/;

/** The value of a number in one word of another language than English, or undefined: "drei", "einundzwanzig". */
function foreignNumber(word: string): number | undefined {
  const plain = foreignNumbers.get(word);
  if (plain !== undefined) return plain;
  const [, unit, ten] = germanCompound.exec(word) ?? [];
  const tens = ten === undefined ? undefined : foreignNumbers.get(ten);
  const units = unit === undefined ? undefined : (foreignNumbers.get(unit) ?? one.get(unit));
  return tens === undefined || units === undefined || tens < 20 ? undefined : tens + units;
}

// What stands behind digits in other languages, without accents.
const scalesBehindDigits = new Map<string, number>(
  Object.entries({
    "1000": "thousands tausend mil mille mila duizend tusen тысяча тысячи тысяч тыс 千",
    "10000": "万 萬",
    "1000000":
      "millions mio millionen millon millones milione milioni milhao milhoes miljoen miljoner miljon milion milionow миллион миллиона миллионов млн 百万",
    "100000000": "亿 億",
    "1000000000":
      "billions mrd milliarde milliarden milliard milliards miliardo miliardi miljard miljarder miliard miliardow bilhao bilhoes миллиард миллиарда миллиардов млрд",
  }).flatMap(([scale, words]) => words.split(" ").map((word): [string, number] => [word, Number(scale)])),
);

const hanDigits = new Map([..."〇一二三四五六七八九"].map((sign, value): [string, number] => [sign, value]));
hanDigits.set("零", 0).set("两", 2).set("兩", 2);
const hanUnits = new Map([
  ["十", 10],
  ["百", 100],
  ["千", 1000],
]);
const hanScales = new Map([
  ["万", 1e4],
  ["萬", 1e4],
  ["亿", 1e8],
  ["億", 1e8],
]);

/**
 * Reads the number that begins at a word: "one thousand two hundred and thirty-four" and "1,234" are 1234, "2.5 million"
 * is 2500000, "twenty-first" and "21st" are 21th, 一百五十万 and 150万 are 1500000. Words of other languages are read behind digits alone.
 */
export function readNumber(words: readonly string[], at: number): ReadNumber | undefined {
  const ordinal = ordinals.get(words[at]!) ?? digitsOfOrdinal(words[at]!);
  if (ordinal !== undefined) return { token: `${ordinal}th`, next: at + 1 };
  const digits = readDigits(words[at]!);
  if (digits !== undefined) return withScale(digits, words, at + 1);
  const foreign = foreignNumber(words[at]!);
  if (foreign !== undefined) return withScale(String(foreign), words, at + 1);
  return readHanNumber(words, at) ?? readWords(words, at);
}

/** Whether a word can be the first of a number. */
export function mayBeginNumber(word: string): boolean {
  return (
    /^-?\d/.test(word) ||
    numberWords.has(word) ||
    ordinals.has(word) ||
    scales.has(word) ||
    word === "hundred" ||
    foreignNumber(word) !== undefined ||
    isHanNumeral(word)
  );
}

function withScale(digits: string, words: readonly string[], next: number): ReadNumber {
  const word = words[next] ?? "";
  const scale = scales.get(word) ?? scalesBehindDigits.get(word);
  return scale === undefined
    ? { token: digits, next }
    : { token: String(Number((Number(digits) * scale).toPrecision(15))), next: next + 1 };
}

/** Digits without separators, leading zeros and zeros behind the point, or undefined for anything else. */
function readDigits(word: string): string | undefined {
  if (!/^-?\d/.test(word)) return undefined;
  const plain = /^-?\d{1,3}(?:[,']\d{3})+(?:\.\d+)?$/.test(word)
    ? word.replace(/[,']/g, "")
    : /^-?\d{1,3}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d+)$/.test(word)
      ? word.replaceAll(".", "").replace(",", ".")
      : word.replace(",", ".");
  const [, sign, whole, decimals = ""] = plain.match(/^(-?)(\d+)(?:\.(\d*))?$/) ?? [];
  if (whole === undefined) return undefined;
  const behind = trimEndOf(decimals, /0/);
  return `${sign}${whole.replace(/^0+(?=\d)/, "")}${behind === "" ? "" : `.${behind}`}`;
}

function digitsOfOrdinal(word: string): number | undefined {
  const digits = word.match(/^(\d+)(?:st|nd|rd|th)$/)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function readWords(words: readonly string[], start: number): ReadNumber | undefined {
  let total = 0;
  let current = 0;
  // What may come next: nothing below a hundred after a unit, a unit after a ten.
  let room = 100;
  let at = start;
  for (; at < words.length; at++) {
    const word = words[at]!;
    const unit = numberWords.get(word);
    const ordinal = ordinals.get(word);
    if (unit !== undefined && (unit < room || (room === 10 && unit < 10 && unit > 0))) {
      current += unit;
      room = unit >= 20 ? 10 : 0;
    } else if (ordinal !== undefined && at > start && ordinal < room) {
      return { token: `${total + current + ordinal}th`, next: at + 1 };
    } else if (word === "hundred" && current < 100) {
      current = (current || 1) * 100;
      room = 100;
    } else if (scales.has(word) && word !== "bn" && (current > 0 || at === start)) {
      total += (current || 1) * scales.get(word)!;
      current = 0;
      room = 100;
    } else if (!(word === "and" && room === 100 && at > start && numberWords.has(words[at + 1] ?? ""))) {
      break;
    }
  }
  return at === start ? undefined : { token: String(total + current), next: at };
}

/** Whether a number in Chinese numerals can begin with a token. */
function isHanNumeral(token: string): boolean {
  return hanDigits.has(token) || hanUnits.has(token);
}

/**
 * Reads a number in Chinese numerals from tokens of one character each, such as 一百五十万, or undefined. A single numeral is left as it is:
 * it is part of many words.
 */
function readHanNumber(tokens: readonly string[], start: number): ReadNumber | undefined {
  let [total, section, digit] = [0, 0, 0];
  let hasUnit = false;
  let at = start;
  for (; at < tokens.length; at++) {
    const token = tokens[at]!;
    const unit = hanUnits.get(token);
    const scale = hanScales.get(token);
    if (hanDigits.has(token)) digit = hanDigits.get(token)!;
    else if (unit !== undefined) {
      section += (digit || 1) * unit;
      digit = 0;
    } else if (scale !== undefined && at > start) {
      total += (section + digit) * scale;
      [section, digit] = [0, 0];
    } else break;
    hasUnit ||= unit !== undefined || scale !== undefined;
  }
  return hasUnit && at - start > 1 ? { token: String(total + section + digit), next: at } : undefined;
}
