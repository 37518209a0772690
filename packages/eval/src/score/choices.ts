import { normalizeAnswer, optionLetter } from "@rag-instruct/core";
import { isDenied, isNegated } from "./negation.ts";

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

const cue =
  /\b(?:answers?|choices?|options?|select(?:ed)?|choose|pick|go with)\b(?: (?:would|should|must|will))?(?: be|'s)?(?: (?:is|are|as|the|correct|best|right|option|choice|letter|answer)){0,6}\s{0,9}[:=-]?\s{0,9}[*_("'[]*([A-Za-z])(?![\p{L}\p{N}]|['’]\p{L})/giu;
const leading = /^(?:[*_("'[#\s]|option |choice |answer )*([A-Za-z])(?![\p{L}\p{N}]|['’]\p{L})/iu;

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
