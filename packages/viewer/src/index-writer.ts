import { pack } from "./packer.ts";
import { type IndexBlock, type Verdict, verdicts } from "./shape.ts";

/** One line of the index. */
export type IndexLine = {
  [K in Exclude<keyof IndexBlock, "verdicts">]: IndexBlock[K][number];
} & { verdict: Verdict };

// As page/index-of-examples.ts counts on.
const blockSize = 1000;
// What a list shows and a search looks through of a question or an answer.
const searchedLength = 500;

/** Writes the index in blocks of 1,000 examples, each a list a field. */
export function indexWriter(): { add(line: IndexLine): Promise<void>; finish(): Promise<string[]> } {
  const packed: string[] = [];
  let block = emptyBlock();
  async function flush(): Promise<void> {
    if (block.questions.length === 0) return;
    const full = block;
    block = emptyBlock();
    packed.push(await pack(JSON.stringify(full)));
  }
  return {
    async add({ questions, answers, paradigms, reasons, tasks, exemplars, sources, verdict }) {
      block.questions.push(questions.slice(0, searchedLength));
      block.answers.push(answers.slice(0, searchedLength));
      block.paradigms.push(paradigms);
      block.verdicts.push(verdicts.indexOf(verdict));
      block.reasons.push(reasons);
      block.tasks.push(tasks);
      block.exemplars.push(exemplars);
      block.sources.push(sources);
      if (block.questions.length === blockSize) await flush();
    },
    async finish() {
      await flush();
      return packed;
    },
  };
}

function emptyBlock(): IndexBlock {
  return {
    questions: [],
    answers: [],
    paradigms: [],
    verdicts: [],
    reasons: [],
    tasks: [],
    exemplars: [],
    sources: [],
  };
}
