import { readFileSync } from "node:fs";

/** Name of the file in the output folder. */
export const rewardFile = "reward.py";

// The folder of this package that holds the parts; sources and bundles lie equally deep.
const folder = new URL("../python/", import.meta.url);
const parts = [
  ...["head", "characters", "normalize", "numbers", "spelling", "denial", "near", "text", "figures", "choices"],
  ...["verdicts", "reasoning", "reward"],
];

// Python's own patterns know no classes of characters, and its tables are of another Unicode than the scorer's.
const classes: Readonly<Record<string, RegExp>> = {
  L: /\p{L}+/gu,
  Lu: /\p{Lu}+/gu,
  M: /\p{M}+/gu,
  N: /\p{N}+/gu,
  P: /\p{P}+/gu,
  S: /\p{S}+/gu,
  Latin: /\p{Script=Latin}+/gu,
  LatinOrCommon: /[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]+/gu,
  GreekOrCyrillic: /[\p{Script=Greek}\p{Script=Cyrillic}]+/gu,
  HebrewOrArabic: /[\p{Script=Hebrew}\p{Script=Arabic}]+/gu,
  Hangul: /\p{Script=Hangul}+/gu,
  Spaceless: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu,
};

/**
 * A module of Python, for trainers by reinforcement learning, that gives outputs the verdicts of eval's `scoreItem`: its parts, one behind
 * another, and the characters of each class that its patterns name.
 */
export function rewardModule(): string {
  const all = everyCharacter();
  const tables = Object.entries(classes).map(([name, runs]) => `    "${name}": r"${rangesOf(all, runs)}",\n`);
  const text = parts.map((part) => readFileSync(new URL(`${part}.py`, folder), "utf8")).join("\n\n");
  return text.replace("TABLES = {}", () => `TABLES = {\n${tables.join("")}}`);
}

// Unicode has characters in these planes alone, but for those that are left to private use.
const planes = [
  [0, 0xd800],
  [0xe000, 0x40000],
  [0xe0000, 0xe1000],
] as const;

function everyCharacter(): string {
  let all = "";
  for (const [from, to] of planes) for (let code = from; code < to; code++) all += String.fromCodePoint(code);
  return all;
}

/** The runs of characters that a pattern matches, as ranges of a class of Python's. */
function rangesOf(all: string, runs: RegExp): string {
  const ranges = (all.match(runs) ?? []).map((run) => {
    const [first, last] = [escaped(run.codePointAt(0)!), escaped(Array.from(run).at(-1)!.codePointAt(0)!)];
    return first === last ? first : `${first}-${last}`;
  });
  return ranges.join("");
}

function escaped(code: number): string {
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
