import { optionLetter, RagInstructError } from "@rag-instruct/core";
import type { Benchmark } from "../benchmark.ts";
import { findBenchmark } from "../benchmarks.ts";
import type { EvalItem } from "../item.ts";

/** What the method's published scorer makes of an answer. */
export interface ReferenceScore {
  correct: boolean;
  /** The letter it read, as it stands in the answer, so perhaps in lower case. Multiple choice only. */
  choice?: string;
  /** How it read the letter: 1 a lone letter, 2 the option named last, 3 the option most like the answer. */
  rule?: 1 | 2 | 3;
}

/**
 * Scores an answer as the method's published scorer does (RAG-Instruct, eval/scorer.py), verdict for verdict and oddities
 * included, so that figures compare with the paper's. `scoreItem` mends the oddities. Gives undefined for a benchmark that
 * the published scorer does not know.
 */
export function scoreReference(
  benchmark: string | Benchmark,
  item: Pick<EvalItem, "golds" | "options" | "optionLabels">,
  output: string,
): ReferenceScore | undefined {
  const rule = findBenchmark(benchmark).reference;
  if (!rule) return undefined;
  if (rule === "contains") return { correct: containsAny(output, item.golds) };
  if (rule === "number") return { correct: containsNumber(output, item.golds) };
  const { options = [], optionLabels: labels = options.map((_, i) => optionLetter(i)) } = item;
  const { choice, by } = readReferenceChoice(output, { options, labels });
  // A question labelled 1 to 4 is shown with letters, and its gold stays a number: the letter it is answered with is wrong there.
  const golds = labels.filter((_, i) => item.golds.includes(optionLetter(i)));
  return { correct: golds.includes(choice), choice, rule: by };
}

/** A gold answer counts when it stands in the answer, both in lower case, with no word character next to it. */
function containsAny(output: string, golds: readonly string[]): boolean {
  const text = output.toLowerCase();
  return golds.some((gold) => standsIn(text, gold.toLowerCase()));
}

/**
 * The first gold answer alone counts, and as long as two characters of it are left, every 0, point and comma is taken out
 * of both sides before they are compared: 105 and 15 are then the same.
 */
function containsNumber(output: string, golds: readonly string[]): boolean {
  const gold = golds[0]?.toLowerCase();
  if (gold === undefined) throw new RagInstructError("bad-input", "an item needs a gold answer to be scored");
  const bare = gold.replace(/[0.,]/g, "");
  return Array.from(bare).length > 1
    ? standsIn(output.toLowerCase().replace(/[0.,]/g, ""), bare)
    : standsIn(output.toLowerCase(), gold);
}

function standsIn(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    if (!endsInWord(text, at) && !startsWithWord(text, at + part.length)) return true;
    if (at >= text.length) return false;
  }
  return false;
}

// In either case; of "a " and "A " the scorer knows that they are often articles.
const choiceLetters = "ABCDEFGHIJKLMNabcdefghijklmn";
const responseMark = "## Response:";

function readReferenceChoice(
  output: string,
  { options, labels }: { options: readonly string[]; labels: readonly string[] },
): { choice: string; by: 1 | 2 | 3 } {
  const answer = output.includes(responseMark) ? output.split(responseMark)[1]! : output;
  const letter = loneLetter(answer);
  if (letter) return { choice: letter, by: 1 };
  const text = answer.toLowerCase();
  let named = -1;
  let place = -1;
  let alike = -1;
  let highest = 0;
  for (const [index, option] of options.entries()) {
    const at = text.lastIndexOf(option.toLowerCase());
    if (at > place) [named, place] = [index, at];
  }
  if (named >= 0) return { choice: labels[named]!, by: 2 };
  for (const [index, option] of options.entries()) {
    const ratio = similarity(option.toLowerCase(), text);
    if (ratio >= highest) [alike, highest] = [index, ratio];
  }
  if (alike < 0) throw new RagInstructError("bad-input", "a multiple-choice item needs options to be scored");
  return { choice: labels[alike]!, by: 3 };
}

function loneLetter(text: string): string | undefined {
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (!choiceLetters.includes(letter) || startsWithWord(text, at + 1)) continue;
    if ((letter === "a" || letter === "A") && text[at + 1] === " ") continue;
    // 是 and 为 are Chinese for "is"; as word characters they would otherwise hide the letter.
    if (endsInWord(text, at) && text[at - 1] !== "是" && text[at - 1] !== "为") continue;
    return letter;
  }
  return undefined;
}

const wordCharacter = /^[\p{L}\p{N}_]/u;

function startsWithWord(text: string, at: number): boolean {
  const code = text.codePointAt(at);
  return code !== undefined && isWord(code);
}

function endsInWord(text: string, at: number): boolean {
  if (at === 0) return false;
  const code = text.charCodeAt(at - 1);
  const isLowSurrogate = code >= 0xdc00 && code <= 0xdfff && at > 1;
  return isWord(isLowSurrogate ? text.codePointAt(at - 2)! : code);
}

function isWord(code: number): boolean {
  if (code < 128) {
    return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95;
  }
  return wordCharacter.test(String.fromCodePoint(code));
}

/**
 * How alike two texts are, 0 to 1: twice the characters in common blocks over all characters, where the longest common
 * block is found first and the rest is matched on both sides of it (Ratcliff and Obershelp 1988). It gives the figures of
 * Python's `difflib.SequenceMatcher(None, a, b).ratio()`, which the published scorer rests on: characters are code points,
 * ties go to the earliest block of `a`, then of `b`, and where `b` has 200 characters or more, those that make up more
 * than one in a hundred of it start no block ("autojunk").
 */
export function similarity(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  const total = left.length + right.length;
  if (total === 0) return 1;
  const places = placesOf(right);
  let matched = 0;
  const spans: Span[] = [{ aFrom: 0, aTo: left.length, bFrom: 0, bTo: right.length }];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const block = longestBlock({ left, right, places }, span);
    if (block.size === 0) continue;
    matched += block.size;
    spans.push({ aFrom: span.aFrom, aTo: block.a, bFrom: span.bFrom, bTo: block.b });
    spans.push({ aFrom: block.a + block.size, aTo: span.aTo, bFrom: block.b + block.size, bTo: span.bTo });
  }
  return (2 * matched) / total;
}

const popularFrom = 200;

interface Span {
  aFrom: number;
  aTo: number;
  bFrom: number;
  bTo: number;
}

interface Texts {
  left: readonly string[];
  right: readonly string[];
  /** Where each character stands in `right`; popular ones are left out. */
  places: ReadonlyMap<string, readonly number[]>;
}

function placesOf(characters: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, character] of characters.entries()) {
    const list = places.get(character);
    if (list) list.push(at);
    else places.set(character, [at]);
  }
  if (characters.length >= popularFrom) {
    const most = Math.floor(characters.length / 100) + 1;
    for (const [character, list] of places) if (list.length > most) places.delete(character);
  }
  return places;
}

function longestBlock({ left, right, places }: Texts, span: Span): { a: number; b: number; size: number } {
  let best = { a: span.aFrom, b: span.bFrom, size: 0 };
  let runs = new Map<number, number>();
  for (let i = span.aFrom; i < span.aTo; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(left[i]!) ?? []) {
      if (j < span.bFrom) continue;
      if (j >= span.bTo) break;
      const size = (runs.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    runs = next;
  }
  return widened(best, { left, right, span });
}

// Popular characters start no block, but they belong to one that they touch.
function widened(
  block: { a: number; b: number; size: number },
  { left, right, span }: { left: readonly string[]; right: readonly string[]; span: Span },
): { a: number; b: number; size: number } {
  let { a, b, size } = block;
  while (a > span.aFrom && b > span.bFrom && left[a - 1] === right[b - 1]) {
    a--;
    b--;
    size++;
  }
  while (a + size < span.aTo && b + size < span.bTo && left[a + size] === right[b + size]) size++;
  return { a, b, size };
}
