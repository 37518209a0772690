/**
 * A text as duplicates are told by: NFKC, lower case, every run of white space one space, none at the ends.
 */
export function normalizeText(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
}

/**
 * A hash of the normalised text in 52 bits, two lanes of MurmurHash3's mixing. Equal hashes only suggest equal texts.
 * ASCII text, by far the most, is normalised as it is hashed.
 */
export function textHash(text: string): number {
  return hashAscii(text) ?? hashCodes(normalizeText(text));
}

function hashAscii(text: string): number | undefined {
  let [low, high] = [0x9747b28c, 0x5bd1e995];
  let pendingSpace = false;
  let begun = false;
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    if (code > 127) return undefined;
    if (code === 32 || (code >= 9 && code <= 13)) {
      pendingSpace = begun;
      continue;
    }
    if (pendingSpace) {
      low = mix(low, 32);
      high = mix(high, 32 + 0x5bd1);
      pendingSpace = false;
    }
    begun = true;
    if (code >= 65 && code <= 90) code += 32;
    low = mix(low, code);
    high = mix(high, code + 0x5bd1);
  }
  return joined(low, high);
}

function hashCodes(text: string): number {
  let [low, high] = [0x9747b28c, 0x5bd1e995];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = mix(low, code);
    high = mix(high, code + 0x5bd1);
  }
  return joined(low, high);
}

function mix(hash: number, code: number): number {
  const k = Math.imul(code, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function joined(low: number, high: number): number {
  return (finish(high) >>> 12) * 2 ** 32 + (finish(low) >>> 0);
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
