import { isNegated } from "./negation.ts";

/** The verdict that an answer gives, or why it gives none. */
export interface VerdictReading {
  verdict?: string;
  abstained?: "empty" | "no-option" | "several-options";
}

const opposite: Readonly<Record<string, string>> = { true: "false", false: "true" };
const announcement =
  /(?:^| )(?:answer|verdict|conclusion|claim|statement|label)(?: (?:is|would be|to question|therefore|thus))* $/;

/**
 * Reads a verdict such as yes, no, true or maybe out of a normalised answer: the one it opens with, else the one it
 * announces ("the answer is …"), else the only one it mentions. "not true" is false.
 */
export function readVerdict(normalized: string, verdicts: readonly string[]): VerdictReading {
  if (normalized === "") return { abstained: "empty" };
  const mentions = mentionsOf(normalized, verdicts);
  const decisive = mentions.find(({ at }) => at === 0) ?? mentions.findLast(({ announced }) => announced);
  if (decisive) return { verdict: decisive.verdict };
  const distinct = new Set(mentions.map(({ verdict }) => verdict));
  if (distinct.size === 1) return { verdict: mentions[0]!.verdict };
  return { abstained: distinct.size === 0 ? "no-option" : "several-options" };
}

interface Mention {
  verdict: string;
  at: number;
  announced: boolean;
}

function mentionsOf(normalized: string, verdicts: readonly string[]): Mention[] {
  const mentions: Mention[] = [];
  for (const word of verdicts) {
    for (let at = normalized.indexOf(word); at >= 0; at = normalized.indexOf(word, at + 1)) {
      const end = at + word.length;
      const isWhole =
        (at === 0 || normalized[at - 1] === " ") && (end === normalized.length || normalized[end] === " ");
      if (!isWhole) continue;
      const verdict = isNegated(normalized, at, end) ? opposite[word] : word;
      const announced = announcement.test(normalized.slice(Math.max(0, at - 48), at));
      if (verdict !== undefined && verdicts.includes(verdict)) mentions.push({ verdict, at, announced });
    }
  }
  return mentions.sort((a, b) => a.at - b.at);
}
