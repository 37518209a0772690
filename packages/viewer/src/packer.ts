import { type FileHandle, open, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import { blockSize, type IndexBlock, type RecordKind, type Verdict, verdicts } from "./shape.ts";

const deflate = promisify(deflateRaw);

const kinds = ["examples", "passages", "exemplars"] as const satisfies RecordKind[];

// Characters of JSON in one chunk: small enough to unpack in a few milliseconds, large enough to compress well.
const chunkSize = 256 * 1024;

// What a list shows and a search looks through of a question or an answer.
const maxSearched = 500;

/** Writes records into chunks that the page unpacks one at a time; they wait in a file beside the report until it is disposed of. */
export class Packer implements AsyncDisposable {
  /** Records added so far. */
  readonly counts: Record<RecordKind, number> = { examples: 0, passages: 0, exemplars: 0 };
  readonly #file: string;
  readonly #handle: FileHandle;
  /** Records of the chunk that is being filled, and their characters. */
  readonly #open: Record<RecordKind, { records: string[]; size: number }>;
  /** Number of the first record of each chunk. */
  readonly #starts: Record<RecordKind, number[]> = { examples: [], passages: [], exemplars: [] };

  private constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
    this.#open = { examples: emptyChunk(), passages: emptyChunk(), exemplars: emptyChunk() };
  }

  /** Opens a packer that keeps its chunks in `file`. */
  static async open(file: string): Promise<Packer> {
    return new Packer(file, await open(file, "w+"));
  }

  /** Adds a record and gives its number. */
  async add(kind: RecordKind, record: unknown): Promise<number> {
    const json = JSON.stringify(record);
    const chunk = this.#open[kind];
    chunk.records.push(json);
    chunk.size += json.length;
    const number = this.counts[kind]++;
    if (chunk.size >= chunkSize) await this.#flush(kind);
    return number;
  }

  /** Writes what is left; gives the number of the first record of each chunk. */
  async finish(): Promise<Record<RecordKind, number[]>> {
    for (const kind of kinds) await this.#flush(kind);
    return this.#starts;
  }

  /** The chunks as script elements. */
  elements(): AsyncIterable<Uint8Array> {
    return this.#handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    await rm(this.#file, { force: true });
  }

  async #flush(kind: RecordKind): Promise<void> {
    const { records } = this.#open[kind];
    if (records.length === 0) return;
    const starts = this.#starts[kind];
    const id = `${kind}-${starts.length}`;
    starts.push(this.counts[kind] - records.length);
    this.#open[kind] = emptyChunk();
    await this.#handle.appendFile(inertScript(id, await pack(`[${records.join(",")}]`)));
  }
}

/** One line of the index. */
export type IndexLine = {
  [K in Exclude<keyof IndexBlock, "verdicts">]: IndexBlock[K][number];
} & { verdict: Verdict };

/** Packs the index in blocks of 1,000 examples, each a list a field. */
export class IndexPacker {
  readonly #packed: string[] = [];
  #block = emptyBlock();

  async add({ questions, answers, paradigms, reasons, tasks, exemplars, sources, verdict }: IndexLine): Promise<void> {
    const block = this.#block;
    block.questions.push(questions.slice(0, maxSearched));
    block.answers.push(answers.slice(0, maxSearched));
    block.paradigms.push(paradigms);
    block.verdicts.push(verdicts.indexOf(verdict));
    block.reasons.push(reasons);
    block.tasks.push(tasks);
    block.exemplars.push(exemplars);
    block.sources.push(sources);
    if (block.questions.length === blockSize) await this.#flush();
  }

  /** The blocks, packed. */
  async finish(): Promise<string[]> {
    if (this.#block.questions.length > 0) await this.#flush();
    return this.#packed;
  }

  async #flush(): Promise<void> {
    const full = this.#block;
    this.#block = emptyBlock();
    this.#packed.push(await pack(JSON.stringify(full)));
  }
}

/** JSON as base64 of raw deflate, which holds no character that ends a script element. */
export async function pack(json: string): Promise<string> {
  return (await deflate(json)).toString("base64");
}

/** An element that no browser runs. */
export function inertScript(id: string, packed: string): string {
  return `<script type="application/octet-stream" id="${id}">${packed}</script>\n`;
}

function emptyChunk(): { records: string[]; size: number } {
  return { records: [], size: 0 };
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
