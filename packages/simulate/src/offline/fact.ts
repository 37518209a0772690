import type { SeededRandom } from "@rag-instruct/core";
import { type Clause, isOfBeing, lowerStart, month, told, upperStart } from "./clause.ts";

import type { Reading } from "./prose.ts";

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

export function moreOf(readings: readonly Reading[]): string[] {
  return readings.flatMap(({ prose }) => prose.account);
}

export function topicOf(readings: readonly Reading[]): string {
  return [...new Set(readings.map(({ prose }) => prose.topic).filter((topic) => topic !== ""))]
    .slice(0, 3)
    .join(" and ");
}

/** One thing of each document by chance; undefined where one has none. */
export function oneOfEach<T>(
  readings: readonly Reading[],
  from: (reading: Reading) => readonly T[],
  random: SeededRandom,
): T[] | undefined {
  const all = readings.map(from);
  return all.every((list) => list.length > 0) ? all.map((list) => random.pick(list)) : undefined;
}

export function areDistinct(texts: readonly string[]): boolean {
  const ends = texts.filter((text) => text.split(" ").length > 8).map((text) => text.split(" ").slice(-4).join(" "));
  if (new Set(ends).size < ends.length) return false;
  return new Set(texts.map((text) => text.toLowerCase())).size === texts.length;
}

/** Something that happened in a year. */
export interface Event {
  clause: Clause;
  /** "the tower was built of granite" */
  told: string;
  year: number;
}

const maxEventWords = 16;

export function eventsOf({ clauses }: Reading): Event[] {
  return clauses.flatMap((clause) => {
    const { time, tail, verb } = clause;
    if (time?.year === undefined || told(clause).split(" ").length > maxEventWords) return [];
    if (isOfBeing(clause) && /^(?:a|an|the|about|\d)/.test(tail)) return [];
    return tail === "" && verb === "" ? [] : [{ clause, told: told(clause), year: time.year }];
  });
}

const kinds =
  /^(?:When|Since when|Where|Who|How many|How much|How long|How often|Why|In which century|In which decade|What (?:is|are|was|were)|Is it \w+)\b/;

/** One question of each document that begin alike, asked together: "When was the tower added, and when was the debt paid off?" */
export function joined(facts: readonly (readonly Fact[])[], random: SeededRandom): Found[] {
  const bare = facts.map((own) =>
    own.map((fact) => ({ ...fact, ask: upperStart(fact.ask.replace(/^About [^:]+: /, "")) })),
  );
  for (const first of random.shuffle(bare[0] ?? [])) {
    const kind = kinds.exec(first.ask)?.[0];
    const alike =
      kind === undefined
        ? []
        : bare.map((own) => own.find(({ ask, claim }) => claim !== undefined && ask.startsWith(`${kind} `)));
    if (kind === undefined || first.claim === undefined || !alike.every((fact) => fact !== undefined)) continue;
    alike[0] = first;
    const asks = alike.map((fact) => fact.ask.slice(0, -1));
    if (!areDistinct(asks) || asks.join(" ").split(" ").length > maxJoinedWords) continue;
    const claims = (of: readonly string[]) => alike.map((fact, i) => fact.claim!(of[i]!)).join(" ");
    const right = alike.map(({ answer }) => answer);
    const off = [0, 1, 2].map((i) => claims(alike.map(({ wrong, answer }) => wrong[i] ?? wrong[0] ?? answer)));
    return [
      {
        ask: `${asks.map((ask, i) => (i === 0 ? ask : `${i === asks.length - 1 ? "and " : ""}${lowerStart(ask)}`)).join(", ")}?`,
        answer: claims(right),
        wrong: [...new Set(off)].filter((said) => said !== claims(right)),
        claim: (answer) => answer,
        plainness: 1,
      },
    ];
  }
  return [];
}

const maxJoinedWords = 48;
