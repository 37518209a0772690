import type { SeededRandom } from "@rag-instruct/core";
import { month } from "./clause.ts";

/** Something that can be asked about documents, with its true answer and wrong ones. */
export interface Fact {
  /** A question that does not give the answer away. */
  ask: string;
  answer: string;
  /** Answers of the same kind that are wrong. */
  wrong: readonly string[];
  /** The declarative sentence that an answer makes; true for `answer`, false for the wrong ones. @default none can be said */
  claim?: (answer: string) => string;
  /** Whole sentences that hold too, for an answer at length. */
  more: readonly string[];
  /** What those are about. */
  topic: string;
  /** How much sooner a person would ask for something else. @default 0 */
  plainness?: 0 | 1 | 2;
  /** Whether it can be asked with its options alone. @default false */
  needsOptions?: boolean;
}

/** A fact before it is known what else its document says. */
export type Found = Omit<Fact, "more" | "topic"> & Partial<Pick<Fact, "more">>;

const dayName = new RegExp(`^(?:${month}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)`);

/** Names of several words, or of one inside a sentence. */
export function namesIn(sentences: readonly string[]): string[] {
  const found = sentences.flatMap(
    (sentence) => sentence.match(/(?<=[\p{Ll},] )\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+){0,2}/gu) ?? [],
  );
  return [...new Set(found)].filter((name) => !dayName.test(name));
}

const numberWords =
  "two three four five six seven eight nine ten eleven twelve fourteen fifteen sixteen twenty thirty forty fifty sixty".split(
    " ",
  );

/** Three texts with another number in place of the last one; none where there is no number. */
export function variants(text: string, random: SeededRandom): string[] {
  const word = numberWords.find((known) => new RegExp(`\\b${known}\\b`).test(text));
  if (word) {
    const others = random.shuffle(numberWords.slice(0, 11).filter((other) => other !== word)).slice(0, 3);
    return others.map((other) => text.replace(new RegExp(`\\b${word}\\b`), other));
  }
  const found = [...text.matchAll(/(?<![\p{L}\d.-])\d[\d,]*(?![\p{L}\d-])/gu)].at(-1);
  if (!found) return [];
  const value = Number(found[0].replaceAll(",", ""));
  const step = value > 1000 && value < 2100 ? 1 + random.integer(4) : Math.max(1, Math.round(value / 8));
  const isClock = /\d:\d\d/.test(text);
  return [1, 2, 3].map((times) => {
    const other = isClock ? (value + times * 10) % 60 : value + (times === 2 ? -1 : times) * step;
    const shown = isClock
      ? String(other).padStart(2, "0")
      : found[0].includes(",")
        ? other.toLocaleString("en-GB")
        : String(other);
    return `${text.slice(0, found.index)}${shown}${text.slice(found.index + found[0].length)}`;
  });
}
