import type { Task } from "@rag-instruct/core";
import type { EvalItem, Layout } from "./item.ts";
import { commonLayout, multipleChoiceLayout } from "./layouts/common.ts";

/** The rules of the method's published scorer. */
export type ReferenceRule = "contains" | "number" | "choice";

/** A part of a benchmark that published figures are about. */
export interface Subset {
  /** How many questions it has. */
  count: number;
  /** The rule in words, with its source. */
  rule: string;
  keeps(item: EvalItem): boolean;
}

/** How to read, ask and score one benchmark. */
export interface Benchmark {
  id: string;
  name: string;
  /** Column of the published table, such as `WQA`; undefined where it has none. */
  column?: string;
  task: Task;
  /** Of multiple choice: whether there are questions without options too, which are asked and scored as open ones. @default false */
  hasOpen?: boolean;
  /** The answers that may be given, where they are a closed set of words: yes, no, true … */
  verdicts?: readonly string[];
  /** Whether golds are numbers with units. @default false */
  numeric?: boolean;
  /** The published scorer's rule for it; undefined where that scorer does not know it. */
  reference?: ReferenceRule;
  /** Keys under which the method's own evaluation file lists it. */
  sources?: readonly string[];
  /** Tried in order. */
  layouts: readonly Layout[];
  /** The question as the prompt asks it. */
  instruction(item: EvalItem): string;
  /** Whether the paragraphs shown are the item's own context, whatever is retrieved. @default false */
  ownContext?: boolean;
  subset?: Subset;
  /** Questions of the published test or development set that figures are about, where there is no subset. */
  testSize?: number;
}

/** What a benchmark of your own must say; the rest has defaults. */
export type BenchmarkDefinition = Pick<Benchmark, "id"> & Partial<Benchmark>;

/**
 * Makes a benchmark: `defineBenchmark({ id: "support-tickets" })` reads questions with answers in any of the common layouts
 * and asks them as they are.
 * @param definition.task "open" unless said otherwise; with "multiple-choice" the layouts of options are read, and a letter is asked for
 */
export function defineBenchmark(definition: BenchmarkDefinition): Benchmark {
  const { task = "open" } = definition;
  const isChoice = task === "multiple-choice";
  return {
    name: definition.id,
    task,
    layouts: isChoice ? [multipleChoiceLayout] : [commonLayout],
    instruction: isChoice ? askForLetter : ({ question }) => question,
    ...definition,
  };
}

/** Asks for the letter of an option; the options follow the question, one a line, as `renderInstruction` lays them out. */
function askForLetter({ question }: { question: string }): string {
  return `Choose the best of the options below and answer with its letter.\n\n### Input:\n${question}`;
}
