import type { SeededRandom } from "@rag-instruct/core";
import { type Clause, isOfBeing, lowerStart, told, upperStart } from "./clause.ts";
import type { Fact, Found } from "./fact.ts";
import type { Reading } from "./reading.ts";

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
