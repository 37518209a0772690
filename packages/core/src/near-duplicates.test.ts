import { describe, expect, it } from "vitest";
import { jaccard, minHash, shingles } from "./near-duplicates.ts";
import { seededRandom } from "./random.ts";
import { wordsOf } from "./words.ts";

describe("shingles", () => {
  it("are the word n-grams, in any letter case", () => {
    expect(shingles("one two three four", { size: 3 }).size).toBe(2);
    expect(jaccard(shingles("One, two three."), shingles("one two THREE"))).toBe(1);
    expect(shingles("one two", { size: 3 }).size).toBe(1);
    expect(shingles("").size).toBe(0);
  });
  it("cut scripts without spaces into words", () => {
    expect(wordsOf("我喜欢学习机器学习").length).toBeGreaterThan(2);
  });
});

it("minHash estimates the Jaccard similarity within its standard error", () => {
  const random = seededRandom(3);
  for (const shared of [100, 300, 500]) {
    const pool = Array.from({ length: 1200 }, () => random.integer(2 ** 32));
    const a = new Set(pool.slice(0, 600));
    const b = new Set([...pool.slice(0, shared), ...pool.slice(600, 1200 - shared)]);
    const [x, y] = [minHash(a, { permutations: 512 }), minHash(b, { permutations: 512 })];
    const equal = x.filter((value, i) => value === y[i]).length / 512;
    expect(Math.abs(equal - jaccard(a, b))).toBeLessThan(4 / Math.sqrt(512));
  }
});
