import { isObject } from "./types.ts";

interface NodeCrypto {
  hash(algorithm: "sha256", data: string, encoding: "hex"): string;
}

// Loaded with the first hash: without it, a thread that makes none starts ten milliseconds sooner.
let nodeCrypto: NodeCrypto | undefined;
const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };

/**
 * A stable id of a JSON value: the first 128 bits of SHA-256 over its canonical JSON, in 32 hexadecimal characters.
 * Equal values give equal ids whatever the order of their keys, on every platform; properties that are undefined do not count.
 */
export function hashOf(value: unknown): string {
  return hashText(canonicalJson(value)).slice(0, 32);
}

/** SHA-256 of a text's UTF-8 bytes, 64 hexadecimal characters. A lone surrogate counts as U+FFFD. */
export function hashText(text: string): string {
  nodeCrypto ??= process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined;
  return nodeCrypto ? nodeCrypto.hash("sha256", text, "hex") : sha256(new TextEncoder().encode(text));
}

/** JSON with the keys of every object sorted by UTF-16 code unit, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return textOf(value) ?? "null";
}

/** As JSON.stringify with a replacer that sorts keys, but for its cost, which is tenfold. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if ("toJSON" in value && typeof value.toJSON === "function") return textOf(value.toJSON());
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item) ?? "null").join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const text = textOf(value[key]);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(",")}}`;
}

const initialState = fractionalBits([2, 3, 5, 7, 11, 13, 17, 19], Math.sqrt);
const roundConstants = fractionalBits(firstPrimes(64), Math.cbrt);

/** SHA-256 (FIPS 180-4) without any platform API, for places that have no synchronous one. Hexadecimal, 64 characters. */
export function sha256(bytes: Uint8Array): string {
  const blocks = Math.ceil((bytes.length + 9) / 64);
  const padded = new Uint8Array(blocks * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);

  const state = initialState.slice();
  const words = new Uint32Array(64);
  for (let offset = 0; offset < padded.length; offset += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(offset + i * 4);
    compress(state, words);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

function compress(state: Uint32Array, words: Uint32Array): void {
  for (let i = 16; i < 64; i++) {
    const w15 = words[i - 15]!;
    const w2 = words[i - 2]!;
    const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    words[i] = (words[i - 16]! + s0 + words[i - 7]! + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const t1 =
      (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + roundConstants[i]! + words[i]!) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = state[i]! + value;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fractionalBits(primes: number[], root: (n: number) => number): Uint32Array {
  return Uint32Array.from(primes, (prime) => Math.floor((root(prime) % 1) * 2 ** 32));
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  }
  return primes;
}
