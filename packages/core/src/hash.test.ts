import { describe, expect, it } from "vitest";
import { canonicalJson, hashOf, hashText, sha256 } from "./hash.ts";

// FIPS 180-4 examples and the empty text.
const vectors = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
] as const;

describe("hash", () => {
  it.each(vectors)("gives SHA-256 of %j, with and without the platform's own", (text, digest) => {
    expect(hashText(text)).toBe(digest);
    expect(sha256(new TextEncoder().encode(text))).toBe(digest);
  });

  it("agrees with the platform's own for every length around a block and for any script", () => {
    for (let length = 50; length < 140; length++) {
      const text = "é".repeat(length) + "漢字🙂".repeat(length % 3);
      expect(sha256(new TextEncoder().encode(text))).toBe(hashText(text));
    }
  });

  it("does not depend on the order of keys, and not on undefined ones", () => {
    expect(hashOf({ b: 1, a: { d: [1, 2], c: undefined } })).toBe(hashOf({ a: { d: [1, 2] }, b: 1 }));
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
    expect(hashOf({ a: 1 })).toMatch(/^[0-9a-f]{32}$/);
    expect(canonicalJson({ z: 1, a: "x" })).toBe('{"a":"x","z":1}');
  });
});
