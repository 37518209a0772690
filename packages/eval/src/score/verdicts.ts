import { isDenied } from "./negation.ts";

/** The verdict that an answer gives, or why it gives none. */
export interface VerdictReading {
  verdict?: string;
  abstained?: "empty" | "no-option" | "several-options";
}

const opposite: Readonly<Record<string, string>> = { true: "false", false: "true" };
const announcement =
  /\b(?:answer|verdict|conclusion|claim|statement|label|judg(?:e)?ment)\b(?:\s+(?:is|would be|to the question|therefore|thus))*\s*[:=-]?\s*[*_"'(]*$/;

/**
 * Reads a verdict such as yes, no, true or maybe out of an answer: the one it opens with ("Yes, …"), else the one it
 * announces last ("the answer is …"), else the only one it mentions. "Not true" is false; "no evidence" is the verdict no
 * only where there is no other; "yes or no" is none.
 */
export function readVerdict(output: string, verdicts: readonly string[]): VerdictReading {
  const text = output.toLowerCase();
  if (!/[\p{L}\p{N}]/u.test(text)) return { abstained: "empty" };
  const mentions = mentionsOf(text, verdicts);
  const decisive = mentions.find(({ opens }) => opens) ?? mentions.findLast(({ announced }) => announced);
  if (decisive) return { verdict: decisive.verdict };
  const strong = mentions.filter(({ determines }) => !determines);
  const distinct = [...new Set((strong.length > 0 ? strong : mentions).map(({ verdict }) => verdict))];
  if (distinct.length === 1) return { verdict: distinct[0]! };
  return { abstained: distinct.length === 0 ? "no-option" : "several-options" };
}

interface Mention {
  verdict: string;
  /** Stands at the head of the answer, set off from what follows. */
  opens: boolean;
  announced: boolean;
  /** Belongs to the word that follows, as in "no evidence". */
  determines: boolean;
}

const patterns = new Map<string, { word: RegExp; offered: RegExp }>();

function patternsOf(verdicts: readonly string[]): { word: RegExp; offered: RegExp } {
  const any = verdicts.join("|");
  const known = patterns.get(any);
  if (known) return known;
  const made = {
    word: new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, "gu"),
    // What follows a verdict in "yes or no", "true/false".
    offered: new RegExp(`^\\s*(?:/|or\\b|and\\b|,)\\s*(?:or\\s+)?(?:${any})(?![\\p{L}\\p{N}])`, "u"),
  };
  patterns.set(any, made);
  return made;
}

function mentionsOf(text: string, verdicts: readonly string[]): Mention[] {
  const { word, offered } = patternsOf(verdicts);
  return Array.from(text.matchAll(word)).flatMap((match): Mention[] => {
    const [start, end] = [match.index, match.index + match[0].length];
    const rest = text.slice(end, end + 60);
    const verdict = isDenied(text, start, end) ? opposite[match[0]] : match[0];
    if (verdict === undefined || !verdicts.includes(verdict)) return [];
    // "yes or no" repeats the question.
    const isOffer = offered.test(rest);
    return [
      {
        verdict,
        opens: !isOffer && /^[^\p{L}\p{N}]*$/u.test(text.slice(0, start)) && /^\s*(?:$|[^\s\p{L}\p{N}])/u.test(rest),
        announced: !isOffer && announcement.test(text.slice(Math.max(0, start - 60), start)),
        determines: match[0] === "no" && /^\s+\p{L}/u.test(rest),
      },
    ];
  });
}
