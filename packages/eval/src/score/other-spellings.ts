/** What is written in several ways: some letters of it, in small ones, by which most texts are passed over fast, how it is found, and the one way that it is written here. */
interface Spelling {
  has: string;
  found: RegExp;
  written: string | ((...found: string[]) => string);
}

const ordinals = "First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth".split(" ");
const counts = "one two three four five six seven eight nine".split(" ");
const parts = ["half", "third", "quarter", "fourth", "fifth", "sixth", "eighth", "tenth"] as const;
const denominators: Readonly<Record<string, number>> = Object.fromEntries(
  parts.map((part, at) => [part, [2, 3, 4, 4, 5, 6, 8, 10][at]!]),
);

const spellings: readonly Spelling[] = [
  { has: "world war", found: /\b(?:the )?(First|Second) World War\b/giu, written: "World War $1" },
  ...["world war", "ww"].flatMap((has): Spelling[] => [
    { has, found: new RegExp(`\\b${has} ?(?:II|2|Two|Second)(?![\\p{L}\\p{N}])`, "giu"), written: "World War 2" },
    { has, found: new RegExp(`\\b${has} ?(?:I|1|One|First)(?![\\p{L}\\p{N}])`, "giu"), written: "World War 1" },
  ]),
  { has: "united states", found: /\bUnited States(?: of America)?\b/gu, written: "Usa" },
  { has: "us", found: /\bUSA?\b/gu, written: "Usa" },
  { has: "united kingdom", found: /\bUnited Kingdom\b/gu, written: "Uk" },
  { has: " n", found: /(?<=\w )n'?(?= \w)/giu, written: "and" },
  { has: "'n", found: /(?<=\w )'n'?(?= \w)/giu, written: "and" },
  { has: "grey", found: /\bgrey\b/giu, written: "gray" },
  { has: "aluminium", found: /\baluminium\b/giu, written: "aluminum" },
  { has: "tre", found: /\b(thea|cen|me|li|fib|spec|kilome|centime)tre(s?)\b/giu, written: "$1ter$2" },
  {
    has: "our",
    found: /\b(col|hon|harb|lab|neighb|fav|flav|hum|rum|vap|behavi|arm|parl|sav|tum|vig|splend|od|endeav)our/giu,
    written: "$1or",
  },
  {
    has: " the ",
    // Henry the Eighth is Henry VIII.
    found: new RegExp(`(?<=\\p{Lu}\\p{L}{1,20} )the (${ordinals.join("|")})(?!\\p{L})`, "gu"),
    written: (_, ordinal) => String(ordinals.indexOf(ordinal!) + 1),
  },
  ...parts.map(
    (part): Spelling => ({
      has: part,
      // Two thirds are 2/3.
      found: new RegExp(`\\b(an?|${counts.join("|")})[ -]${part}s?\\b`, "giu"),
      written: (_, count) => `${Math.max(1, counts.indexOf(count!.toLowerCase()) + 1)}/${denominators[part]!}`,
    }),
  ),
];

/** A text in which wars, countries, kings, fractions and words that British and Americans spell differently are written in one way. */
export function inOneSpelling(text: string): string {
  const lower = text.toLowerCase();
  return spellings.reduce(
    (rest, { has, found, written }) => (lower.includes(has) ? rest.replace(found, written as string) : rest),
    text,
  );
}
