import { type Exemplar, wordsOf } from "@rag-instruct/core";
import { bareQuestion } from "../question-form.ts";

/** An instruction as the rules look at it. */
export interface InstructionView {
  /** With its options, as it was given. */
  text: string;
  /** Without greetings, politeness and the cues of prompts. */
  bare: string;
  /** Lowercase words of the text, in any script. */
  words: readonly string[];
  exemplar: Exemplar;
}

/** An exemplar as the rules look at it. */
export function viewOf(exemplar: Exemplar): InstructionView {
  const text = [exemplar.question, ...(exemplar.options ?? [])].join("\n");
  return { text, bare: bareQuestion(exemplar.question), words: wordsOf(text), exemplar };
}

/** Says what in an instruction makes it unfit, or nothing. */
export type Rule = (view: InstructionView) => string | undefined;

/** A rule that quotes the first of these patterns that is found. */
export function anyOf(patterns: readonly RegExp[], part: "text" | "bare" = "bare"): Rule {
  return (view) => {
    for (const pattern of patterns) {
      const found = view[part].match(pattern)?.[0];
      if (found) return `it says “${found.trim().replace(/\s+/g, " ").slice(0, 60)}”`;
    }
    return undefined;
  };
}

/** A pattern, whatever the case of the letters, into which word lists are put as alternatives. */
export function pattern(strings: TemplateStringsArray, ...lists: readonly string[]): RegExp {
  return new RegExp(String.raw(strings, ...lists), "i");
}
