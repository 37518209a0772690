import { isObject } from "./is-object.ts";
import { sha256 } from "./sha256.ts";

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
