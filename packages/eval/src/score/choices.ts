import { normalizeAnswer, optionLetter } from "@rag-instruct/core";
import { isDenied, isNegated } from "./text.ts";

/** Which option an answer chooses, and how that was read. */
export interface ChoiceReading {
  /** The letter, in upper case; undefined when the answer abstains. */
  choice?: string;
  /** By the letter, by the option's text, or by both, which then agree. */
  by?: "letter" | "text" | "both";
  /** Why there is no choice. */
  abstained?: "empty" | "no-option" | "several-options";
}

/**
 * Reads the choice out of an answer. A letter counts where it is offered as a choice: after "the answer is", at the head
 * of the answer, in brackets or bold, or alone as a capital; an option's text counts as whole words, the longest option
 * first. What is denied ("not B", "B is wrong") does not count. A letter that is announced or leads wins over text; text
 * wins over a letter mentioned by the way.
 */
export function readChoice(output: string, options: readonly string[]): ChoiceReading {
  const answer = output.trim();
  if (answer === "") return { abstained: "empty" };
  const announced = announcedLetter(answer, options.length);
  const texts = namedOptions(answer, options);
  if (announced) return withText(announced, texts);
  if (texts.length === 1)
    return { choice: texts[0]!, by: mentionedLetters(answer, options.length).includes(texts[0]!) ? "both" : "text" };
  const letters = mentionedLetters(answer, options.length);
  if (letters.length === 1) return withText(letters[0]!, texts);
  return { abstained: letters.length + texts.length > 0 ? "several-options" : "no-option" };
}

function withText(letter: string, texts: readonly string[]): ChoiceReading {
  return { choice: letter, by: texts.includes(letter) ? "both" : "letter" };
}

const letterAlone = "([A-Za-z])(?![\\p{L}\\p{N}]|['’]\\p{L})";
const announcers = ["answers?", "choices?", "options?", "select(?:ed)?", "choose", "pick", "go with"];
const modals = ["would", "should", "must", "will"];
/** Words that may stand between an announcement and the letter: "the answer is the option B". */
const fillers = ["is", "are", "as", "the", "correct", "best", "right", "option", "choice", "letter", "answer"];
const cue = new RegExp(
  `\\b(?:${announcers.join("|")})\\b(?: (?:${modals.join("|")}))?(?: be|'s)?(?: (?:${fillers.join("|")})){0,6}` +
    `\\s{0,9}[:=-]?\\s{0,9}[*_("'[]*${letterAlone}`,
  "giu",
);
const leading = new RegExp(`^(?:[*_("'[#\\s]|option |choice |answer )*${letterAlone}`, "iu");

/** A letter given after "the answer is" (the last such), or standing at the head. */
function announcedLetter(answer: string, count: number): string | undefined {
  let found: string | undefined;
  for (const match of answer.matchAll(cue)) {
    const letter = asOption(match[1]!, count);
    const end = match.index + match[0].length;
    if (letter && !isDenied(answer, end - 1, end) && !isArticle(answer, end - 1)) found = letter;
  }
  if (found) return found;
  const head = leading.exec(answer);
  if (!head) return undefined;
  const end = head[0].length;
  const isLower = head[1] === head[1]!.toLowerCase();
  if (isDenied(answer, end - 1, end) || isArticle(answer, end - 1) || (isLower && !standsAlone(answer, end)))
    return undefined;
  return asOption(head[1]!, count);
}

const mention = /(?<![\p{L}\p{N}]|\p{L}['’])([A-Z])(?![\p{L}\p{N}]|['’]\p{L})/gu;

/** Every capital that may be an option and is not denied, each once. */
function mentionedLetters(answer: string, count: number): string[] {
  const letters = new Set<string>();
  for (const match of answer.matchAll(mention)) {
    const letter = asOption(match[1]!, count);
    const at = match.index;
    if (letter && !isArticle(answer, at) && !isDenied(answer, at, at + 1)) letters.add(letter);
  }
  return [...letters];
}

function asOption(letter: string, count: number): string | undefined {
  const upper = letter.toUpperCase();
  return upper.charCodeAt(0) - 65 < count ? upper : undefined;
}

// "A dog" begins with an article, and "I think" with a pronoun; "A.", "(A) dog" and "A or B" do not.
function isArticle(answer: string, at: number): boolean {
  if (answer[at]!.toUpperCase() !== "A" && answer[at] !== "I") return false;
  return /^ +(?!(?:and|or|nor|is|but)\b)[\p{L}\p{N}]/u.test(answer.slice(at + 1, at + 6));
}

// A lower-case letter is a choice when nothing or a mark such as ")" or ":" follows.
function standsAlone(answer: string, end: number): boolean {
  return /^\s*(?:$|[).:,\]*"'])/.test(answer.slice(end));
}

/** Letters of the options whose text the answer states; an option inside a longer one that is stated does not count by itself. */
function namedOptions(answer: string, options: readonly string[]): string[] {
  const text = ` ${normalizeAnswer(answer)} `;
  const forms = options.map((option, index) => ({ form: normalizeAnswer(option), letter: optionLetter(index) }));
  const taken = new Uint8Array(text.length);
  const named: string[] = [];
  for (const { form, letter } of forms.sort((a, b) => b.form.length - a.form.length)) {
    if (form === "") continue;
    let isStated = false;
    for (let at = text.indexOf(` ${form} `); at >= 0; at = text.indexOf(` ${form} `, at + form.length + 1)) {
      const [start, end] = [at + 1, at + 1 + form.length];
      if (taken[start] === 0 && !isNegated(text, start, end)) isStated = true;
      taken.fill(1, start, end);
    }
    if (isStated) named.push(letter);
  }
  return named.sort();
}

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
 * only where there is no other; "yes or no" is not a verdict.
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
