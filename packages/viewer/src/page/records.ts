import { blockSize, type FirstExample, type IndexBlock, type RecordKind, type ReportMeta } from "../shape.ts";
import type { Filter } from "./route.ts";

/** The records that the page carries, unpacked when they are asked for. */
export interface Records {
  meta: ReportMeta;
  /** The examples to begin with. */
  first(): Promise<FirstExample[]>;
  /** A record by its number. */
  get<T>(kind: RecordKind, number: number): Promise<T>;
  /** The index, block by block as the page arrives. */
  blocks(): AsyncGenerator<IndexBlock>;
}

// Chunks kept unpacked: a dozen megabytes at most.
const maxKept = 48;

/** Opens what the page's inert script elements hold. */
export async function openRecords(): Promise<Records> {
  const meta = (await unpack("meta")) as ReportMeta;
  const kept = new Map<string, Promise<unknown>>();
  function chunk(id: string): Promise<unknown> {
    const found = kept.get(id) ?? unpack(id);
    kept.delete(id);
    kept.set(id, found);
    if (kept.size > maxKept) kept.delete(kept.keys().next().value!);
    return found;
  }
  return {
    meta,
    first: async () => (await unpack("first-pairs")) as FirstExample[],
    async get<T>(kind: RecordKind, number: number) {
      const starts = meta.chunks[kind];
      const place = starts.findLastIndex((start) => start <= number);
      const records = (await chunk(`${kind}-${place}`)) as T[];
      return records[number - starts[place]!]!;
    },
    async *blocks() {
      for (let i = 0; i < meta.blocks; i++) yield (await unpack(`index-${i}`)) as IndexBlock;
    },
  };
}

/** Text of an element as base64 of deflated JSON. */
async function unpack(id: string): Promise<unknown> {
  const packed = (await arrived(id)).textContent!;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

/** An element once it is there to its end: a large report is used while the browser still reads it. */
async function arrived(id: string): Promise<HTMLElement> {
  for (;;) {
    const element = document.getElementById(id);
    if (element && (element.nextElementSibling || document.readyState !== "loading")) return element;
    if (document.readyState !== "loading") throw new Error(`the report lacks its part ${id}; write it again`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
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
}

/** Reads the index; `onBlock` is called as each block is there, so that the first page shows before the last block is read. */
export async function readIndex(records: Records, onBlock: (index: ExampleIndex) => void): Promise<void> {
  const blocks: IndexBlock[] = [];
  const folded: string[][] = [];
  const index: ExampleIndex = {
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
