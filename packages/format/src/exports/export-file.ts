import { createHash } from "node:crypto";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TrainingExample } from "@rag-instruct/core";
import { openAtomic } from "@rag-instruct/core/node";
import type { PromptPlace, RecordFormat } from "./record-format.ts";

/** A file that is written piece by piece and hashed on the way; it appears whole or not at all. */
export interface ExportFile {
  /** Bytes written so far. */
  readonly bytes: number;
  write(chunk: Uint8Array): Promise<void>;
  /** Puts the file in place. */
  commit(): Promise<WrittenFile>;
  /** Removes what was written. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/** What was written. */
export interface WrittenFile {
  path: string;
  bytes: number;
  /** Hexadecimal SHA-256 of the content. */
  sha256: string;
}

/** Opens a file for an export. Throws `file-exists` and `file-unwritable`. */
async function openExportFile(path: string, { overwrite }: { overwrite: boolean }): Promise<ExportFile> {
  const file = await openAtomic(path, { overwrite });
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async write(chunk) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await file.write(chunk);
    },
    async commit() {
      await file.commit();
      return { path, bytes, sha256: hash.digest("hex") };
    },
    discard: () => file.discard(),
  };
}

/** Writes examples to one file. */
export interface ExampleWriter {
  /** Resolves to false where the example has no place in the format. */
  write(example: TrainingExample, prompt: string, place?: PromptPlace): Promise<boolean>;
  /** Writes what is still held back; the file is not in place yet. */
  flush(): Promise<void>;
}

// Large enough that a chunk's cost does not count, small enough that ten files hold a few megabytes.
const chunkCharacters = 262_144;

/** Gathers text and hands it on in chunks. */
export interface TextWriter {
  write(text: string): Promise<void>;
  /** Hands on what is still held back. */
  flush(): Promise<void>;
}

/** Writes text to a file. */
export function textWriter(file: ExportFile): TextWriter {
  const encoder = new TextEncoder();
  let buffered = "";

  async function flush(): Promise<void> {
    if (buffered === "") return;
    const chunk = encoder.encode(buffered);
    buffered = "";
    await file.write(chunk);
  }
  return {
    flush,
    async write(text) {
      buffered += text;
      if (buffered.length >= chunkCharacters) await flush();
    },
  };
}

// JSON writes half of a surrogate pair as an escape, which readers in other languages refuse with the whole file.
const loneSurrogate = /(?<!\\)((?:\\\\)*)\\ud[89a-f][\da-f]{2}/g;

/** A record as JSON; half of a surrogate pair in it, such as of an emoji that a model was cut off in, becomes U+FFFD. */
export function recordJson(record: object): string {
  const json = JSON.stringify(record);
  return json.includes("\\ud") ? json.replace(loneSurrogate, "$1\ufffd") : json;
}

/** The files of an export while they are written, all there in the end or none. */
export class ExportFiles implements AsyncDisposable {
  readonly #to: string;
  readonly #overwrite: boolean;
  readonly #files = new Map<string, ExportFile>();
  readonly #texts: TextWriter[] = [];

  constructor({ to, overwrite = false }: { to: string; overwrite?: boolean }) {
    this.#to = to;
    this.#overwrite = overwrite;
  }

  /** Opens a file by its name in the folder. Throws `file-exists` and `file-unwritable`. */
  async open(name: string): Promise<ExportFile> {
    const file = await openExportFile(join(this.#to, name), { overwrite: this.#overwrite });
    this.#files.set(name, file);
    return file;
  }

  /** Opens a file of text, which `commit` flushes. Throws as {@link open} does. */
  async openText(name: string): Promise<TextWriter> {
    const text = textWriter(await this.open(name));
    this.#texts.push(text);
    return text;
  }

  /**
   * Puts all files in place, in the order in which they were opened.
   * @param options.keepsEmpty `false` leaves out files without a byte, which loaders refuse, and removes those of earlier exports. @default true
   */
  async commit({ keepsEmpty = true } = {}): Promise<(WrittenFile & { name: string })[]> {
    for (const text of this.#texts) await text.flush();
    for (const [name, file] of keepsEmpty ? [] : this.#files) if (file.bytes === 0) await this.#leaveOut(name, file);
    return Promise.all([...this.#files].map(async ([name, file]) => ({ ...(await file.commit()), name })));
  }

  async #leaveOut(name: string, file: ExportFile): Promise<void> {
    const path = join(this.#to, name);
    await file.discard();
    this.#files.delete(name);
    await rm(path, { force: true });
    // It stays where another file is in it.
    await rmdir(dirname(path)).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.discard()));
  }
}

/** Writes JSON Lines or one JSON array. */
export function recordWriter({ layout, toRecord }: RecordFormat, file: ExportFile): ExampleWriter {
  const array = layout === "array";
  const text = textWriter(file);
  let count = 0;
  return {
    async write(example, prompt, place) {
      const record = toRecord(example, prompt, place);
      if (record === undefined) return false;
      const json = recordJson(record);
      await text.write(array ? `${count === 0 ? "[\n" : ",\n"}${json}` : `${json}\n`);
      count += 1;
      return true;
    },
    async flush() {
      if (array) await text.write(count === 0 ? "[\n]\n" : "\n]\n");
      await text.flush();
    },
  };
}
