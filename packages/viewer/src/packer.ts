import { type FileHandle, open, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import type { RecordKind } from "./shape.ts";

const deflate = promisify(deflateRaw);

// Characters of JSON in one chunk: small enough to unpack in a few milliseconds, large enough to compress well.
const chunkSize = 256 * 1024;

/** Writes records into chunks that the page unpacks one at a time; they wait in a file beside the report. */
export interface Packer extends AsyncDisposable {
  /** Adds a record and gives its number. */
  add(kind: RecordKind, record: unknown): Promise<number>;
  /** Writes what is left; gives the number of the first record of each chunk. */
  finish(): Promise<Record<RecordKind, number[]>>;
  readonly counts: Record<RecordKind, number>;
  /** The chunks as script elements. */
  elements(): AsyncIterable<Uint8Array>;
}

/** Opens a packer that keeps its chunks in `file` until it is disposed of. */
export async function openPacker(file: string): Promise<Packer> {
  const handle: FileHandle = await open(file, "w+");
  const kinds = ["examples", "passages", "exemplars"] as const;
  const waiting = Object.fromEntries(kinds.map((kind) => [kind, { records: [] as string[], size: 0 }]));
  const counts = { examples: 0, passages: 0, exemplars: 0 };
  const starts: Record<RecordKind, number[]> = { examples: [], passages: [], exemplars: [] };

  async function flush(kind: RecordKind): Promise<void> {
    const { records } = waiting[kind]!;
    if (records.length === 0) return;
    const id = `${kind}-${starts[kind].length}`;
    starts[kind].push(counts[kind] - records.length);
    waiting[kind] = { records: [], size: 0 };
    await handle.appendFile(inertScript(id, await pack(`[${records.join(",")}]`)));
  }
  return {
    counts,
    async add(kind, record) {
      const json = JSON.stringify(record);
      const queue = waiting[kind]!;
      queue.records.push(json);
      queue.size += json.length;
      const number = counts[kind]++;
      if (queue.size >= chunkSize) await flush(kind);
      return number;
    },
    async finish() {
      for (const kind of kinds) await flush(kind);
      return starts;
    },
    elements: () => handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 }),
    async [Symbol.asyncDispose]() {
      await handle.close();
      await rm(file, { force: true });
    },
  };
}

/** JSON as base64 of raw deflate, which holds no character that ends a script element. */
export async function pack(json: string): Promise<string> {
  return (await deflate(json)).toString("base64");
}

/** An element that no browser runs. */
export function inertScript(id: string, packed: string): string {
  return `<script type="application/octet-stream" id="${id}">${packed}</script>\n`;
}
