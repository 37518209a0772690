/**
 * What a reader overlooks of an answer to a known question: the `endings` of its words, that a `part` of a longer gold is not said, or that of a
 * date the `year` alone is.
 */
export type NearLeniency = "endings" | "part" | "year";

/** An answer, a gold and their question, all in lenient spelling; and whether what stands between two offsets of the answer is denied. */
export interface NearAnswer {
  text: string;
  gold: string;
  /** As it is written. */
  written: string;
  question: string;
  isDenied(start: number, end: number): boolean;
}

/** Letters that two words must share at their beginning, and that either may have behind them: "nucleotide" and "nucleotides". */
const minShared = 5;
const maxEnding = 3;

function isSameWord(a: string, b: string): boolean {
  if (a === b) return true;
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared >= minShared && a.length - shared <= maxEnding && b.length - shared <= maxEnding;
}

/** Words of a gold from which half of them say enough, and a gold of which one may be left out. */
const minLong = 6;
const minNamed = 3;
const maxNamed = 4;
const maxShortAnswer = 4;

/**
 * Whether an answer comes so near to a gold that a reader takes it, and what is overlooked. Words that the question has count for nothing: the
 * answer repeats them. The limits were chosen on the first half of the EVOUNA judgements (Wang et al. 2023).
 */
export function comesNear(near: NearAnswer): NearLeniency | undefined {
  const { text, gold, written, question } = near;
  if (question === "") return undefined;
  const asked = question.split(" ");
  const isNew = (word: string) => !asked.some((other) => isSameWord(other, word));
  const words = contentOf(gold);
  if (words.length === 0) return undefined;
  const said = saidWords(near, words);
  const fresh = said.filter(isNew).length;
  if (said.length === words.length && fresh >= 1) return "endings";
  // Of a list each part counts, and so does a number.
  const isWhole = /[,&/]|\sand\s/i.test(written) || /\d/.test(gold);
  const left = words.length - said.length;
  const isNamed = words.length >= minNamed && words.length <= maxNamed;
  if (!isWhole && fresh >= 2 && isNamed && left === 1 && !saysOther(text, words, isNew)) return "part";
  if (words.length >= minLong && fresh >= 2 && left <= words.length / 2) return "part";
  if (!/\sand\s|&/i.test(written) && isPartOf(text, gold, isNew) && !near.isDenied(0, text.length)) return "part";
  return /\b(?:when|year|date)\b/.test(question) && saysYear(text, gold) ? "year" : undefined;
}

function contentOf(text: string): string[] {
  return [...new Set(text.split(" "))].filter((word) => word !== "" && !carriesNothing(word));
}

/** Whether a short answer has another word where one of the gold's is left out: "Los Angeles Clippers" are not the Lakers. */
function saysOther(text: string, words: readonly string[], isNew: (word: string) => boolean): boolean {
  const own = contentOf(text);
  return (
    own.length <= maxShortAnswer && own.some((word) => isNew(word) && !words.some((other) => isSameWord(word, other)))
  );
}

/** Words that those of a gold may be spread over, for each of them. */
const spread = 6;

/** The words of a gold that an answer says near each other and does not deny. */
function saidWords({ text, isDenied }: NearAnswer, words: readonly string[]): string[] {
  const last = new Map<string, number>();
  let start = 0;
  for (const [at, word] of text.split(" ").entries()) {
    const end = start + word.length;
    for (const wanted of words) if (isSameWord(word, wanted) && !isDenied(start, end)) last.set(wanted, at);
    start = end + 1;
  }
  const places = [...last.values()];
  return Math.max(...places) - Math.min(...places) < words.length * spread + 4 ? [...last.keys()] : [];
}

/** Whether an answer of a few words is a part of the gold, and says something that the question does not. */
function isPartOf(text: string, gold: string, isNew: (word: string) => boolean): boolean {
  const words = contentOf(text);
  const whole = gold.split(" ");
  if (words.length === 0 || words.length > maxShortAnswer || words.join("").length < 4) return false;
  if (/^\d+$/.test(words.join(""))) return false;
  return words.some(isNew) && words.every((word) => whole.some((other) => isSameWord(other, word)));
}

const months = /january|february|march|april|may|june|july|august|september|october|november|december/;

/** Whether both have the one same year, and no two months that may differ. */
function saysYear(text: string, gold: string): boolean {
  const [own, others] = [yearsIn(text), yearsIn(gold)];
  if (own.length !== 1 || others.length !== 1 || own[0] !== others[0]) return false;
  return !(months.test(text) && months.test(gold));
}

function yearsIn(text: string): string[] {
  return text.match(/(?<!\d)(?:1\d|20)\d\d(?!\d)/g) ?? [];
}

/** Words that carry nothing of an answer: what is left of it must be said, these need not. */
const stopWords = new Set(
  "in on at of to by for from with and or the a an is was were are be as it its his her their during when into until near about around s".split(
    " ",
  ),
);

/** Whether a word carries nothing of an answer. */
function carriesNothing(word: string): boolean {
  return stopWords.has(word);
}

/** Words that say the same in a date or a measure. */
const synonyms: Readonly<Record<string, string>> = {
  ft: "foot",
  feet: "foot",
  jnr: "jr",
  junior: "jr",
  snr: "sr",
  senior: "sr",
  km: "kilometre",
  kilometer: "kilometre",
  kilometers: "kilometre",
  m: "million",
  percent: "%",
  saint: "st",
  mount: "mt",
  doctor: "dr",
};

/** Words of a text in lenient spelling, each in its singular. */
function stems(text: string): string[] {
  return text.split(" ").map(stemOf);
}

function stemOf(word: string): string {
  return synonyms[word] ?? singular(word);
}

function singular(word: string): string {
  if (word.length < 4 || !word.endsWith("s") || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  return /(?:[sxz]|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
}

/** Whether what stands between two offsets of the text is denied there. */
type IsDenied = (start: number, end: number) => boolean;

/**
 * Whether a text says every word of a gold that carries something, near each other and in any order, and denies none of them; both in
 * lenient spelling. "the Cheyenne to the east and the Belle Fourche to the west" says "Belle Fourche and Cheyenne".
 */
export function saysWords(text: string, gold: string, isDenied: IsDenied): boolean {
  const wanted = new Set(stems(gold).filter((word) => !stopWords.has(word)));
  if (wanted.size === 0) return false;
  const last = new Map<string, number>();
  let start = 0;
  for (const [at, word] of text.split(" ").entries()) {
    const end = start + word.length;
    const stem = stemOf(word);
    if (wanted.has(stem) && !isDenied(start, end)) {
      last.set(stem, at);
      if (last.size === wanted.size && at - Math.min(...last.values()) < wanted.size * spread + 4) return true;
    }
    start = end + 1;
  }
  return false;
}

/** What a name may stand without: forms of companies and clubs, and who is the younger. */
const suffixes = new Set("inc ltd llc corp co plc gmbh ag fc afc cf jr".split(" "));
const otherSuffixes = /^ (?:jr|sr|ii|iii|iv|\d)(?= |$)/;

/**
 * Whether a text says a name as people write it: of three or more words the first and the last side by side, initials for all but the last, a middle name in full where
 * the gold has its initial, or the name without its suffix.
 */
export function saysName(text: string, gold: string, isDenied: IsDenied): boolean {
  const words = gold.split(" ");
  const says = (form: string) => {
    const at = ` ${text} `.indexOf(` ${form} `);
    return at >= 0 && !otherSuffixes.test(text.slice(at + form.length)) && !isDenied(at, at + form.length);
  };
  const last = words.at(-1)!;
  if (words.length > 1 && suffixes.has(last) && says(words.slice(0, -1).join(" "))) return true;
  if (words.length < 3 || words.length > 5 || words.some((word) => /\d/.test(word) || stopWords.has(word)))
    return false;
  const initials = words.slice(0, -1).map((word) => word[0]!);
  if (says(`${words[0]} ${last}`) || says(`${initials.join("")} ${last}`)) return true;
  const [first, middle = ""] = words;
  return (
    words.length === 3 &&
    middle.length === 1 &&
    new RegExp(`(?:^| )${escaped(first!)} ${escaped(middle)}\\p{L}+ ${escaped(last)}(?: |$)`, "u").test(text)
  );
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
