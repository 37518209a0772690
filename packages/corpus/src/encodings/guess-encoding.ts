import { analyse } from "chardet";

// Encodings that the library does not tell; they win where its own guesses give odd text, and no more than that.
const untold = ["windows-1252", "macintosh", "ibm866", "x-mac-cyrillic", "windows-874"];
/** What the library gives a guess that follows from nothing but the shape of the bytes. */
const least = 0.1;
/** How much odd characters weigh against the library's confidence, both of 0 to 1. */
const oddnessWeight = 3;

/**
 * The encoding in which a sample of text most probably is: what the library finds by the statistics of languages, less for every
 * character that stands where no language has it. A guess: short texts of many encodings are the same bytes.
 * @returns the platform's name of it
 */
export function guessEncoding(sample: Uint8Array): string {
  let best = { name: "windows-1252", score: Number.NEGATIVE_INFINITY };
  for (const { name, confidence } of candidates(sample)) {
    const text = decoded(sample, name);
    if (text === undefined) continue;
    const prior = name === "windows-1252" || name === "iso-8859-1" ? western(text) : 0;
    const score = confidence + prior + bonus(name, text) - oddnessWeight * oddness(text, name);
    if (score > best.score) best = { name, score };
  }
  return new TextDecoder(best.name).encoding;
}

function candidates(sample: Uint8Array): { name: string; confidence: number }[] {
  const found = analyse(sample).flatMap(({ name, confidence }) =>
    confidence > 0 && name !== "UTF-8" ? [{ name: wider(name), confidence: confidence / 100 }] : [],
  );
  const names = new Set(found.map(({ name }) => name));
  return [...found, ...untold.filter((name) => !names.has(name)).map((name) => ({ name, confidence: least }))];
}

/** Ukrainian letters stand in KOI8-U where KOI8-R has lines of boxes; all other letters are the same. */
function wider(name: string): string {
  return name === "KOI8-R" ? "koi8-u" : name.toLowerCase();
}

function decoded(sample: Uint8Array, name: string): string | undefined {
  try {
    return new TextDecoder(name).decode(sample, { stream: true });
  } catch {
    return undefined;
  }
}

/** What decides between guesses that are alike: kana speak for Japanese, hangul for Korean, and simplified Chinese is met most. */
function bonus(name: string, text: string): number {
  const share = (pattern: RegExp) => (text.match(pattern)?.length ?? 0) / beyondAscii(text);
  if (name === "euc-kr") return share(/\p{Script=Hangul}/gu) > 0.8 ? 0.03 : 0;
  if (name === "euc-jp" || name === "shift_jis") return share(/[\u3040-\u30FF]/g) > 0.1 ? 0.02 : 0;
  return name === "gb18030" ? 0.01 : /^windows-125[78]$/.test(name) ? 0.005 : 0;
}

/** Letters beyond ASCII from which on the statistics of languages say enough. */
const telling = 10;

/**
 * What speaks for western text where few characters are beyond ASCII: it is met by far the most, and a few letters amid those of ASCII,
 * or signs by themselves such as © and £, are the same bytes in many encodings.
 */
function western(text: string): number {
  const found = text.slice(0, maxLooked).match(/[^\0-\x7F]/g)?.length ?? 0;
  if (found === 0 || found >= telling) return 0;
  const amid =
    text.match(/(?<=[A-Za-z])[^\0-\x7F]|[^\0-\x7F](?=[A-Za-z])|(?<![^\s\d])[\xA2-\xBE](?![^\s\d.,])/g)?.length ?? 0;
  return 0.6 * (1 - found / telling) * Math.min(1, amid / found);
}

function beyondAscii(text: string): number {
  return Math.max(1, text.match(/[^\0-\x7F]/g)?.length ?? 0);
}

const maxLooked = 8192;
const letter = /\p{L}/u;
const upper = /\p{Lu}/u;
const lower = /\p{Ll}/u;
const symbol = /[\p{S}\p{No}]/u;
const joining = /['’·]/;
const usualSymbol = /[€£$¥©®°§±½]/;
const scripts = ["Latin", "Cyrillic", "Greek", "Hebrew", "Arabic", "Thai"].map((name) => ({
  name,
  pattern: new RegExp(`\\p{Script=${name}}`, "u"),
}));
const eastAsian = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** The share of characters beyond ASCII that stand where they hardly ever do in any language; over 1 where bytes are no text at all. */
function oddness(text: string, name: string): number {
  const characters = Array.from(text.slice(0, maxLooked));
  let odd = 0;
  let count = 0;
  characters.forEach((character, index) => {
    if (character < "\x80") return;
    count += 1;
    odd += oddnessOf(character, characters[index - 1] ?? " ", characters[index + 1] ?? " ");
  });
  // Bytes of Thai are hangul and rare Chinese characters in turn, which no Korean text is.
  const hangul = text.match(/\p{Script=Hangul}/gu)?.length ?? 0;
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  if (name === "euc-kr" && han > hangul * 0.3) odd += count;
  return count === 0 ? 0 : odd / count;
}

function oddnessOf(character: string, before: string, after: string): number {
  // No text, control characters of C1, private use.
  if (/[\uFFFD\x80-\x9F\uE000-\uF8FF]/.test(character)) return 3;
  if (/[\uFF61-\uFF9F]/.test(character)) return 0.5;
  if (letter.test(character)) {
    if (lower.test(before) && upper.test(character)) return 1;
    const own = scriptOf(character);
    if (own === "east" && scriptOf(before) === "Latin" && scriptOf(after) === "Latin") return 1;
    const other = letter.test(before) ? scriptOf(before) : own;
    return own !== other && own !== "east" && other !== "east" ? 1 : 0;
  }
  if (!symbol.test(character) && !/\p{Po}/u.test(character)) return 0;
  const isInWord = letter.test(before) && letter.test(after) && scriptOf(before) !== "east";
  if (isInWord && !joining.test(character)) return 1;
  return symbol.test(character) && !usualSymbol.test(character) ? 0.5 : 0;
}

function scriptOf(character: string): string | undefined {
  if (eastAsian.test(character)) return "east";
  return scripts.find(({ pattern }) => pattern.test(character))?.name;
}
