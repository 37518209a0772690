import { normalizeAnswer, optionLetter } from "@rag-instruct/core";
import { answerForms } from "./answer-forms.ts";
import { isDenied, isDeniedBetween } from "./negation.ts";

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
  const answer = output.replace(/[Ａ-Ｚａ-ｚ]/gu, (letter) => letter.normalize("NFKC")).trim();
  if (answer === "") return { abstained: "empty" };
  const texts = namedOptions(answer, options);
  const announced = announcedLetter(answer, options) ?? announcedText(answer, options);
  if (announced) return withText(announced, texts);
  if (texts.length === 1)
    return { choice: texts[0]!, by: mentionedLetters(answer, options.length).includes(texts[0]!) ? "both" : "text" };
  const number = numberOption(answer, options);
  if (number) return { choice: number, by: "text" };
  const letters = mentionedLetters(answer, options.length);
  if (letters.length === 1) return withText(letters[0]!, texts);
  return { abstained: letters.length + texts.length > 0 ? "several-options" : "no-option" };
}

function withText(letter: string, texts: readonly string[]): ChoiceReading {
  return { choice: letter, by: texts.includes(letter) ? "both" : "letter" };
}

/** What Chinese, Japanese and Korean write behind a letter without a space: "B is", "option B". */
const eastAsianEnding = "(?:です|でし|だ|が|입니다|이다|이에요|예요|项|項|选项|選項)";
/** A letter that no word, sign or hyphenated word goes on from: neither "C-reactive" nor "C++". */
const letterAlone = `([A-Za-z])(?:(?=${eastAsianEnding})|(?![\\p{L}\\p{N}+#]|['’-]\\p{L}))`;

/**
 * How answers give a letter. Of the first kind, which announces the answer, the last one that stands counts, since reasoning ends in it;
 * of the second, which may as well speak of an option, none counts that a first one contradicts.
 */
const announcers = [
  "answers?",
  "choices?",
  "select(?:ed)?",
  "choose",
  "pick",
  "go with",
  "options? (?:is|are|would be|must be|should be)",
];
const modals = ["would", "should", "must", "will"];
/** Words that may stand between an announcement and the letter: "the answer is the option B". */
const fillers = [
  "is",
  "are",
  "as",
  "the",
  "correct",
  "best",
  "right",
  "most",
  "likely",
  "appropriate",
  "final",
  "option",
  "choice",
  "letter",
  "answer",
];
const opener = "[*_(\"'\\[\\\\{$]{0,9}(?:boxed\\{|text\\{)*";
const cue = new RegExp(
  `\\b(?:${announcers.join("|")})\\b[*_"'\\]]{0,9}(?: (?:${modals.join("|")}))?(?: be|'s)?(?: (?:${fillers.join("|")})){0,6}` +
    `[*_]{0,3}\\s{0,9}[:=-]?\\s{0,9}${opener}${letterAlone}`,
  "giu",
);
/** 答案是, 正确答案为, 选, 应选, 故选, 正解は, 答えは, 정답은: Chinese, Japanese and Korean for "the answer is", "choose". */
const eastAsianCue = new RegExp(
  `(?:答案(?:是|为|為|应为|應為|选|選)?|(?:正解|答え|解答|回答|正答)は?|選択肢|(?:정답|답)[은이]?|应该?选择?|选择?|選擇?|选项(?:是|为)|選項(?:是|為))\\s{0,3}[:：]?\\s{0,3}[*_(（"'「【]*${letterAlone}`,
  "gu",
);
const boxed = new RegExp(`boxed\\{\\s*(?:\\\\text\\{\\s*)?\\(?${letterAlone}`, "gu");
/** A field of JSON that gives the answer: `"answer_choice": "B"`. */
const field = new RegExp(
  `["'](?:final_?)?(?:answer|choice|option|label|prediction)(?:_?(?:choice|idx|letter|option|key|label))?["']\\s*:\\s*["'(]*${letterAlone}`,
  "giu",
);
const subject = new RegExp(
  `^\\s*(?:[*_("'[#]|option |choice )*${letterAlone}[*_)\\]"']* is (?:the )?(?:correct|right|best|answer)`,
  "iu",
);
/** "Wait, actually, it is B": a first answer is taken back. */
const corrected = new RegExp(
  `\\b(?:wait|actually|correction)\\b[,.:!—-]{0,3}(?: (?:no|wait|actually),?){0,2} (?:it is|it's|it should be|it must be|that's|I choose) (?:option )?${opener}${letterAlone}`,
  "giu",
);
/** "…, therefore B", at the end. */
const concluded = new RegExp(
  `(?:\\b(?:therefore|thus|hence|so)\\b,?|[:→⇒]) (?:it(?: is|'s) )?(?:option )?${opener}${letterAlone}[*_)\\]"'}$.\\s]{0,9}$`,
  "giu",
);
/** "C is tempting, but B is the correct answer". */
const called = new RegExp(
  `(?<![\\p{L}\\p{N}]|\\p{L}['’-])([A-Z])[*_)\\]"']{0,4} (?:is|would be|must be) (?:(?:clearly|therefore|thus|then) )?(?:the )?` +
    "(?:(?:most )?(?:likely )?(?:correct|right) (?:answer|choice|option|one)|(?:correct|right)(?=[.,;!]|$)|(?:best|final) (?:answer|choice|option)|answer\\b)",
  "gmu",
);
/** "A. No. B. Yes.": a verdict on each option. */
const affirmed =
  /(?:^|[\s(*])([A-Z])[).:?]{1,2}[*_]{0,2} ?(?:[-–] ?)?(?:(?:[Yy]es|[Cc]orrect|[Rr]ight|[Tt]rue)\b|[✓✔✅☑])/gmu;
const refused = /^[*_).:?\]]{1,4} ?(?:[-–] ?)?(?:(?:no|wrong|incorrect|false|not)\b|[✗✘❌✕☒])/iu;
const verdictOption = /^(?:yes|no|true|false|correct|incorrect|right|wrong)\b/i;
/** "A or B", which decides nothing. */
const oneOfTwo =
  /^[*_)\]"']{0,4} ?(?:or|and|\/|&) ?[*_("'[]{0,4}(?:option |choice )?[A-Z](?![\p{L}\p{N}'’+#]| (?:is|are|was) )/u;
const leading = new RegExp(`^(?:[*_("'[#\\s]|option |choice |answer )*${letterAlone}`, "iu");
const lastLine = new RegExp(`(?:^|\\n)[*_("'[# \\t]*${letterAlone}[*_)\\]"'.\\s]*$`, "u");

/** A letter given after "the answer is" (the last such), as a field of JSON, alone on the last line, or standing at the head. */
function announcedLetter(answer: string, options: readonly string[]): string | undefined {
  const count = options.length;
  const reading = { count, areVerdicts: options.some((option) => verdictOption.test(option)) };
  const given =
    lastOf(answer, [field, boxed], reading) ??
    lastOf(
      answer,
      [cue, eastAsianCue, called, corrected, concluded, ...(reading.areVerdicts ? [] : [affirmed])],
      reading,
    );
  if (given) return given;
  const head = (subject.exec(answer) ?? leading.exec(answer)) as RegExpExecArray | null;
  const close = lastLine.exec(answer);
  const letter = head && headLetter(answer, head, reading);
  return letter ?? (close ? asOption(close[1]!, count) : undefined);
}

const textCue = new RegExp(
  `\\b(?:answer|choice|option)\\b(?: (?:${modals.join("|")}))?(?: be)?(?: (?:${fillers.join("|")})){0,6}[:=]?\\s`,
  "giu",
);

/** The option whose text, and no other's, follows the last "the answer is" in its sentence. */
function announcedText(answer: string, options: readonly string[]): string | undefined {
  const last = Array.from(answer.matchAll(textCue)).at(-1);
  if (!last) return undefined;
  const rest = answer.slice(last.index + last[0].length);
  const end = rest.search(/[.!?](?:\s|$)|\n(?=\S)/);
  const named = namedOptions(end < 0 ? rest : rest.slice(0, end), options);
  return named.length === 1 ? named[0] : undefined;
}

/** The option that is the number which an answer consists of, in words. */
function numberOption(answer: string, options: readonly string[]): string | undefined {
  const forms = answer.length <= "twelve.".length ? answerForms(answer) : [];
  const at = options.findIndex((option) => forms.includes(normalizeAnswer(option)));
  return at < 0 ? undefined : optionLetter(at);
}

/** What letters of an answer are read against. */
interface LetterReading {
  count: number;
  /** The options are verdicts themselves, so that "B. No" names one. */
  areVerdicts: boolean;
}

function lastOf(answer: string, patterns: readonly RegExp[], reading: LetterReading): string | undefined {
  let found: { letter: string; at: number } | undefined;
  for (const pattern of patterns) {
    for (const match of answer.matchAll(pattern)) {
      const letter = asOption(match[1]!, reading.count);
      // A letter stands at either end of what announces it.
      const isLast = match[0].endsWith(match[1]!);
      const at = match.index + (isLast ? match[0].length - 1 : match[0].indexOf(match[1]!));
      if (letter === undefined || (found && at < found.at)) continue;
      if (!isOpen(answer, at, reading) && !isDenied(answer, at, at + 1) && !isArticle(answer, at))
        found = { letter, at };
    }
  }
  return found?.letter;
}

/** Whether a letter is one of two that are offered, or called wrong right behind it. */
function isOpen(answer: string, at: number, { areVerdicts }: LetterReading): boolean {
  const after = answer.slice(at + 1, at + 24);
  return oneOfTwo.test(after) || (!areVerdicts && refused.test(after));
}

function headLetter(answer: string, head: RegExpExecArray, reading: LetterReading): string | undefined {
  const at = head.index + head[0].indexOf(head[1]!, head[0].search(/[A-Za-z](?![A-Za-z])/));
  const end = at + 1;
  const isLower = head[1] === head[1]!.toLowerCase();
  if (
    isOpen(answer, at, reading) ||
    isDenied(answer, at, end) ||
    isArticle(answer, at) ||
    (isLower && !standsAlone(answer, end))
  )
    return undefined;
  return asOption(head[1]!, reading.count);
}

const mention = /(?<![\p{L}\p{N}]|\p{L}['’-])([A-Z])(?![\p{L}\p{N}+#]|['’-]\p{L})/gu;
/** Nouns whose letter is a part of their name: "Vitamin C", "hepatitis B". */
const lettered =
  /\b(?:vitamins?|hepatitis|types?|group|groups|grade|class|stage|plan|figure|fig|table|coenzyme|factor|proteins?|influenza|phase|panel|section|appendix|part|blood|chromosome|complex|team|level|model|drug|patient|point|step|gram|strain|strep|subtype)[ -]$/i;

/** Every capital that may be an option and is not denied, each once. */
function mentionedLetters(answer: string, count: number): string[] {
  const letters = new Set<string>();
  for (const match of answer.matchAll(mention)) {
    const letter = asOption(match[1]!, count);
    const at = match.index;
    const before = answer.slice(Math.max(0, at - 16), at);
    if (letter && !lettered.test(before) && !isArticle(answer, at) && !isDenied(answer, at, at + 1))
      letters.add(letter);
  }
  return [...letters];
}

function asOption(letter: string, count: number): string | undefined {
  const upper = letter.toUpperCase();
  return upper.charCodeAt(0) - 65 < count ? upper : undefined;
}

/** Words that follow a letter and never an article: "The answer is A because …". */
const afterLetter =
  "and|or|nor|is|but|because|since|as|due|for|which|while|with|given|not|rather|instead|based|would|seems|in|from|if|so|that|by|then|according|therefore|where|when|it|this|are|was";
const articleFollows = new RegExp(`^ +(?!(?:${afterLetter})\\b)[\\p{L}\\p{N}]`, "u");

// "A dog" begins with an article, and "I think" with a pronoun; "A.", "(A) dog" and "A or B" do not.
function isArticle(answer: string, at: number): boolean {
  if (answer[at]!.toUpperCase() !== "A" && answer[at] !== "I") return false;
  return articleFollows.test(answer.slice(at + 1, at + 14));
}

// A lower-case letter is a choice when nothing or a mark such as ")" or ":" follows.
function standsAlone(answer: string, end: number): boolean {
  return /^\s*(?:$|[).:,\]*"'])/.test(answer.slice(end));
}

/** Letters of the options whose text the answer states; an option inside a longer one that is stated does not count by itself. */
function namedOptions(answer: string, options: readonly string[]): string[] {
  const text = ` ${normalizeAnswer(spellSigns(answer))} `;
  const forms = options.map((option, index) => ({
    form: normalizeAnswer(spellSigns(option)),
    letter: optionLetter(index),
  }));
  const taken = new Uint8Array(text.length);
  const named: string[] = [];
  for (const { form, letter } of forms.sort((a, b) => b.form.length - a.form.length)) {
    // A label of a figure is its letter, and no text.
    if (form === "" || form.toUpperCase() === letter) continue;
    let isStated = false;
    for (let at = text.indexOf(` ${form} `); at >= 0; at = text.indexOf(` ${form} `, at + form.length + 1)) {
      const [start, end] = [at + 1, at + 1 + form.length];
      if (taken[start] === 0 && !isDeniedBetween(text, { start, end, from: 0, to: text.length })) isStated = true;
      taken.fill(1, start, end);
    }
    if (isStated) named.push(letter);
  }
  return named.sort();
}

/** Signs that options may differ by, and that normalising takes out. */
const signs: readonly [RegExp, string][] = [
  [/[↑⬆⇑]/gu, " upward "],
  [/[↓⬇⇓]/gu, " downward "],
  [/(?<![\p{L}\p{N})])\s{0,9}[-−–](?=\s?[.\d])/gu, " minus "],
  [/(?<=\p{L})\+\+/gu, "plusplus"],
  [/(?<=\p{L})[+](?!\p{L})/gu, " plus "],
  [/(?<=\p{L})#/gu, "sharp"],
  [/≤|<=/gu, " at most "],
  [/≥|>=/gu, " at least "],
  [/</gu, " less "],
  [/>/gu, " more "],
  [/%/gu, " percent "],
  [/[→⇒]/gu, " to "],
  [/±/gu, " plusminus "],
  [/(?<=\p{L})-(?=[\s,;)]|$)/gu, " negative "],
];

function spellSigns(text: string): string {
  return signs.reduce((rest, [sign, word]) => rest.replace(sign, word), text);
}
