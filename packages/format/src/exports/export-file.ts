import { createHash } from "node:crypto";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TrainingExample } from "@rag-instruct/core";
import { openAtomic } from "@rag-instruct/core/node";
import type { PromptPlace, RecordFormat } from "./record-format.ts";

/** A file that is written piece by piece and hashed on the way; it appears whole or not at all. */
export interface ExportFile {
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
export async function openExportFile(path: string, { overwrite }: { overwrite: boolean }): Promise<ExportFile> {
  const file = await openAtomic(path, { overwrite });
  const hash = createHash("sha256");
  let bytes = 0;
  return {
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
  readonly #files = new Map<string, { file: ExportFile; text: TextWriter; isEmpty: boolean }>();

  constructor({ to, overwrite = false }: { to: string; overwrite?: boolean }) {
    this.#to = to;
    this.#overwrite = overwrite;
  }

  /** Opens a file by its name in the folder. Throws `file-exists` and `file-unwritable`. */
  async open(name: string): Promise<TextWriter> {
    const file = await openExportFile(join(this.#to, name), { overwrite: this.#overwrite });
    const text = textWriter(file);
    const opened = { file, text, isEmpty: true };
    this.#files.set(name, opened);
    return {
      flush: text.flush,
      async write(chunk) {
        opened.isEmpty &&= chunk === "";
        await text.write(chunk);
      },
    };
  }

  /** Puts all files in place but for empty ones, which loaders refuse: of these none stays, from an earlier export neither. */
  async commit(): Promise<(WrittenFile & { name: string })[]> {
    const all = [...this.#files];
    for (const [, { text }] of all) await text.flush();
    for (const [name, { file, isEmpty }] of all) {
      if (!isEmpty) continue;
      await file.discard();
      const path = join(this.#to, name);
      await rm(path, { force: true });
      // It stays where another file is in it.
      await rmdir(dirname(path)).catch(() => {});
    }
    const files = all.filter(([, { isEmpty }]) => !isEmpty);
    return Promise.all(files.map(async ([name, { file }]) => ({ ...(await file.commit()), name })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#files.values()].map(({ file }) => file.discard()));
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
