/** Words that carry nothing of an answer: what is left of it must be said, these need not. */
const stopWords = new Set(
  "in on at of to by for from with and or the a an is was were are be as it its his her their during when into until near about around s".split(
    " ",
  ),
);

/** Whether a word carries nothing of an answer. */
export function carriesNothing(word: string): boolean {
  return stopWords.has(word);
}

/** Words that say the same in a date or a measure. */
const synonyms: Readonly<Record<string, string>> = {
  ft: "foot",
  feet: "foot",
  jnr: "jr",
  junior: "jr",
  snr: "sr",
  senior: "sr",
  km: "kilometre",
  kilometer: "kilometre",
  kilometers: "kilometre",
  m: "million",
  percent: "%",
  saint: "st",
  mount: "mt",
  doctor: "dr",
};

/** Words of a text in lenient spelling, each in its singular. */
function stems(text: string): string[] {
  return text.split(" ").map(stemOf);
}

function stemOf(word: string): string {
  return synonyms[word] ?? singular(word);
}

function singular(word: string): string {
  if (word.length < 4 || !word.endsWith("s") || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  return /(?:[sxz]|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
}

/** Words that a gold's words may be spread over, for each of them. */
const spread = 6;

/** Whether what stands between two offsets of the text is denied there. */
type IsDenied = (start: number, end: number) => boolean;

/**
 * Whether a text says every word of a gold that carries something, near each other and in any order, and denies none of them; both in
 * lenient spelling. "the Cheyenne to the east and the Belle Fourche to the west" says "Belle Fourche and Cheyenne".
 */
export function saysWords(text: string, gold: string, isDenied: IsDenied): boolean {
  const wanted = new Set(stems(gold).filter((word) => !stopWords.has(word)));
  if (wanted.size === 0) return false;
  const last = new Map<string, number>();
  let start = 0;
  for (const [at, word] of text.split(" ").entries()) {
    const end = start + word.length;
    const stem = stemOf(word);
    if (wanted.has(stem) && !isDenied(start, end)) {
      last.set(stem, at);
      if (last.size === wanted.size && at - Math.min(...last.values()) < wanted.size * spread + 4) return true;
    }
    start = end + 1;
  }
  return false;
}

/** Whether a text says the first and the last of a name of three or more words side by side: middle names are often left out. */
export function saysName(text: string, gold: string, isDenied: IsDenied): boolean {
  const words = gold.split(" ");
  if (words.length < 3 || words.length > 5 || words.some((word) => /\d/.test(word) || stopWords.has(word)))
    return false;
  const short = `${words[0]} ${words.at(-1)}`;
  const at = ` ${text} `.indexOf(` ${short} `);
  return at >= 0 && !isDenied(at, at + short.length);
}
