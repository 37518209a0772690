/**
 * Distinct texts, numbered in the order they came: their UTF-8 bytes one after another and an open-addressing hash table
 * over them. Millions of ids or terms cost their bytes and about twelve more each, and lie on disk as they lie in memory.
 */
export interface StringTable {
  size: number;
  bytes: Uint8Array;
  /** Text `i` is `bytes[offsets[i]]` to `bytes[offsets[i + 1]]`. */
  offsets: Uint32Array;
  /** Number of a text plus one, or 0 where the slot is free; as many as a power of two. */
  slots: Uint32Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let scratch = new Uint8Array(1 << 12);

/** FNV-1a, 32 bits: where it starts and how it takes in a byte. */
const hashStart = 0x811c9dc5 | 0;
const hashPrime = 0x01000193;

export function newStringTable(): StringTable {
  return {
    size: 0,
    bytes: new Uint8Array(1 << 12),
    offsets: new Uint32Array(1 << 10),
    slots: new Uint32Array(1 << 11),
  };
}

/** The number of a text, which is the size before the call where the text is new. */
export function internText(table: StringTable, text: string): number {
  const length = encode(text);
  return internBytes(table, { source: scratch, from: 0, to: length, hash: hashBytes(scratch, 0, length) });
}

/** The number of a text, or -1. */
export function findText(table: StringTable, text: string): number {
  const length = encode(text);
  return table.slots[slotOf(table, scratch, 0, length, hashBytes(scratch, 0, length))]! - 1;
}

/** As {@link internText}, of bytes whose hash is known. */
export function internBytes(
  table: StringTable,
  { source, from, to, hash }: { source: Uint8Array; from: number; to: number; hash: number },
): number {
  const slot = slotOf(table, source, from, to, hash);
  const known = table.slots[slot]!;
  if (known !== 0) return known - 1;
  const start = table.offsets[table.size]!;
  const end = start + to - from;
  if (end > table.bytes.length)
    table.bytes = enlarged(table.bytes, new Uint8Array(Math.max(end, table.bytes.length * 2)));
  if (table.size + 2 > table.offsets.length) {
    table.offsets = enlarged(table.offsets, new Uint32Array(table.offsets.length * 2));
  }
  for (let i = from, at = start; i < to; i++, at++) table.bytes[at] = source[i]!;
  table.offsets[++table.size] = end;
  table.slots[slot] = table.size;
  if (table.size * 2 > table.slots.length) rehash(table);
  return table.size - 1;
}

/** The numbers of all texts of another table, interned here in their order. */
export function internAll(table: StringTable, { bytes, offsets }: Pick<StringTable, "bytes" | "offsets">): Uint32Array {
  const numbers = new Uint32Array(offsets.length - 1);
  for (let i = 0; i < numbers.length; i++) {
    const [from, to] = [offsets[i]!, offsets[i + 1]!];
    numbers[i] = internBytes(table, { source: bytes, from, to, hash: hashBytes(bytes, from, to) });
  }
  return numbers;
}

/** The text of a number. */
export function textAt(table: Omit<StringTable, "slots">, index: number): string {
  // A copy, because a decoder takes no shared memory.
  return decoder.decode(table.bytes.slice(table.offsets[index]!, table.offsets[index + 1]!));
}

export function hashBytes(source: Uint8Array, from: number, to: number): number {
  let hash = hashStart;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ source[i]!, hashPrime);
  return hash;
}

function encode(text: string): number {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 3);
  // Ids and terms are short and mostly ASCII: to call the encoder costs more than to copy them.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return encoder.encodeInto(text, scratch).written;
    scratch[i] = code;
  }
  return text.length;
}

function slotOf(table: StringTable, source: Uint8Array, from: number, to: number, hash: number): number {
  const { bytes, offsets, slots } = table;
  const mask = slots.length - 1;
  const length = to - from;
  for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
    const known = slots[slot]!;
    if (known === 0) return slot;
    const start = offsets[known - 1]!;
    if (offsets[known]! - start !== length) continue;
    let i = 0;
    while (i < length && bytes[start + i] === source[from + i]) i++;
    if (i === length) return slot;
  }
}

function rehash(table: StringTable): void {
  const slots = new Uint32Array(table.slots.length * 2);
  const mask = slots.length - 1;
  for (let index = 0; index < table.size; index++) {
    const hash = hashBytes(table.bytes, table.offsets[index]!, table.offsets[index + 1]!);
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = index + 1;
  }
  table.slots = slots;
}

/** @returns `larger`, which begins with what the old one holds */
export function enlarged<T extends Uint8Array | Uint16Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
