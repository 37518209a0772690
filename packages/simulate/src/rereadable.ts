import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Source } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";

/** A stream that can be read again. */
export interface Rereadable<T> {
  first(): AsyncIterable<T> | Iterable<T>;
  again(): AsyncIterable<T> | Iterable<T>;
  close(): Promise<void>;
}

const maxBuffered = 1 << 20;

/**
 * Makes a stream readable twice, in order: an array or a function is simply read again, anything else is kept in a temporary file
 * of JSON lines on the way, which `close` takes away.
 */
export function rereadable<T>(source: Source<T> | (() => Source<T>)): Rereadable<T> {
  const close = async () => {};
  if (typeof source === "function") return { first: source, again: source, close };
  if (Array.isArray(source)) return { first: () => source, again: () => source, close };
  let folder: string | undefined;
  const path = () => join(folder!, "items.jsonl");
  async function* first(): AsyncGenerator<T> {
    folder = await mkdtemp(join(tmpdir(), "rag-instruct-"));
    await using file = await open(path(), "w");
    let lines = "";
    for await (const item of source as Source<T>) {
      lines += `${JSON.stringify(item)}\n`;
      if (lines.length > maxBuffered) {
        await file.write(lines);
        lines = "";
      }
      yield item;
    }
    await file.write(lines);
  }
  return {
    first,
    again: () => readJsonl<T>(path()),
    async close() {
      if (folder) await rm(folder, { recursive: true, force: true });
    },
  };
}
