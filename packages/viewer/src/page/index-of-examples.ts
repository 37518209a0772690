import type { IndexBlock } from "../shape.ts";
import type { Records } from "./records.ts";

/** What is asked of the list; a number picks one of the meta's names, undefined takes all. */
export interface Filter {
  text: string;
  paradigm?: number | undefined;
  verdict?: number | undefined;
  reason?: number | undefined;
  task?: number | undefined;
  passage?: number | undefined;
  exemplar?: number | undefined;
}

/** One line of the list. */
export interface Entry {
  number: number;
  question: string;
  answer: string;
  paradigm: number;
  verdict: number;
  reason: number;
  task: number;
}

/** The searchable list of all examples. */
export interface ExampleIndex {
  entry(number: number): Entry;
  /** Numbers of the examples that a filter lets through, in order. */
  find(filter: Filter): number[];
  /** Examples read so far. */
  readonly size: number;
}

const blockSize = 1000;

/** Reads the index; `onBlock` is called as each block is there, so that the first page shows before the last block is read. */
export async function readIndex(records: Records, onBlock: (index: ExampleIndex) => void): Promise<void> {
  const blocks: IndexBlock[] = [];
  const folded: string[][] = [];
  const index: ExampleIndex = {
    get size() {
      return blocks.reduce((sum, { questions }) => sum + questions.length, 0);
    },
    entry: (number) => entryOf(blocks[Math.floor(number / blockSize)]!, number),
    find(filter) {
      const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
      return blocks.flatMap((block, b) => {
        if (words.length > 0)
          folded[b] ??= block.questions.map((text, i) => `${text}\n${block.answers[i]}`.toLowerCase());
        const found: number[] = [];
        for (let i = 0; i < block.questions.length; i++) {
          if (fits(block, i, filter) && words.every((word) => folded[b]![i]!.includes(word)))
            found.push(b * blockSize + i);
        }
        return found;
      });
    },
  };
  for await (const block of records.blocks()) {
    blocks.push(block);
    onBlock(index);
  }
}

function entryOf(block: IndexBlock, number: number): Entry {
  const i = number % blockSize;
  return {
    number,
    question: block.questions[i]!,
    answer: block.answers[i]!,
    paradigm: block.paradigms[i]!,
    verdict: block.verdicts[i]!,
    reason: block.reasons[i]!,
    task: block.tasks[i]!,
  };
}

function fits(block: IndexBlock, i: number, { paradigm, verdict, reason, task, passage, exemplar }: Filter): boolean {
  const is = (wanted: number | undefined, value: number | undefined) => wanted === undefined || wanted === value;
  return (
    is(paradigm, block.paradigms[i]) &&
    is(verdict, block.verdicts[i]) &&
    is(reason, block.reasons[i]) &&
    is(task, block.tasks[i]) &&
    is(exemplar, block.exemplars[i]) &&
    (passage === undefined || block.sources[i]!.includes(passage))
  );
}
