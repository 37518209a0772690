/** Size of a header, and of what the content of an entry is filled up to. */
export const tarBlock = 512;

/** What the header of an entry says, in the formats ustar, GNU and pax. */
export interface TarHeader {
  name: string;
  /** Bytes of content. */
  size: number;
  /** `0` is a file, `L` a long name of GNU tar, `x` and `g` are attributes of pax. */
  type: string;
}

/** The header in a block, or `undefined` where its checksum is not that of the block. */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  if (block.length < tarBlock || !hasItsChecksum(block)) return undefined;
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
export function parsePax(content: Buffer): Map<string, string> {
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
export function textAt(block: Buffer, start: number, length: number): string {
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
  for (let i = 0; i < tarBlock; i++) if (i < 148 || i >= 156) sum += block[i]!;
  return sum === numberAt(block, 148, 8);
}
