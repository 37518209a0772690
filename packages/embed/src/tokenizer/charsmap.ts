/** Longest character, in bytes of UTF-8, that is looked up as a whole before its parts are. */
const longestWhole = 5;
/** Characters whose replacement is remembered. */
const mostRemembered = 1 << 14;
const printableAscii = /^[\x20-\x7e]*$/;

/**
 * The normaliser of a SentencePiece model: a map from characters to texts, kept as the bytes of a double-array trie
 * (darts-clone) and the texts it points to. What a user sees as one character is looked up first, then the code points of it,
 * as Python's tokenizers does.
 */
export function charsmapNormalizer(base64: string): (text: string) => string {
  const bytes = Buffer.from(base64, "base64");
  const trieBytes = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const texts = bytes.subarray(4 + trieBytes);
  const characters = new Intl.Segmenter("en", { granularity: "grapheme" });
  const remembered = new Map<string, string>();

  const textAt = (start: number) => texts.toString("utf8", start, texts.indexOf(0, start));
  function replaced(part: string): string | undefined {
    const found = units.length > 0 ? shortestPrefix(units, Buffer.from(part)) : undefined;
    return found === undefined ? undefined : textAt(found);
  }
  function normalizeCharacter(character: string): string {
    const known = remembered.get(character);
    if (known !== undefined) return known;
    const whole = Buffer.byteLength(character) <= longestWhole ? replaced(character) : undefined;
    const result = whole ?? Array.from(character, (part) => replaced(part) ?? part).join("");
    if (remembered.size < mostRemembered) remembered.set(character, result);
    return result;
  }
  return (text) => {
    if (printableAscii.test(text)) return Array.from(text, normalizeCharacter).join("");
    let result = "";
    for (const { segment } of characters.segment(text)) result += normalizeCharacter(segment);
    return result;
  };
}

/** The value of the shortest key that `bytes` begins with. The bits of a unit are those of darts-clone's `DoubleArrayUnit`. */
function shortestPrefix(units: Uint32Array, bytes: Uint8Array): number | undefined {
  const offset = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);
  let place = offset(units[0]!);
  for (const byte of bytes) {
    place ^= byte;
    const unit = units[place] ?? 0;
    if (byte === 0 || (unit & 0x8000_00ff) !== byte) return undefined;
    place ^= offset(unit);
    const hasLeaf = (unit & 0x100) !== 0;
    if (hasLeaf) return units[place]! & 0x7fff_ffff;
  }
  return undefined;
}
