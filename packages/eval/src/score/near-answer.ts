import { carriesNothing } from "./word-match.ts";

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
  if (!isWhole && fresh >= 2 && words.length >= minNamed && words.length <= maxNamed && left === 1) return "part";
  if (words.length >= minLong && fresh >= 2 && left <= words.length / 2) return "part";
  if (!/\sand\s|&/i.test(written) && isPartOf(text, gold, isNew) && !near.isDenied(0, text.length)) return "part";
  return /\b(?:when|year|date)\b/.test(question) && saysYear(text, gold) ? "year" : undefined;
}

function contentOf(text: string): string[] {
  return [...new Set(text.split(" "))].filter((word) => word !== "" && !carriesNothing(word));
}

/** Words between which those of a gold may stand, for each of them. */
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
