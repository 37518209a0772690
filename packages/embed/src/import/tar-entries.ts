import { RagInstructError } from "@rag-instruct/core";
import type { NamedBytes } from "@rag-instruct/core/node";
import { byteReader } from "./byte-reader.ts";
import { parsePax, parseTarHeader, type TarHeader, tarBlock, textAt } from "./tar-header.ts";

/** A file in a .tar. */
export interface TarEntry {
  name: string;
  /** Valid until the next entry is asked for; what nobody reads is passed over. */
  bytes: AsyncIterable<Uint8Array>;
}

/** Longest description of an entry that is held in memory. */
const longestText = 1 << 20;

/**
 * The files of a .tar one after the other, whatever else it holds passed over, in the memory of the chunks that come: none
 * is copied or queued. Throws `file-corrupt` with the byte where it is cut off or a header is damaged, and `unknown-format`
 * for a file that is not stored in one piece.
 */
export async function* tarEntries(source: NamedBytes): AsyncGenerator<TarEntry> {
  const reader = byteReader(source);
  try {
    for (let header = await nextFile(); header; header = await nextFile()) {
      const padding = -header.size & (tarBlock - 1);
      let left = header.size;
      async function* content(): AsyncGenerator<Buffer> {
        for await (const part of reader.stream(left)) {
          left -= part.length;
          yield part;
        }
      }
      yield { name: header.name, bytes: content() };
      await skip(left + padding);
    }
  } finally {
    await reader.close();
  }

  /** The header of the next file, with the name and size that stand in entries before it. */
  async function nextFile(): Promise<TarHeader | undefined> {
    const said: Partial<TarHeader> = {};
    for (;;) {
      const header = await nextHeader();
      if (!header) return undefined;
      if (header.type === "L" || header.type === "x") Object.assign(said, await readText(header));
      else if (header.type === "0") return { ...header, ...said };
      else if (header.type === "S") throw withHoles(header.name);
      else {
        await skip(padded(said.size ?? header.size));
        for (const field of ["name", "size"] as const) delete said[field];
      }
    }
  }

  async function nextHeader(): Promise<TarHeader | undefined> {
    await reader.fill(tarBlock);
    // Two empty blocks end a .tar; some writers leave them out.
    if (reader.held() === 0) return undefined;
    const start = reader.position();
    const block = reader.takeHeld(tarBlock);
    if (block.every((byte) => byte === 0)) return undefined;
    const header = parseTarHeader(block);
    if (header) return header;
    throw unfit("file-corrupt", `has no header of an entry at byte ${start}; fetch or pack it again`);
  }

  async function readText({ type, size }: TarHeader): Promise<Partial<TarHeader>> {
    if (size > longestText) throw unfit("file-corrupt", `has a name of ${size} bytes at byte ${reader.position()}`);
    const content = (await reader.take(padded(size))).subarray(0, size);
    if (type === "L") return { name: textAt(content, 0, size) };
    const pax = parsePax(content);
    const [name, length] = [pax.get("path"), pax.get("size")];
    if ([...pax.keys()].some((key) => key.startsWith("GNU.sparse."))) throw withHoles(name ?? "a file");
    const said: Partial<TarHeader> = {};
    if (name) said.name = name;
    if (length) said.size = Number(length);
    return said;
  }

  async function skip(count: number): Promise<void> {
    for await (const _ of reader.stream(count));
  }

  function withHoles(name: string): RagInstructError {
    return unfit("unknown-format", `stores ${name} with its holes left out; pack it without --sparse`);
  }

  function unfit(code: "file-corrupt" | "unknown-format", what: string): RagInstructError {
    return new RagInstructError(code, `${source.name} ${what}`);
  }
}

function padded(size: number): number {
  return Math.ceil(size / tarBlock) * tarBlock;
}
