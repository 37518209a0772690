import { listText, type SeededRandom } from "@rag-instruct/core";
import { type Clause, isOfBeing, turned, upperStart } from "./clause.ts";
import {
  areDistinct,
  type Event,
  eventsOf,
  type Fact,
  type Found,
  joined,
  moreOf,
  oneOfEach,
  topicOf,
} from "./fact.ts";
import { greatest, measuresAlike } from "./measures.ts";
import type { Reading } from "./prose.ts";
import { overviews, rightStatement, statedFacts } from "./stated-facts.ts";

/** What several documents state together: which was first, how things differ, which has more. */
export function comparedFacts(readings: readonly Reading[], random: SeededRandom): Fact[] {
  const base = { more: moreOf(readings), topic: topicOf(readings) };
  const found: Found[] = [];
  const events = oneOfEach(readings, eventsOf, random);
  if (
    events &&
    new Set(events.map(({ year }) => year)).size === events.length &&
    areDistinct(events.map((event) => event.told))
  )
    found.push(events.length === 2 ? beforeOrAfter(events[0]!, events[1]!) : inOrder(events));
  const terms = oneOfEach(readings, termsOf, random);
  if (terms && areDistinct(terms.map(({ subject }) => subject))) found.push(difference(terms));
  const measures = measuresAlike(readings, random);
  if (measures) found.push(...greatest(measures));
  found.push(...timesAlike(readings));
  found.push(
    ...joined(
      readings.map((reading) => statedFacts(reading, random)),
      random,
    ),
  );
  const proses = readings.map(({ prose }) => prose);
  const facts = found.map((fact) => ({ ...base, ...fact }));
  return [...facts, ...overviews(proses, random), ...rightStatement(proses, random)];
}

function beforeOrAfter(one: Event, other: Event): Found {
  const say = (word: string, [first, second]: readonly [number, number]) =>
    `${word}: ${one.told} in ${first} and ${other.told} in ${second}.`;
  const years = [one.year, other.year] as const;
  const isBefore = one.year < other.year;
  const answer = say(isBefore ? "Before" : "After", years);
  return {
    ask: `${upperStart(turned(one.clause, one.clause.tail))} before or after ${other.told}?`,
    answer,
    wrong: [say(isBefore ? "After" : "Before", [other.year, one.year]), "In the same year."],
    claim: (given) => `${upperStart(one.told)} ${(given === answer) === isBefore ? "before" : "after"} ${other.told}.`,
  };
}

function inOrder(events: readonly Event[]): Found {
  const sorted = [...events].sort((a, b) => a.year - b.year);
  const say = (order: readonly Event[]) =>
    `${upperStart(order.map((event, i) => `${i === 0 ? "" : i === order.length - 1 ? "and last " : "then "}${event.told} (${event.year})`).join(", "))}.`;
  const claim = (order: readonly Event[]) =>
    `${upperStart(order[0]!.told)} before ${listText(order.slice(1).map((event) => event.told))}.`;
  const wrongs = [[...sorted].reverse(), [...sorted.slice(1), sorted[0]!]];
  const answer = say(sorted);
  return {
    ask: `In which order did these things happen: ${events.map((event) => event.told).join("; ")}?`,
    answer,
    wrong: wrongs.map(say),
    claim: (given) => claim(given === answer ? sorted : wrongs[0]!),
  };
}

/** Clauses that say of a term what it is. */
function termsOf({ clauses }: Reading): Clause[] {
  return clauses.filter((clause) => {
    const { subject, tail, time } = clause;
    return (
      isOfBeing(clause) &&
      !time &&
      /^(?:an?|the) /.test(tail) &&
      tail.split(" ").length >= 4 &&
      subject.split(" ").length <= 5
    );
  });
}

function difference(terms: readonly Clause[]): Found {
  const names = terms.map(({ subject }) => subject);
  const say = (tails: readonly string[]) => {
    const parts = terms.map(({ subject, auxiliary }, i) => `${subject} ${auxiliary} ${tails[i]}`);
    return `${upperStart(parts.slice(0, -1).join(", "))}, whereas ${parts.at(-1)}.`;
  };
  const tails = terms.map(({ tail }) => tail);
  return {
    ask:
      names.length === 2
        ? `What is the difference between ${names.join(" and ")}?`
        : `How do ${listText(names)} differ from each other?`,
    answer: say(tails),
    wrong: [say([...tails.slice(1), tails[0]!])],
    claim: (answer) => answer,
  };
}

/** When things do what all of them do: "When does the archive open, and when does the library?" */
function timesAlike(readings: readonly Reading[]): Found[] {
  const timed = readings.map(({ clauses }) =>
    clauses.filter(({ time, subject }) => time?.ask === "When" && subject.split(" ").length <= 6),
  );
  for (const first of timed[0]!) {
    const does = doing(first);
    const alike = timed.map((clauses) => clauses.find((clause) => doing(clause) === does));
    if (
      does === undefined ||
      !alike.every((clause) => clause !== undefined) ||
      !areDistinct(alike.map(({ subject }) => subject))
    )
      continue;
    const [own, ...others] = alike as [Clause, ...Clause[]];
    const say = (times: readonly string[]) =>
      `${upperStart(listText(alike.map((clause, i) => `${clause.subject} ${clause.predicate.split(" ")[0]}${clause.verb === "" ? ` ${clause.tail}` : ""} ${times[i]}`)))}.`;
    const times = alike.map(({ time }) => time!.text);
    return [
      {
        ask: `When ${turned(own, own.tail)}, and when ${listText(others.map(({ auxiliary, subject }) => `${auxiliary} ${subject}`))}?`,
        answer: say(times),
        wrong: new Set(times).size === times.length ? [say([...times.slice(1), times[0]!])] : [],
        claim: (answer) => answer,
      },
    ];
  }
  return [];
}

/** What a clause says that its subject does, where that is a verb or a participle and no more. */
function doing({ auxiliary, verb, tail }: Clause): string | undefined {
  if (verb !== "") return tail === "" ? `${auxiliary === "did" ? "past" : "now"} ${verb}` : undefined;
  return tail !== "" && tail.split(" ").length === 1 ? `${/^w/.test(auxiliary) ? "past" : "now"} ${tail}` : undefined;
}
