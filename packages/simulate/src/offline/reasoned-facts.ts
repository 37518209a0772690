import { listText, type SeededRandom } from "@rag-instruct/core";
import { type Clause, isOfBeing, lowerStart, turned, upperStart } from "./clause.ts";
import { areDistinct, type Event, eventsOf, type Fact, type Found, joined, oneOfEach, variants } from "./fact.ts";
import { amountText, measuresAlike, numberIn, small, sum } from "./measures.ts";
import type { Reading } from "./prose.ts";

/** What follows from documents without standing there: years between, centuries, sums, other units. */
export function reasonedFacts(readings: readonly Reading[], random: SeededRandom): Fact[] {
  const base = { more: [byReckoning], topic: "" };
  const found: Found[] = [];
  if (readings.length === 1) {
    const [{ clauses }] = readings as [Reading];
    const events = random.shuffle(eventsOf(readings[0]!));
    const [first, ...others] = events;
    const other = others.find(({ year, told }) => first && year !== first.year && told !== first.told);
    if (first && other) found.push(yearsBetween([first, other], random));
    else if (first) found.push(...centuryAndDecade(first));
    for (const clause of clauses)
      found.push(
        ...otherUnit(clause, random),
        ...missingToRound(clause, random),
        ...severalOf(clause, random),
        ...hoursOpen(clause, random),
        ...allowed(clause),
        ...bound(clause),
        ...room(clause),
      );
  } else {
    const events = oneOfEach(readings, eventsOf, random);
    if (
      events &&
      new Set(events.map(({ year }) => year)).size === events.length &&
      areDistinct(events.map((event) => event.told))
    )
      found.push(events.length === 2 ? yearsBetween(events, random) : span(events, random));
    const measures = measuresAlike(readings, random);
    if (measures) found.push(...sum(measures, random));
    found.push(
      ...joined(
        readings.map((reading) => reasonedFacts([reading], random)),
        random,
      ),
    );
  }
  found.push(...mistakes(readings, random));
  return found.map((fact) => ({ ...base, ...fact }));
}

// An account that repeats the documents would state what they are only to support.
const byReckoning =
  "Nobody says so in these words, but it follows from what is known once the numbers, dates or rules are put beside each other.";

function yearsBetween(events: readonly Event[], random: SeededRandom): Found {
  const [first, last] = [...events].sort((a, b) => a.year - b.year) as [Event, Event];
  const years = last.year - first.year;
  const answer = years === 1 ? "One year" : `${years} years`;
  return {
    ask: `How many years after ${first.told} ${turned(last.clause, last.clause.tail)}?`,
    answer,
    wrong: variants(`${years} years`, random),
    claim: (given) => `${upperStart(last.told)} ${given.replace("One", "one")} after ${first.told}.`,
  };
}

function span(events: readonly Event[], random: SeededRandom): Found {
  const years = events.map(({ year }) => year);
  const answer = `${Math.max(...years) - Math.min(...years)} years`;
  const all = events.map((event) => event.told).join("; ");
  return {
    ask: `How many years lie between the first and the last of these events: ${all}?`,
    answer,
    wrong: variants(answer, random),
    claim: (given) => `Between the first and the last of these events lie ${given}: ${all}.`,
  };
}

function centuryAndDecade({ clause, told, year }: Event): Found[] {
  const century = Math.ceil(year / 100);
  const decade = Math.floor(year / 10) * 10;
  const ordinal = (which: number) => `${which}${["th", "st", "nd", "rd"][which > 20 ? which % 10 : 0] ?? "th"}`;
  const claim = (given: string) => `${upperStart(told)} ${lowerStart(given)}.`;
  const inCentury = (which: number) => `In the ${ordinal(which)} century`;
  const inDecade = (from: number) => `In the ${from}s`;
  return [
    {
      ask: `In which century ${turned(clause, clause.tail)}?`,
      answer: inCentury(century),
      wrong: [century - 1, century + 1, century - 2].map(inCentury),
      claim,
      more: [
        `The years from ${century * 100 - 99} to ${century * 100} make up that century, since the first one began with the year 1.`,
      ],
    },
    {
      ask: `In which decade ${turned(clause, clause.tail)}?`,
      answer: inDecade(decade),
      wrong: [decade - 10, decade + 10, decade - 30].map(inDecade),
      claim,
      more: [
        `A decade is named after its first year, so that all years from ${decade} to ${decade + 9} belong to that one.`,
      ],
    },
  ];
}

const smaller: Readonly<Record<string, readonly [unit: string, times: number]>> = {
  metres: ["centimetres", 100],
  meters: ["centimeters", 100],
  kilometres: ["metres", 1000],
  kilometers: ["meters", 1000],
  hours: ["minutes", 60],
  minutes: ["seconds", 60],
  weeks: ["days", 7],
  years: ["months", 12],
  tonnes: ["kilograms", 1000],
};

/** "is 96 kilometres long", asked for in metres. */
function otherUnit(clause: Clause, random: SeededRandom): Found[] {
  const { subject, auxiliary, verb, tail } = clause;
  const [, digits = "", unit = "", how] =
    /^(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve) ([a-z]+)(?: (long|high|deep|wide|tall|old|thick))?$/.exec(
      tail,
    ) ?? [];
  const [other, times] = smaller[unit] ?? [];
  const asked =
    how !== undefined && isOfBeing(clause)
      ? `How ${how} ${auxiliary} ${subject}, in ${other}?`
      : ["take", "last"].includes(verb)
        ? `How many ${other} ${auxiliary} ${subject} ${verb}?`
        : undefined;
  if (other === undefined || asked === undefined) return [];
  const value = small.includes(digits) ? small.indexOf(digits) : Number(digits);
  const answer = `${(value * times!).toLocaleString("en-GB")} ${other}`;
  return [
    {
      ask: asked,
      answer,
      wrong: variants(answer, random),
      claim: (given) =>
        `${upperStart(subject)} ${how ? `${auxiliary} ${given} ${how}` : `${verb === "take" ? "takes" : "lasts"} ${given}`}.`,
    },
  ];
}

/** "has 84 pupils": how many more would make a hundred. */
function missingToRound(clause: Clause, random: SeededRandom): Found[] {
  const { subject, verb, auxiliary, tail } = clause;
  const [, digits = "", things = ""] =
    (verb === "have" && auxiliary === "does" && /^(\d{2,3}) ((?:[a-z-]+ )?[a-z-]+s|people)$/.exec(tail)) || [];
  if (digits === "") return [];
  const value = Number(digits);
  const round = value < 100 ? 100 : Math.ceil((value + 1) / 100) * 100;
  const answer = `${round - value} more`;
  return [
    {
      ask: `How many more ${things} would ${subject} need to have ${round}?`,
      answer,
      wrong: variants(answer, random),
      claim: (given) => `${upperStart(subject)} would need ${given} ${things} to have ${round}.`,
      plainness: 1,
    },
  ];
}

/** "a page costs 10 pennies": what five pages cost. */
function severalOf({ subject, verb, tail }: Clause, random: SeededRandom): Found[] {
  const [, thing = "", rest = ""] =
    /^an? ((?:[a-z-]+ ){0,2}?[a-z-]+)((?: (?:for|of|with|to|from|at|in) .*)?)$/.exec(subject) ?? [];
  const [, digits = "", unit = ""] = (verb === "cost" && new RegExp(`^${amountText} ([a-z]+)$`).exec(tail)) || [];
  if (thing === "" || digits === "" || /(?:s|x|ch|sh|[^aeiou]y)$/.test(thing)) return [];
  const times = 3 + random.integer(6);
  const answer = `${(times * numberIn(digits)).toLocaleString("en-GB")} ${unit}`;
  const many = `${small[times]} ${thing}s${rest}`;
  return [
    {
      ask: `How much do ${many} cost?`,
      answer,
      wrong: variants(answer, random),
      claim: (given) => `${upperStart(many)} cost ${given}.`,
    },
  ];
}

/** "is open from 9:00 to 17:00": for how many hours. */
function hoursOpen(clause: Clause, random: SeededRandom): Found[] {
  const { subject, auxiliary, tail, time } = clause;
  const said = `${tail} ${time?.text ?? ""}`;
  const [, days = "", from = "", to = ""] =
    /^open ((?:daily |every day |on [A-Za-z]+ )?)from (\d{1,2})(?::00)? (?:to|until) (\d{1,2})(?::00)?$/.exec(
      said.trim(),
    ) ?? [];
  const hours = Number(to) - Number(from);
  if (from === "" || hours < 2 || hours > 16) return [];
  const answer = `${hours} hours`;
  const when = days.trim() === "" || days.startsWith("daily") ? "a day" : days.trim();
  return [
    {
      ask: `For how many hours ${auxiliary} ${subject} open ${when}?`,
      answer,
      wrong: variants(answer, random),
      claim: (given) => `${upperStart(subject)} ${auxiliary} open for ${given} ${when}.`,
    },
  ];
}

/** "is forbidden in the basin": whether it is allowed there. */
function allowed(clause: Clause): Found[] {
  const { subject, auxiliary, tail } = clause;
  const [, where = ""] = /^(?:strictly )?(?:forbidden|prohibited|banned)((?: [^,]*)?)$/.exec(tail) ?? [];
  if (
    !isOfBeing(clause) ||
    !/^(?:strictly )?(?:forbidden|prohibited|banned)/.test(tail) ||
    /\b(?:unless|except|without)\b/.test(tail)
  )
    return [];
  return [
    {
      ask: `${upperStart(auxiliary)} ${subject} allowed${where}?`,
      answer: "No.",
      wrong: ["Yes."],
      claim: (given) => `${upperStart(subject)} ${auxiliary} ${given === "No." ? "not " : ""}allowed${where}.`,
    },
  ];
}

/** "carries 120 cars": whether more of them fit. */
function room({ subject, verb, auxiliary, tail }: Clause): Found[] {
  const [, digits = "", things = ""] =
    (["carry", "hold", "seat"].includes(verb) &&
      auxiliary === "does" &&
      /^(?:up to )?(\d{2,4}) ((?:[a-z-]+ )?[a-z-]+s|people)$/.exec(tail)) ||
    [];
  if (digits === "") return [];
  const more = Math.ceil((Number(digits) * 1.25 + 1) / 10) * 10;
  return [
    {
      ask: `Could ${subject} ${verb} ${more} ${things} at once?`,
      answer: "No.",
      wrong: ["Yes."],
      claim: (given) =>
        `${upperStart(subject)} ${given === "No." ? "cannot" : "can"} ${verb} ${more} ${things} at once.`,
    },
  ];
}

/** "must change the password": whether that is optional. */
function bound(clause: Clause): Found[] {
  const { subject, auxiliary, tail, time } = clause;
  const words = tail.split(" ").length;
  if (
    !["must", "may", "can"].includes(auxiliary) ||
    words < 3 ||
    words > 20 ||
    /\b(?:only|unless|except|if|at most|up to|no more)\b/.test(tail)
  )
    return [];
  // What somebody can do may be forbidden; what a thing can be may not.
  const isSomebody =
    /^(?:you|we|anyone|everyone|anybody|everybody|nobody|(?:the |all )?[a-z ]*(?:[^s]s|people))$/.test(subject) &&
    !/^(?:be|help|easily|also|often|have)\b/.test(tail);
  if (auxiliary !== "must" && !isSomebody) return [];
  const does = `${tail}${time ? ` ${time.text}` : ""}`;
  const [one, other] = auxiliary === "must" ? ["optional", "required"] : ["forbidden", "allowed"];
  return [
    {
      ask: `Is it ${one} for ${subject.replace(/^We\b/, "us")} to ${does}?`,
      answer: "No.",
      wrong: ["Yes."],
      claim: (given) => `It is ${given === "No." ? other : one} for ${subject} to ${does}.`,
      plainness: 1,
    },
  ];
}

/** Whether it would be wrong to believe what documents say, or something like it. */
function mistakes(readings: readonly Reading[], random: SeededRandom): Found[] {
  const short = ({ inside }: Reading) =>
    inside
      .filter((text) => !/^(?:if|when|to) |\bit\b/i.test(text) && text.split(" ").length <= maxBelievedWords)
      .sort((a, b) => a.length - b.length);
  const believed =
    readings.length > 2
      ? oneOfEach(readings, (reading) => short(reading).slice(0, 2), random)
      : oneOfEach(readings, short, random);
  if (believed === undefined) return [];
  const [changed, ...kept] = random.shuffle(believed);
  const [other] = variants(changed!, random);
  const isWrong = other !== undefined && random.next() < 0.5;
  const say = (texts: readonly string[]) => texts.map((text) => `${upperStart(text)}.`).join(" ");
  const right = say([...kept, changed!]);
  const wrong = say([...kept, other ?? changed!]);
  const thought = listText([...kept, isWrong ? other : changed!].map((text) => `that ${text}`));
  return [
    {
      ask: `Would it be a mistake to think ${thought}?`,
      answer: isWrong ? "Yes." : "No.",
      wrong: other === undefined ? [] : [isWrong ? "No." : "Yes.", "Only in part."],
      claim: (answer) => (answer === (isWrong ? "Yes." : "No.") ? right : wrong),
      plainness: 2,
    },
  ];
}

const maxBelievedWords = 24;
