import { optionLetter, RagInstructError } from "@rag-instruct/core";
import type { Benchmark } from "../benchmark.ts";
import { findBenchmark } from "../benchmarks.ts";
import type { EvalItem } from "../item.ts";
import { similarity } from "./similarity.ts";

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
