import { normalizeAnswer } from "@rag-instruct/core";
import { answerForms, containsForm, joinInitials, lenientSpelling, lenientSpellings } from "./answer-forms.ts";
import { comesNear, type NearLeniency, saysName, saysWords } from "./near-answer.ts";
import { isDeniedBetween, isOneOfTwo } from "./negation.ts";

/** A gold answer made ready to be compared. */
export interface PreparedGold {
  gold: string;
  /** Normalised. */
  normalized: string;
  /** {@link normalized} and the other forms in which the answer may stand; none of them empty. */
  forms: readonly string[];
  /** Its form with articles, where it is not the same without them: "Hepatitis A", "The Who". */
  withArticles?: string;
  /** Its capitals, where in small letters they are a common word: "US", "U.S.", "WHO". */
  capitals?: string;
}

// Only figures, number words (the longest is "twelve") and dates have other forms, and looking for them takes most of the time.
const mayHaveForms = /\d|^[a-z]{3,6}$/;

/** Normalises golds once for all measures. */
export function prepareGolds(golds: readonly string[]): PreparedGold[] {
  return golds.map((gold) => {
    const normalized = normalizeAnswer(gold);
    const withArticles = namedByArticle(gold, normalized);
    const prepared = { gold, normalized, withArticles, capitals: wordInCapitals(gold) };
    if (normalized === "") return { ...prepared, forms: [] };
    return { ...prepared, forms: mayHaveForms.test(normalized) ? answerForms(gold) : [normalized] };
  });
}

/** Words that name nothing by themselves: a gold of which only such a word is left lives by its article. */
const functionWords = new Set(
  "who it them they we he she this that what which where when is are no not and or in on of to by for with one all us me you i ha".split(
    " ",
  ),
);

/** The form of a gold that an article is part of: it stands last, or nothing but a function word is left without it. */
function namedByArticle(gold: string, normalized: string): string | undefined {
  const kept = normalizeAnswer(gold, { articles: "keep" });
  if (kept === normalized) return undefined;
  const isLast = /\S (?:a|an|the)$/.test(kept);
  return isLast || normalized === "" || functionWords.has(normalized) ? kept : undefined;
}

/** The capitals of an abbreviation that reads as a function word in small letters; undefined for any other gold. */
function wordInCapitals(gold: string): string | undefined {
  const letters = /^(?:the )?((?:\p{Lu}\.? ?){2,5})$/u.exec(gold.trim())?.[1]?.replace(/[. ]/g, "");
  return letters && functionWords.has(letters.toLowerCase()) ? letters : undefined;
}

/** Whether the output is one of the golds (SQuAD v1.1's exact match, Rajpurkar et al. 2016). */
export function isExactMatch(text: AnswerText, golds: readonly PreparedGold[]): boolean {
  return golds.some(({ forms, withArticles }) =>
    withArticles?.match(/ (?:a|an|the)$/)
      ? text.withArticles.text === withArticles
      : forms.includes(text.normalized.text),
  );
}

/** The best F1 of the output's words against each gold's (SQuAD v1.1), 0 to 1. */
export function bestF1(normalized: string, golds: readonly PreparedGold[]): number {
  if (normalized === "") return 0;
  const length = wordCount(normalized);
  let best = 0;
  for (const gold of golds) {
    if (gold.normalized !== "") best = Math.max(best, f1(normalized, length, gold.normalized.split(" ")));
  }
  return best;
}

// The words of a gold are few: looking each up in the text takes less time than cutting the text into words.
function f1(normalized: string, length: number, gold: readonly string[]): number {
  let shared = 0;
  for (let i = 0; i < gold.length; i++) {
    let nth = 1;
    for (let j = 0; j < i; j++) if (gold[j] === gold[i]) nth++;
    if (hasWord(normalized, gold[i]!, nth)) shared++;
  }
  return (2 * shared) / (length + gold.length);
}

/** Whether a word stands in a normalised text at least so many times. */
function hasWord(normalized: string, word: string, times: number): boolean {
  let left = times;
  for (let at = normalized.indexOf(word); at >= 0; at = normalized.indexOf(word, at + word.length)) {
    if (isWhole(normalized, at, at + word.length) && --left === 0) return true;
  }
  return false;
}

function wordCount(normalized: string): number {
  let count = 1;
  for (let at = normalized.indexOf(" "); at >= 0; at = normalized.indexOf(" ", at + 1)) count++;
  return count;
}

function isWhole(normalized: string, start: number, end: number): boolean {
  return (start === 0 || normalized[start - 1] === " ") && (end === normalized.length || normalized[end] === " ");
}

/** A normalised text, and where its clauses end: what denies a word stands in the same one. */
interface ClausedText {
  text: string;
  /** {@link text} without its spaces. */
  letters: string;
  /** Offsets in {@link text} at which a sentence begins, in ascending order. */
  sentences: readonly number[];
  /** The same for what commas part as well. */
  clauses: readonly number[];
}

/** The raised number of a source behind a word, which NFKC would write into it: "Lady Gaga⁶". A power stands behind a digit or a unit, "km²". */
const citation = /(?<=\p{L}{3}|[.,)"'”’])[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+(?!\p{L})/gu;

/** An output as golds are looked for in it. Each way of writing it is made when it is first asked for. */
export class AnswerText {
  readonly #output: string;
  #normalized: ClausedText | undefined;
  #withArticles: ClausedText | undefined;
  #lenient: ClausedText | undefined;
  #capitals: ClausedText | undefined;

  constructor(output: string) {
    this.#output = output.replace(citation, "");
  }

  get normalized(): ClausedText {
    this.#normalized ??= claused(this.#output, (text) => normalizeAnswer(text));
    return this.#normalized;
  }

  get withArticles(): ClausedText {
    this.#withArticles ??= claused(this.#output, (text) => normalizeAnswer(text, { articles: "keep" }));
    return this.#withArticles;
  }

  /** Normalised, but that capitals stay, without the points and spaces of abbreviations. */
  get capitals(): ClausedText {
    const marked = (text: string) =>
      joinInitials(text)
        .replace(/[^\p{L}\p{N}]+/gu, " ")
        .trim();
    this.#capitals ??= claused(this.#output, marked);
    return this.#capitals;
  }

  get lenient(): ClausedText {
    this.#lenient ??= claused(this.#output, lenientSpelling);
    return this.#lenient;
  }
}

/** What ends a sentence, or parts a clause from the next. "3.5", "J. K. Rowling" and "1,000" are not parted. */
const parting = /(?:(?<!(?:^|[^\p{L}])\p{L})[.](?=\s|$)|[!?;\n。！？；]|[,:，](?=\s))+\s*/gu;

function claused(output: string, normalize: (text: string) => string): ClausedText {
  const text = normalize(output);
  const sentences: number[] = [];
  const clauses: number[] = [];
  let joined = "";
  let from = 0;
  const part = (to: number, isSentence: boolean) => {
    const piece = normalize(output.slice(from, to));
    if (piece !== "") joined = joined === "" ? piece : `${joined} ${piece}`;
    clauses.push(joined.length + 1);
    if (isSentence) sentences.push(joined.length + 1);
  };
  for (const match of output.matchAll(parting)) {
    part(match.index + match[0].length, !/^[,:，]\s*$/.test(match[0]));
    from = match.index + match[0].length;
  }
  part(output.length, true);
  // Where cutting changed the words, such as a number parted in its middle, nothing is known of the clauses.
  const isWhole = joined === text;
  const letters = text.replaceAll(" ", "");
  return { text, letters, sentences: isWhole ? sentences : [], clauses: isWhole ? clauses : [] };
}

const withoutSpaces = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;

/**
 * What had to be overlooked to find a gold: its `spelling` ({@link lenientSpelling}), that its `words` stand apart or in another order, or
 * that the middle of a `name` is left out; and what {@link NearLeniency} says where the question is known.
 */
export type Leniency = "spelling" | "words" | "name" | NearLeniency;

/** Whether the output states a gold answer that it does not deny at every mention: as it is written, or by which leniency. */
export function statesAny(
  output: AnswerText,
  golds: readonly PreparedGold[],
  question = "",
): "text" | Leniency | undefined {
  if (golds.some((gold) => statesGold(output, gold))) return "text";
  const { lenient } = output;
  const isDenied = (start: number, end: number) =>
    isNegated(lenient, start, end) || isOfLongerName(lenient.text, start, lenient.text.slice(start, end));
  const asked = question === "" ? "" : lenientSpelling(question);
  let found: Leniency | undefined;
  for (const { gold, withArticles, capitals } of golds) {
    if (withArticles !== undefined || capitals !== undefined) continue;
    const spellings = lenientSpellings(gold);
    const form = spellings[0]!;
    if (form === "" || functionWords.has(form)) continue;
    if (spellings.some((spelled) => statesForm(lenient, spelled) || statesSquashed(lenient, spelled)))
      return "spelling";
    if (saysWords(lenient.text, form, isDenied)) found ??= "words";
    else if (/^\p{Lu}/u.test(gold) && saysName(lenient.text, form, isDenied)) found ??= "name";
    else found ??= comesNear({ text: lenient.text, gold: form, written: gold, question: asked, isDenied });
  }
  return found;
}

function statesGold(output: AnswerText, { gold, forms, withArticles, capitals }: PreparedGold): boolean {
  if (capitals !== undefined) return statesForm(output.capitals, capitals);
  if (withArticles !== undefined) return statesForm(output.withArticles, withArticles);
  const { normalized } = output;
  if (forms.some((form) => statesForm(normalized, form))) return true;
  return withoutSpaces.test(gold) && forms.some((form) => statesUnspaced(normalized.text, form));
}

/** How Chinese, Japanese and Korean deny a word, before it or behind it. */
const unspacedDenial = {
  before: /(?:不是|並非|并非|而非|不在|非)$/u,
  after: /^(?:ではな|じゃな|ではあり|でな|이 아니|가 아니|은 아니|는 아니)/u,
};

/** Whether a form stands somewhere in a text without spaces and is not denied there. */
function statesUnspaced(text: string, form: string): boolean {
  if (!containsForm(text, form)) return false;
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    if (!isDeniedUnspaced(text, at, at + form.length)) return true;
  return false;
}

function isDeniedUnspaced(text: string, start: number, end: number): boolean {
  const { before, after } = unspacedDenial;
  return before.test(text.slice(Math.max(0, start - 4), start)) || after.test(text.slice(end, end + 6));
}

/** Places whose names have another's in them: who says West Virginia does not say Virginia. */
const longerNames: readonly [name: string, before: RegExp][] = [
  ["virginia", /\bwest $/],
  ["mexico", /\bnew $/],
  ["ireland", /\bnorthern $/],
  ["guinea", /\b(?:papua new|equatorial|new) $/],
  ["korea", /\b(?:north|south) $/],
  ["jersey", /\bnew $/],
  ["england", /\bnew $/],
  ["hampshire", /\bnew $/],
  ["york", /\bnew $/],
  ["wales", /\bnew south $/],
  ["sudan", /\bsouth $/],
  ["timor", /\beast $/],
];

function statesForm(claused: ClausedText, form: string): boolean {
  const { text } = claused;
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
    const end = at + form.length;
    if (!isWhole(text, startOfWord(text, at, end), endOfWord(text, at, end)) || isNegated(claused, at, end)) continue;
    if (!isOfLongerName(text, at, form)) return true;
  }
  return false;
}

/** Letters of a name that may be written as one word or as several: "Spider-Man", "YouTube", "e-mail". */
const minSquashed = 5;
const maxSquashedWords = 3;

function statesSquashed(claused: ClausedText, form: string): boolean {
  const squashed = form.replaceAll(" ", "");
  if (squashed.length < minSquashed || !claused.letters.includes(squashed)) return false;
  if (/\d/.test(squashed) || form.split(" ").length > maxSquashedWords) return false;
  const words = claused.text.split(" ");
  let start = 0;
  for (const [at, word] of words.entries()) {
    if (squashed.startsWith(word) || word === squashed) {
      let joined = "";
      for (let next = at; next < words.length && next < at + maxSquashedWords; next++) {
        joined += words[next]!;
        const length = joined.length + next - at;
        const isOther = next > at || form !== squashed;
        if (isOther && joined === squashed && !isNegated(claused, start, start + length)) return true;
        if (joined.length >= squashed.length) break;
      }
    }
    start += word.length + 1;
  }
  return false;
}

/** Particles and copulas that Korean writes behind a noun without a space. */
const koreanEndings =
  /^(?:은|는|이|가|을|를|의|에|에서|에게|로|으로|와|과|도|만|부터|까지|라고|이라고|이다|입니다|이에요|예요|였다|이었다|였습니다|이었습니다|이며|이고|인)(?= |$)/u;
const hangul = /\p{Script=Hangul}/u;

/** Where the word of a mention ends: behind its ending, in a language that writes it on. */
function endOfWord(text: string, start: number, end: number): number {
  if (end >= text.length || text[end] === " " || !hangul.test(text.slice(start, end))) return end;
  return end + (koreanEndings.exec(text.slice(end, end + 8))?.[0].length ?? 0);
}

/** Prepositions, articles and conjunctions that Hebrew and Arabic write before a noun without a space. */
const semiticPrefix = /(?:^| )(?:[ו]?[בלמהשכו]|[وف]?(?:[بلك]|ال|لل|بال|كال)|[وف])$/u;

/** Where the word of a mention begins: before its preposition, in a language that writes it on. */
function startOfWord(text: string, start: number, end: number): number {
  if (start === 0 || text[start - 1] === " " || !/[\p{Script=Hebrew}\p{Script=Arabic}]/u.test(text.slice(start, end)))
    return start;
  const prefix = semiticPrefix.exec(text.slice(Math.max(0, start - 5), start))?.[0];
  return prefix === undefined ? start : start - prefix.trimStart().length;
}

function isOfLongerName(text: string, at: number, form: string): boolean {
  const before = text.slice(Math.max(0, at - 12), at);
  return longerNames.some(([name, longer]) => form === name && longer.test(before));
}

/** Whether the words around a mention, within its sentence, deny it or leave it open: "not B", "rather than B", "B is wrong", "either A or B". */
function isNegated({ text, sentences, clauses }: ClausedText, start: number, end: number): boolean {
  const stretch = { start, end, from: lastBefore(clauses, start), to: firstAfter(sentences, end) };
  return isDeniedBetween(text, stretch) || isOneOfTwo(text, stretch) || isDeniedUnspaced(text, start, end);
}

function lastBefore(offsets: readonly number[], at: number): number {
  return offsets.findLast((offset) => offset <= at) ?? 0;
}

function firstAfter(offsets: readonly number[], at: number): number {
  return offsets.find((offset) => offset > at) ?? Number.POSITIVE_INFINITY;
}
