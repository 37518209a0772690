import type { SeededRandom } from "@rag-instruct/core";
import { type Clause, isOfBeing, isParticiple, lowerStart, told, turned, upperStart } from "./clause.ts";
import { type Found, namesIn, variants } from "./fact.ts";

const number = String.raw`(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|sixteen|twenty|thirty|forty|fifty|sixty)`;

const about =
  "(?:about |around |some |nearly |almost |over |more than |at least |at most |up to |no more than |fewer than )?";

const people =
  "founder|director|captain|keeper|master|president|chair|chairwoman|chairman|author|inventor|teacher|headmistress|headmaster|editor|manager|mayor|owner|designer|architect|engineer|winner|warden|secretary|treasurer|conductor|composer|painter|writer|poet|king|queen|minister|curator|librarian|doctor|nurse|chief|coxswain|pilot|officer|leader|commander|bishop|priest|actor|actress|singer|musician|politician|scientist|historian|lawyer|footballer|player|producer|novelist|journalist|philosopher|physicist|chemist|biologist|mathematician|son|daughter|brother|sister|wife|husband";

const person = new RegExp(`\\b(?:${people})\\b`, "i");

const group =
  /\b(?:people|workers|members|crew|team|council|committee|board|staff|society|company|guild|brothers|sisters|family|volunteers|pupils|students|voters|townspeople|islanders)\b/i;

/** Rules, reasons and ways, which a sentence gives whatever its clauses are. */
export function factsOfSentence(sentence: string, random: SeededRandom): Found[] {
  const found: Found[] = [];
  const [, word, condition = "", outcome = ""] =
    /^(If|When|Whenever) ([^,]{8,90}), ([^,]{8,160})$/.exec(sentence) ?? [];
  if (
    word &&
    /^(?:the|a|an|any|you|we|your|somebody|someone|\p{Lu})\b/u.test(condition) &&
    !/^(?:then|it|they)\b/.test(condition)
  ) {
    const isOrder =
      /^(?:use|set|call|add|run|check|make|contact|ask|tell|send|sound|see|choose|pass|keep|leave|give|take|try|write|report|wait|stop|start|open|close|press|turn)\b/i.test(
        outcome,
      );
    const when = `${lowerStart(word)} ${condition}`;
    found.push({
      ask: isOrder ? `What should ${/\byou\b/.test(when) ? "you" : "one"} do ${when}?` : `What happens ${when}?`,
      answer: `${upperStart(outcome.replace(/^then /, ""))}.`,
      wrong: [],
      claim: () => `${sentence}.`,
    });
  }
  const [, be = "", count = "", things = "", rest = ""] =
    new RegExp(
      `^There (are|were) (${about}${number}) ((?:[a-z-]+ ){0,2}?[a-z-]+s|people|children|men|women)(?= |$)([^,]*)$`,
    ).exec(sentence) ?? [];
  if (count !== "" && !isUnit(things) && !/ and \d/.test(rest))
    found.push({
      ask: `How many ${things} ${be} there${rest}?`,
      answer: upperStart(count),
      wrong: variants(count, random),
      claim: (answer) => `${sentence.replace(count, () => lowerStart(answer))}.`,
    });
  const [, aim, way] = /^To ([a-z][^,]{6,80}), ([a-z][^,]{6,140})$/.exec(sentence) ?? [];
  if (aim && way && !/^(?:be|this|that|the|it)\b/.test(way))
    found.push({ ask: `How do I ${aim}?`, answer: `${upperStart(way)}.`, wrong: [] });
  return found;
}

interface Around {
  random: SeededRandom;
  sentences: readonly string[];
}

export function factsOfClause(clause: Clause, { random, sentences }: Around): Found[] {
  const found: Found[] = [];
  const { subject, auxiliary, verb, tail, predicate, time, statement } = clause;
  const isTimedAgain =
    /\b(?:from|until|on|in|at|by) (?:\d|(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)/.test(
      tail,
    );
  if (time && !isTimedAgain && !(time.ask === "How long" && /\d/.test(tail))) {
    const varied = variants(time.text, random);
    found.push({
      ask: `${time.ask} ${turned(clause, tail)}?`,
      answer: upperStart(time.text),
      wrong: varied.map(upperStart),
      claim: (answer) => `${upperStart(told(clause))} ${lowerTime(answer)}.`,
    });
  }
  const when = time ? ` ${time.text}` : "";
  const sentenceWith = (part: string, other: string) => `${statement.replace(part, () => other)}.`;
  found.push(...definitions(clause, sentences));

  // "was built by Ada Long"
  const agent = /^((?:[a-z-]+ )?(?:[^ ]+ ){0,8}?)by ([^,]{3,60})$/.exec(tail);
  const [done = ""] = agent?.[1]?.trim().split(" ") ?? [];
  const by = agent?.[2] ?? "";
  const isAgent =
    /^(?:the|a|an|[a-z]+ \p{Lu}|\p{Lu})/u.test(by) &&
    !/^(?:the end|a (?:tenth|third|quarter|half|fifth)|an? (?:hour|day|week|year))\b/.test(by);
  if (
    agent &&
    isAgent &&
    isOfBeing(clause) &&
    isParticiple(done) &&
    !/ (?:and|in|from|for|to|with|at) /.test(` ${by} `)
  ) {
    const isWho = group.test(by) || person.test(by) || /^(?:[a-z]+ )?\p{Lu}[\p{Ll}\d]+(?: \p{Lu}\p{Ll}+)?$/u.test(by);
    found.push({
      ask: `${isWho ? "Who" : "What"} ${turned(clause, `${agent[1]}by${when}`)}?`,
      answer: upperStart(by),
      wrong: namesIn(sentences)
        .filter((name) => !statement.includes(name))
        .slice(0, 3),
      claim: (answer) => sentenceWith(`by ${by}`, `by ${answer === upperStart(by) ? by : answer}`),
    });
  }

  // "has 84 pupils", "carries 120 cars"
  const counted = new RegExp(
    `^(of )?(${about}${number}) ((?:[a-z-]+ ){0,2}?[a-z-]+s|people|children|men|women)(?= |$)(.*)$`,
  ).exec(tail);
  if (
    counted &&
    !/^ of\b/.test(counted[4] ?? "") &&
    (verb !== "" || auxiliary === "may" || auxiliary === "can") &&
    !isUnit(counted[3]!)
  ) {
    const [, of = "", count = "", things = "", rest = ""] = counted;
    found.push({
      ask: `How many ${things} ${turned(clause, [of.trim(), rest.trim()].filter(Boolean).join(" "))}${when}?`,
      answer: upperStart(count),
      wrong: variants(count, random),
      claim: (answer) => sentenceWith(count, lowerStart(answer)),
    });
  }
  // "84 pupils are taught in two rooms"
  const many = new RegExp(
    `^(${about}${number}) ((?:[a-z-]+ ){0,2}?[a-z-]+s|people|children|men|women)( .*)?$`,
    "i",
  ).exec(subject);
  if (many && !isUnit(many[2]!)) {
    const count = many[1]!;
    found.push({
      ask: `How many ${many[2]}${many[3] ?? ""} ${predicate}${when}?`,
      answer: upperStart(count),
      wrong: variants(count, random),
      claim: (answer) => sentenceWith(upperStart(count), upperStart(answer)),
    });
  }
  // "is 96 kilometres long", "costs 9 crowns"
  const measured = new RegExp(`^(${about}${number} [a-z]+) (long|high|deep|wide|tall|old|thick|away)(?= |$)(.*)$`).exec(
    tail,
  );
  if (measured && isOfBeing(clause)) {
    const [, value = "", how = "", rest = ""] = measured;
    found.push({
      ask: `How ${how === "away" ? "far away" : how} ${turned(clause, rest.trim())}${when}?`,
      answer: upperStart(value),
      wrong: variants(value, random),
      claim: (answer) => sentenceWith(value, lowerStart(answer)),
    });
  }
  const priced = new RegExp(`^(${about}(?:[€$£]\\d[\\d,.]*\\d?|${number} [a-z]+))(?= |$)(.*)$`).exec(tail);
  if (priced && ["cost", "earn", "owe"].includes(verb)) {
    const [, price = "", rest = ""] = priced;
    found.push({
      ask: `How much ${turned(clause, rest.trim())}${when}?`,
      answer: upperStart(price),
      wrong: variants(price, random),
      claim: (answer) => sentenceWith(price, lowerStart(answer)),
    });
  }

  // "is kept in the Watch House"
  const place =
    /^(.*?)((?:in|on|at|behind|beside|above|below|under|near|outside|inside) (?:the|a|an|\p{Lu})[^,]*)$/u.exec(tail);
  const where = place?.[2] ?? "";
  if (place && !notPlace.test(where) && where.split(" ").length <= 8 && isPlaced(clause, place[1]!.trim())) {
    found.push({
      ask: `Where ${turned(clause, place[1]!.trim())}${when}?`,
      answer: upperStart(where),
      wrong: [],
      claim: () => `${statement}.`,
    });
  }

  // "because the swell is too high"
  const reason = /^(.*?) (because [^,]{8,120})$/.exec(tail);
  if (reason) {
    found.push({
      ask: `Why ${turned(clause, reason[1]!)}${when}?`,
      answer: `${upperStart(reason[2]!)}.`,
      wrong: [],
      claim: () => `${statement}.`,
    });
  }

  // What somebody must, may and can do; what something does.
  if (
    ["must", "may", "can", "should"].includes(auxiliary) &&
    !/^(?:be|have)\b/.test(tail) &&
    tail.split(" ").length >= 3
  ) {
    found.push({
      ask: `What ${auxiliary} ${subject} do?`,
      answer: `${upperStart(tail)}.`,
      wrong: [],
      claim: () => `${statement}.`,
      plainness: 1,
    });
  }
  const object =
    /^((?:the|a|an|its|their|all) [^,]{3,40}?)((?: (?:in|on|at|from|for|to|with|into|through|by|between|as) [^,]*)?)$/.exec(
      tail,
    );
  if (object && ["did", "does", "do"].includes(auxiliary) && verb !== "have") {
    found.push({
      ask: `What ${turned(clause, object[2]!.trim())}${when}?`,
      answer: upperStart(object[1]!.replace(/^(?:its|their) /, "the ")),
      wrong: [],
      claim: () => `${statement}.`,
      plainness: 1,
    });
  }
  return found;
}

const units =
  /^(?:metres|meters|kilometres|kilometers|miles|feet|inches|centimetres|millimetres|hectares|acres|years|months|weeks|days|hours|minutes|seconds|knots|tonnes|tons|kilograms|grams|litres|degrees|crowns|dollars|euros|pounds|percent|kilowatts|megawatts|volts|watts)$/;

function isUnit(things: string): boolean {
  return things.split(" ").some((word) => units.test(word));
}

const notPlace =
  /^(?:in|on|at) (?:the|a|an) (?:same|end|beginning|middle|morning|afternoon|evening|night|year|years|month|week|day|case|event|form|way|order|time|meantime|past|future|other|basis|condition|grounds?|lead|age|average|rate|price|cost|speed|charge|row|whole|first|second|third|late|early|\d|sense|context|event|name|number|course|spring|summer|autumn|winter|amount|format|manner|loop|background)\b|^(?:in|on|at) (?:January|February|March|April|May|June|July|August|September|October|November|December|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|English|French|German|Latin)|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b|\b(?:by|because|when|if|while|that|which|and|or|but|to|than|with|for|from|who)\b/;

const placing: ReadonlySet<string> = new Set(
  "stand lie hang live sit nest rest winter breed grow land meet start begin end stay exist swim swear work keep remain sail work arrive stop".split(
    " ",
  ),
);

/** Whether what a clause says before a place is something that is somewhere. */
function isPlaced(clause: Clause, before: string): boolean {
  const words = before.split(" ").filter(Boolean);
  if (clause.verb !== "") return placing.has(clause.verb) && words.length === 0;
  return (
    isOfBeing(clause) &&
    words.length <= 2 &&
    (words.length === 0 || isParticiple(words[0]!)) &&
    !/ly$/.test(words.at(-1) ?? "")
  );
}

const maxNameWords = 4;

/** "A sling is a rope that …", "The warden is Iris Quenlock". */
function definitions(clause: Clause, sentences: readonly string[]): Found[] {
  const { subject, auxiliary, tail, statement } = clause;
  if (!isOfBeing(clause) || clause.time) return [];
  const words = subject.split(" ");
  const isKind =
    /^(?:an? [a-z]|the (?:\p{L}+ )?\p{L}+(?:est|only|first|last|main) )/u.test(tail) && tail.split(" ").length >= 4;
  const isTerm =
    words.length <= maxNameWords &&
    !/^(?:the|all|every|each|our|your|most|many|several|we|you)\b/i.test(subject) &&
    !/\b(?:of|in|for|and|way|reason|thing|step|example|result|problem|goal|idea)\b/.test(subject);
  const found: Found[] = [];
  if (isKind && isTerm && !/\bof (?:the )?(?:most|many|few)\b/.test(tail)) {
    const isPerson = person.test(tail.split(" ").slice(0, 6).join(" ")) && /^\p{Lu}\p{Ll}+ \p{Lu}/u.test(subject);
    const tells = `${upperStart(tail)}.`;
    found.push({
      ask: `${isPerson ? "Who" : "What"} ${auxiliary} ${subject}?`,
      answer: tells,
      wrong: [],
      claim: () => `${statement}.`,
    });
  }
  const role = new RegExp(`^the (?:[\\p{L}-]+ ){0,2}(?:${people})\\b(?: [^,]*)?$`, "iu");
  const name = /^\p{Lu}\p{Ll}+(?: (?:van|de|von|\p{Lu}\.|\p{Lu}\p{Ll}+)){1,3}$/u;
  const [named] = tail.split(", ");
  const isRole = role.test(subject) && name.test(named!);
  const isNamed = name.test(subject) && role.test(tail);
  if (isRole || isNamed) {
    const [holder, post] = isRole ? [named!, subject] : [subject, tail];
    found.push({
      ask: `Who ${auxiliary} ${post}?`,
      answer: holder,
      wrong: namesIn(sentences)
        .filter((other) => other !== holder && name.test(other))
        .slice(0, 3),
      claim: (answer) => `${answer} ${auxiliary} ${post}.`,
    });
  }
  return found;
}

function lowerTime(text: string): string {
  return lowerStart(text);
}
