import { describe, expect, it } from "vitest";
import { jaccard, minHash, nearDuplicateIndex, shingles } from "./near-duplicates.ts";
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

/** Texts of which many are others with some words changed. */
function madeTexts(count: number): string[] {
  const random = seededRandom(5, "texts");
  const word = () => `w${random.integer(3000)}`;
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const isCopy = i > 0 && random.next() < 0.5;
    const words = isCopy ? texts[random.integer(i)]!.split(" ") : Array.from({ length: 40 }, word);
    const changes = isCopy ? random.integer(5) : 0;
    for (let c = 0; c < changes; c++) words[random.integer(words.length)] = word();
    texts.push(words.join(" "));
  }
  return texts;
}

describe("nearDuplicateIndex", () => {
  it.each([0.5, 0.7, 0.8, 0.9])("finds what exact Jaccard finds at %f, and nothing else", (threshold) => {
    const texts = madeTexts(600);
    const index = nearDuplicateIndex({ threshold, size: 3, seed: 1, grows: false });
    for (const text of texts) index.add(text);
    const sets = texts.map((text) => shingles(text));
    let wanted = 0;
    let found = 0;
    for (let member = 0; member < texts.length; member++) {
      const best = Math.max(0, ...sets.slice(0, member).map((set) => jaccard(set, sets[member]!)));
      const near = index.nearest(member);
      if (best >= threshold) wanted++;
      if (near) {
        found++;
        expect(near.similarity).toBeCloseTo(jaccard(sets[near.member]!, sets[member]!), 10);
        expect(near.similarity).toBeGreaterThanOrEqual(threshold);
      }
      index.keep(member);
    }
    expect(wanted).toBeGreaterThan(20);
    expect(found / wanted).toBeGreaterThan(0.97);
  });
  it("names every kept text at the threshold, in their order", () => {
    const texts = madeTexts(600);
    const index = nearDuplicateIndex({ threshold: 0.7, size: 2, recall: 0.9999 });
    const sets = texts.map((text) => shingles(text, { size: 2 }));
    let wanted = 0;
    let found = 0;
    for (const [member, text] of texts.entries()) {
      expect(index.add(text)).toBe(member);
      const exact = [...sets.slice(0, member).keys()].filter((other) => jaccard(sets[other]!, sets[member]!) >= 0.7);
      const near = index.allNear(member).map((one) => one.member);
      expect(exact.filter((other) => near.includes(other))).toEqual(near);
      wanted += exact.length;
      found += near.length;
      index.keep(member);
    }
    expect(wanted).toBeGreaterThan(100);
    expect(found / wanted).toBeGreaterThan(0.999);
  });

  it("keeps what is new and says what is not, one text after another", () => {
    const index = nearDuplicateIndex({ threshold: 0.8, size: 2 });
    const text = "In which year did the engineers finish the second of the three granite lighthouses of the harbour?";
    expect(index.findOrAdd(text)).toBeUndefined();
    expect(index.findOrAdd("Who painted the lighthouse?")).toBeUndefined();
    expect(index.findOrAdd(text.toUpperCase())).toEqual({ member: 0, similarity: 1, isSame: true });
    expect(index.findOrAdd(`${text} Say.`)).toMatchObject({ member: 0, isSame: false });
    expect(index.size).toBe(2);
    expect(() => nearDuplicateIndex({ grows: false }).findOrAdd(text)).toThrow(/needs an index that grows/);
  });
});
