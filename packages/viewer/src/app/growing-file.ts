import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";

/** Where a line stands in its file, in bytes. */
export interface Place {
  start: number;
  length: number;
}

/** A file of lines that is read as it grows, and again from its beginning when another is put in its place. */
export class GrowingFile {
  readonly #folder: string;
  readonly #name: string;
  #path = "";
  #inode = 0;
  #end = 0;
  /** Lines before that end. */
  #lines = 0;
  #reading: Promise<boolean> | undefined;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  /**
   * Calls back for each whole line that is new, and says whether there was any. `onOther` is told before the first line of another file.
   * Whoever asks while it is read waits for that reading, so that no line is given twice. Throws `bad-record` with file and line where
   * `onLine` throws for a line; it is given again to whoever asks next.
   */
  read(onLine: (line: string, place: Place) => void, onOther: () => void): Promise<boolean> {
    this.#reading ??= this.#read(onLine, onOther).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(onLine: (line: string, place: Place) => void, onOther: () => void): Promise<boolean> {
    const path = await this.#newest();
    const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
    if (path === undefined || !found) {
      const wasThere = this.#path !== "";
      this.#path = "";
      this.#end = 0;
      if (wasThere) onOther();
      return wasThere;
    }
    // A renamed file is the same one: what was followed while it was written is read on from where it stood.
    if (found.ino !== this.#inode || found.size < this.#end) {
      this.#inode = found.ino;
      this.#end = 0;
      this.#lines = 0;
      onOther();
    }
    this.#path = path;
    if (found.size === this.#end) return false;
    let rest: Buffer = Buffer.alloc(0);
    const before = this.#end;
    for await (const chunk of createReadStream(path, { start: this.#end, end: found.size - 1 })) {
      const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let from = 0;
      for (let end = bytes.indexOf(0x0a, from); end >= 0; end = bytes.indexOf(0x0a, from)) {
        const length = end - from;
        try {
          if (length > 0) onLine(bytes.toString("utf8", from, end), { start: this.#end, length });
        } catch (error) {
          const what = error instanceof SyntaxError ? `not JSON: ${error.message}` : "no line of a run; take it out";
          throw new RagInstructError("bad-record", `${path}:${this.#lines + 1}: ${what}`, { cause: error });
        }
        this.#end += length + 1;
        this.#lines++;
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
    return this.#end > before;
  }

  /** One line, parsed. */
  async lineAt({ start, length }: Place): Promise<unknown> {
    const handle = await open(this.#path, "r");
    try {
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, start);
      return JSON.parse(buffer.toString("utf8"));
    } finally {
      await handle.close();
    }
  }

  /** The file itself, or a newer one that is being written to take its place. */
  async #newest(): Promise<string | undefined> {
    const names = await readdir(this.#folder).catch(() => []);
    const draft = new RegExp(`^${this.#name.replace(".", "\\.")}\\.[0-9a-f]{12}\\.tmp$`);
    let newest: { path: string; time: number } | undefined;
    for (const name of names.filter((each) => each === this.#name || draft.test(each))) {
      const path = join(this.#folder, name);
      const { mtimeMs = 0 } = (await stat(path).catch(() => undefined)) ?? {};
      if (!newest || mtimeMs > newest.time) newest = { path, time: mtimeMs };
    }
    return newest?.path;
  }
}
