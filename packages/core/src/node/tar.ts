import { RagInstructError } from "../errors.ts";
import { ByteReader, type NamedBytes } from "./open-bytes.ts";

/** Size of a header, and of what the content of an entry is filled up to. */
const blockBytes = 512;
/** Longest name or list of attributes that is held in memory. */
const maxTextBytes = 1 << 20;

/** True for the first bytes of a .tar, at least 512 of them where there are so many. */
export function isTar(head: Uint8Array): boolean {
  const block = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, blockBytes));
  // The oldest format has no magic and is recognised by its checksum; the magic recognises a header whose checksum is damaged.
  return block.toString("latin1", 257, 262) === "ustar" || parseHeader(block) !== undefined;
}

/**
 * The files of a .tar one after the other, whatever else it holds passed over, in the memory of the chunks that come: none
 * is copied or queued. The bytes of a file are valid until the next file is asked for; what nobody reads is passed over. Throws `file-corrupt` with the byte where it is cut off or a header is damaged, and `unknown-format`
 * for a file that is not stored in one piece.
 */
export async function* tarEntries(source: NamedBytes): AsyncGenerator<NamedBytes> {
  const reader = new ByteReader(source);
  try {
    for (let header = await nextFile(); header; header = await nextFile()) {
      const padding = -header.size & (blockBytes - 1);
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
  async function nextFile(): Promise<EntryHeader | undefined> {
    const said: Partial<EntryHeader> = {};
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

  async function nextHeader(): Promise<EntryHeader | undefined> {
    await reader.fill(blockBytes);
    // Two empty blocks end a .tar; some writers leave them out.
    if (reader.held === 0) return undefined;
    const start = reader.position;
    const block = reader.takeHeld(blockBytes);
    if (block.every((byte) => byte === 0)) return undefined;
    const header = parseHeader(block);
    if (header) return header;
    throw unfit("file-corrupt", `has no header of an entry at byte ${start}; fetch or pack it again`);
  }

  async function readText({ type, size }: EntryHeader): Promise<Partial<EntryHeader>> {
    if (size > maxTextBytes) throw unfit("file-corrupt", `has a name of ${size} bytes at byte ${reader.position}`);
    const content = (await reader.take(padded(size))).subarray(0, size);
    if (type === "L") return { name: textAt(content, 0, size) };
    const pax = parsePax(content);
    const [name, length] = [pax.get("path"), pax.get("size")];
    if ([...pax.keys()].some((key) => key.startsWith("GNU.sparse."))) throw withHoles(name ?? "a file");
    const said: Partial<EntryHeader> = {};
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
  return Math.ceil(size / blockBytes) * blockBytes;
}

/** What the header of an entry says, in the formats ustar, GNU and pax. */
interface EntryHeader {
  name: string;
  /** Bytes of content. */
  size: number;
  /** `0` is a file, `L` a long name of GNU tar, `x` and `g` are attributes of pax. */
  type: string;
}

/** The header in a block, or `undefined` where its checksum is not that of the block. */
function parseHeader(block: Buffer): EntryHeader | undefined {
  if (block.length < blockBytes || !hasItsChecksum(block)) return undefined;
  const [name, prefix] = [textAt(block, 0, 100), textAt(block, 345, 155)];
  // GNU tar keeps times where ustar keeps the front of a long path.
  const isUstar = block.toString("latin1", 257, 263) === "ustar\0";
  const type = String.fromCharCode(block[156]!);
  return {
    name: isUstar && prefix ? `${prefix}/${name}` : name,
    size: numberAt(block, 124, 12),
    type: type === "\0" || type === "7" ? "0" : type,
  };
}

/** Attributes of pax: `length key=value` and a line feed each, the length in bytes and of all of it. */
function parsePax(content: Buffer): Map<string, string> {
  const attributes = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString("latin1", at, space));
    if (space < 0 || !(length > space - at)) break;
    const [key = "", ...value] = content.toString("utf8", space + 1, at + length - 1).split("=");
    attributes.set(key, value.join("="));
    at += length;
  }
  return attributes;
}

/** Text that ends at the first zero. */
function textAt(block: Buffer, start: number, length: number): string {
  const end = block.subarray(start, start + length).indexOf(0);
  return block.toString("utf8", start, start + (end < 0 ? length : end));
}

/** Octal digits, or for what they cannot hold the number itself behind a first byte of 0x80. */
function numberAt(block: Buffer, start: number, length: number): number {
  if ((block[start]! & 0x80) === 0) return Number.parseInt(textAt(block, start, length).trim() || "0", 8);
  return Number(block.readBigUInt64BE(start + length - 8));
}

/** The sum of all bytes, with spaces for the checksum itself. */
function hasItsChecksum(block: Buffer): boolean {
  let sum = 8 * 0x20;
  for (let i = 0; i < blockBytes; i++) if (i < 148 || i >= 156) sum += block[i]!;
  return sum === numberAt(block, 148, 8);
}
