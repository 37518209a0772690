import type { Benchmark } from "./benchmark.ts";
import { commonLayout } from "./layouts/common.ts";
import { multipleChoiceLayout } from "./layouts/multiple-choice.ts";

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
