import { isDenied } from "./negation.ts";

/** The verdict that an answer gives, or why it gives none. */
export interface VerdictReading {
  verdict?: string;
  abstained?: "empty" | "no-option" | "several-options";
}

const opposite: Readonly<Record<string, string>> = { true: "false", false: "true" };
/** Verdicts on a claim and answers to a question say the same. */
const alike: Readonly<Record<string, string>> = { true: "yes", false: "no", yes: "true", no: "false" };
/** An answer that opens with one of these says it, in the languages that models answer in; what follows is set off or says nothing else. */
const opening: readonly [verdict: string, words: RegExp][] = [
  [
    "yes",
    /^(?:yes|yeah|yep|indeed|of course|certainly|absolutely|ja|jawohl|oui|sí|sì|sim|да|evet|tak|はい|ええ|네|예|是的?|对|對|نعم|हाँ|हां)(?=[\s.,;:!。，、！]|$)/u,
  ],
  [
    "no",
    /^(?:no|nope|nah|not at all|certainly not|nein|non|não|нет|hayır|nie|いいえ|아니[요오]|아뇨|不是的?|不对|不對|لا|नहीं)(?=[\s.,;:!。，、！]|$)/u,
  ],
];
const announcement =
  /\b(?:answer|verdict|conclusion|claim|statement|label|judg(?:e)?ment)\b(?:\s+(?:is|would be|to the question|therefore|thus))*\s*(?:[:=-]\s*)?[*_"'(]*$/;

/**
 * Reads a verdict such as yes, no, true or maybe out of an answer: the one it opens with ("Yes, …"), else the one it
 * announces last ("the answer is …"), else the one that is its last line, else the only one it mentions. "Not true" is false;
 * "no evidence" is the verdict no only where there is no other; "no idea" is none, and neither is "yes or no".
 */
export function readVerdict(output: string, verdicts: readonly string[]): VerdictReading {
  const text = output.toLowerCase();
  if (!/[\p{L}\p{N}]/u.test(text)) return { abstained: "empty" };
  const mentions = mentionsOf(text, verdicts);
  const decisive =
    mentions.find(({ opens }) => opens) ??
    mentions.findLast(({ announced }) => announced) ??
    mentions.find(({ isLastLine }) => isLastLine);
  if (decisive) return { verdict: decisive.verdict };
  const strong = mentions.filter(({ determines }) => !determines);
  const distinct = [...new Set((strong.length > 0 ? strong : mentions).map(({ verdict }) => verdict))];
  if (distinct.length === 1) return { verdict: distinct[0]! };
  if (distinct.length > 1) return { abstained: "several-options" };
  const meant = meantVerdict(text) ?? openingVerdict(text);
  const verdict = [meant, alike[meant ?? ""]].find((each) => each !== undefined && verdicts.includes(each));
  return verdict === undefined ? { abstained: "no-option" } : { verdict };
}

function openingVerdict(text: string): string | undefined {
  const head = text.trimStart().replace(/^[*_"'(]+/, "");
  const [verdict, words] = opening.find((each) => each[1].test(head)) ?? [];
  const isNothing = words !== undefined && saysNothing.test(head.slice(words.exec(head)![0].length));
  return isNothing ? undefined : verdict;
}

/** Words that say a verdict, where they are the whole predicate or the whole sentence: "The claim is accurate." */
const verdictWords: Readonly<Record<string, string>> = {
  correct: "true",
  accurate: "true",
  right: "true",
  incorrect: "false",
  inaccurate: "false",
  untrue: "false",
  wrong: "false",
  possibly: "maybe",
  perhaps: "maybe",
  inconclusive: "maybe",
  unclear: "maybe",
  uncertain: "maybe",
  mixed: "maybe",
  true: "true",
  false: "false",
  supported: "true",
  confirmed: "true",
  refuted: "false",
  debunked: "false",
  unfounded: "false",
  "the case": "true",
};
const predicate = new RegExp(
  `(?:^|[.!?\\n]\\s{0,4}|\\b(?:is|are|was|were|be|it['’]s|that['’]s|not|isn['’]t|been|entirely|fully|completely|largely|factually)\\s)[*_"'(]{0,4}(${Object.keys(verdictWords).join("|")})(?=[*_"')]{0,4}(?:[.,;!:\\n]|$))`,
  "gu",
);

/** The verdict that other words of an answer say; the last of them counts. */
function meantVerdict(text: string): string | undefined {
  const found = Array.from(text.matchAll(predicate)).at(-1);
  if (!found) return undefined;
  const end = found.index + found[0].length;
  const meant = verdictWords[found[1]!]!;
  return isDenied(text, end - found[1]!.length, end) ? opposite[meant] : meant;
}

/** "no idea" and the like answer nothing. */
const saysNothing =
  /^\s+(?:idea|clue|information|knowledge|data|context|details?|opinion|way (?:of|to)|doubt|answer|mention)\b/u;
/** What stands before the second verdict of "yes or no". */
const offering = /(?:\bor|\/)\s*$/u;

interface Mention {
  verdict: string;
  /** Stands at the head of the answer, set off from what follows. */
  opens: boolean;
  announced: boolean;
  /** Makes up the last line. */
  isLastLine: boolean;
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
    const isOffer = offered.test(rest) || offering.test(text.slice(Math.max(0, start - 12), start));
    if (match[0] === "no" && saysNothing.test(rest)) return [];
    return [
      {
        verdict,
        opens: !isOffer && /^[^\p{L}\p{N}]*$/u.test(text.slice(0, start)) && /^\s*(?:$|[^\s\p{L}\p{N}])/u.test(rest),
        isLastLine:
          !isOffer &&
          /(?:^|\n)[^\p{L}\p{N}\n]*$/u.test(text.slice(0, start)) &&
          /^[^\p{L}\p{N}]*$/u.test(text.slice(end)),
        announced: !isOffer && announcement.test(text.slice(Math.max(0, start - 60), start)),
        determines: match[0] === "no" && /^\s+\p{L}/u.test(rest),
      },
    ];
  });
}
