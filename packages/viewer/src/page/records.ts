import type { IndexBlock, RecordKind, ReportMeta } from "../shape.ts";

/** The records that the page carries, unpacked when they are asked for. */
export interface Records {
  meta: ReportMeta;
  /** A record by its number. */
  get<T>(kind: RecordKind, number: number): Promise<T>;
  /** The index, block by block as the page arrives. */
  blocks(): AsyncGenerator<IndexBlock>;
}

// Chunks kept unpacked: a dozen megabytes at most.
const keptChunks = 48;

/** Opens what the page's inert script elements hold. */
export async function openRecords(): Promise<Records> {
  const meta = (await unpack("meta")) as ReportMeta;
  const kept = new Map<string, Promise<unknown>>();
  function chunk(id: string): Promise<unknown> {
    const found = kept.get(id) ?? unpack(id);
    kept.delete(id);
    kept.set(id, found);
    if (kept.size > keptChunks) kept.delete(kept.keys().next().value!);
    return found;
  }
  return {
    meta,
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
