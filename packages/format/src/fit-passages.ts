import { RagInstructError, type TrainingExample } from "@rag-instruct/core";
import type { TextTokenizer } from "./labels.ts";
import { passageStates, statedAnswers } from "./noise.ts";

/** How long an example may be. */
export interface TokenBudget {
  tokenizer: TextTokenizer;
  /** Upper limit of the tokens of prompt and answer together, without what a chat template adds. */
  tokens: number;
}

/** An example made to fit. */
export interface FittedExample {
  example: TrainingExample;
  /** Passages that were cut. */
  cut: number;
  /** Whether a source stated the answer before, and none does now. */
  answerLost: boolean;
}

// Cutting a text can move a token boundary at its edge, so that the sum is a few tokens off; then it is cut again.
const maxAttempts = 5;

/**
 * Cuts the longest passages of an example, at word ends and to one common length, until prompt and answer fit into the
 * budget. Throws `bad-record` when they do not fit without any passage text.
 */
export function fitPassages(
  example: TrainingExample,
  { budget, prompt }: { budget: TokenBudget; prompt: (example: TrainingExample) => string },
): FittedExample {
  const { tokenizer, tokens } = budget;
  const length = (text: string) => tokenizer.encode(text).length;
  const size = (fitted: TrainingExample) => length(prompt(fitted)) + length(fitted.answer);
  let fitted = example;
  for (let attempt = 0, over = size(example) - tokens; over > 0; attempt++, over = size(fitted) - tokens) {
    const lengths = fitted.documents.map(({ text }) => length(text));
    const room = lengths.reduce((a, b) => a + b, 0) - over;
    if (room <= 0 || attempt === maxAttempts) {
      throw new RagInstructError(
        "bad-record",
        `example ${example.id} does not fit into ${tokens} tokens, however its passages are cut`,
      );
    }
    const cap = commonCap(lengths, room);
    const documents = fitted.documents.map((document, i) =>
      lengths[i]! > cap ? { ...document, text: cutToTokens(document.text, cap, length) } : document,
    );
    fitted = { ...fitted, documents };
  }
  const cut = fitted.documents.filter(({ text }, i) => text !== example.documents[i]!.text).length;
  return { example: fitted, cut, answerLost: cut > 0 && losesAnswer(example, fitted) };
}

/** The greatest length to which all may be cut so that their sum is at most `room`. */
function commonCap(lengths: readonly number[], room: number): number {
  let [low, high] = [0, Math.max(...lengths)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const sum = lengths.reduce((total, length) => total + Math.min(length, middle), 0);
    if (sum <= room) low = middle;
    else high = middle - 1;
  }
  return low;
}

function cutToTokens(text: string, maxTokens: number, length: (text: string) => number): string {
  const ends = [0, ...Array.from(text.matchAll(/\S+/g), (word) => word.index + word[0].length)];
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (length(text.slice(0, ends[middle]!)) <= maxTokens) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, ends[low]!);
}

function losesAnswer(before: TrainingExample, after: TrainingExample): boolean {
  return statedAnswers(before).some((answer) => {
    const states = ({ documents }: TrainingExample) =>
      documents.some((document) => document.role !== "noise" && passageStates(document, answer));
    return states(before) && !states(after);
  });
}
