import { listText, type SeededRandom } from "@rag-instruct/core";
import { isOfBeing, upperStart } from "./clause.ts";
import { areDistinct, type Found, variants } from "./fact.ts";
import type { Reading } from "./prose.ts";

/** A number that something has: a length, a price, a duration, how many there are of it. */
interface Measure {
  subject: string;
  /** What makes two of them alike. */
  kind: string;
  value: number;
  unit: string;
  /** "longer", "more expensive". */
  more: string;
  most: string;
}

export const amountText = String.raw`(?:about |over |some )?(\d{1,3}(?:,\d{3})+|\d+|two|three|four|five|six|seven|eight|nine|ten|twelve)`;

export const small = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");

const degrees: Readonly<Record<string, readonly [more: string, most: string]>> = {
  long: ["longer", "longest"],
  high: ["higher", "highest"],
  deep: ["deeper", "deepest"],
  wide: ["wider", "widest"],
  tall: ["taller", "tallest"],
  old: ["older", "oldest"],
  thick: ["thicker", "thickest"],
};

const isHow = new RegExp(`^${amountText} ([a-z]+) (long|high|deep|wide|tall|old|thick)(?: |$)`);

const isSo = new RegExp(`^${amountText} ([a-z]+)(?= |$)`);

const isMany = new RegExp(`^${amountText} ((?:[a-z-]+ )?[a-z-]+s|people|children)(?= |$)`);

function measuresOf({ clauses }: Reading): Measure[] {
  return clauses.flatMap((clause) => {
    const { subject, verb, tail } = clause;
    if (subject.split(" ").length > 7 || /^(?:we|you|they)\b/i.test(subject)) return [];
    const long = isOfBeing(clause) ? isHow.exec(tail) : null;
    if (long) {
      const [, digits = "", unit = "", how = ""] = long;
      const [more, most] = degrees[how]!;
      return [
        { subject, kind: `${how} ${unit}`, value: numberIn(digits), unit, more: `is ${more}`, most: `is the ${most}` },
      ];
    }
    const [, digits = "", unit = ""] =
      (["cost", "take", "last"].includes(verb) ? isSo : verb === "have" ? isMany : null)?.exec(tail) ?? [];
    if (digits === "") return [];
    const words = {
      cost: ["costs more", "costs the most"],
      take: ["takes longer", "takes the longest"],
      last: ["lasts longer", "lasts the longest"],
      have: [`has more ${unit}`, `has the most ${unit}`],
    }[verb as "cost"]!;
    return [{ subject, kind: `${verb} ${unit}`, value: numberIn(digits), unit, more: words[0]!, most: words[1]! }];
  });
}

export function numberIn(digits: string): number {
  return small.includes(digits) ? small.indexOf(digits) : Number(digits.replaceAll(",", ""));
}

/** One measure of each document, all of one kind; undefined where there are none. */
export function measuresAlike(readings: readonly Reading[], random: SeededRandom): Measure[] | undefined {
  const all = readings.map(measuresOf);
  for (const { kind } of random.shuffle(all[0] ?? [])) {
    const alike = all.map((measures) => measures.find((measure) => measure.kind === kind));
    if (alike.every((measure) => measure !== undefined) && areDistinct(alike.map(({ subject }) => subject)))
      return alike;
  }
  return undefined;
}

export function greatest(measures: readonly Measure[]): Found[] {
  if (new Set(measures.map(({ value }) => value)).size < measures.length) return [];
  const [{ unit, more, most }] = measures as [Measure];
  const names = measures.map(({ subject }) => subject);
  const sorted = [...measures].sort((a, b) => b.value - a.value);
  const say = (order: readonly Measure[]) =>
    `${upperStart(order[0]!.subject)}, with ${order[0]!.value} ${unit}; ${listText(order.slice(1).map(({ subject, value }) => `for ${subject} it is ${value}`))}.`;
  return [
    {
      ask: `Which ${names.length === 2 ? more : most}, ${names.slice(0, -1).join(", ")} or ${names.at(-1)}?`,
      answer: say(sorted),
      wrong: [say([...sorted].reverse())],
      claim: (answer) => {
        const first = answer === say(sorted) ? sorted[0]! : sorted.at(-1)!;
        return `Of ${listText(names)}, ${first.subject} ${most}.`;
      },
    },
  ];
}

export function sum(measures: readonly Measure[], random: SeededRandom): Found[] {
  const [{ kind, unit }] = measures as [Measure];
  const names = listText(measures.map(({ subject }) => subject));
  const total = measures.reduce((sum, { value }) => sum + value, 0);
  const answer = `${total.toLocaleString("en-GB")} ${unit}`;
  const [verb = ""] = kind.split(" ");
  const [first, second, ...others] = [...measures].sort((a, b) => b.value - a.value) as [Measure, Measure];
  if (["cost", "take", "last", "have"].includes(verb)) {
    const ask =
      verb === "cost" ? `How much do ${names} cost together?` : `How many ${unit} do ${names} ${verb} together?`;
    return [
      {
        ask,
        answer,
        wrong: variants(answer, random),
        claim: (given) => `${upperStart(names)} together ${verb} ${given}.`,
      },
    ];
  }
  if (others.length > 0 || first.value === second.value) return [];
  const gap = `${(first.value - second.value).toLocaleString("en-GB")} ${unit}`;
  return [
    {
      ask: `By how many ${unit} ${first.more.replace(/^is /, `is ${first.subject} `)} than ${second.subject}?`,
      answer: gap,
      wrong: variants(gap, random),
      claim: (given) => `${upperStart(first.subject)} ${first.more} than ${second.subject} by ${given}.`,
    },
  ];
}
