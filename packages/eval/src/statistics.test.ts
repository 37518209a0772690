import { seededRandom } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { bootstrap, comparePaired, fastRandom } from "./statistics.ts";

describe("fastRandom", () => {
  it("gives xoshiro128** for the state that the seed fills", () => {
    // Computed apart from the published recurrence (Blackman and Vigna 2018) with 64-bit integers.
    const filler = seededRandom(7, "x");
    let state = [0, 0, 0, 0].map(() => BigInt(filler.integer(2 ** 32)));
    state[3]! |= 1n;
    const mask = 0xffffffffn;
    const rotate = (value: bigint, by: bigint) => ((value << by) | (value >> (32n - by))) & mask;
    const expected = Array.from({ length: 50 }, () => {
      const [a, b, c, d] = state as [bigint, bigint, bigint, bigint];
      const result = (rotate((b * 5n) & mask, 7n) * 9n) & mask;
      const [c2, d2] = [c ^ a, d ^ b];
      state = [a ^ d2, b ^ c2, c2 ^ ((b << 9n) & mask), rotate(d2, 11n)];
      return Number(result);
    });
    const random = fastRandom(7, "x");
    expect(expected.map(() => random())).toEqual(expected);
  });
});

describe("bootstrap", () => {
  const scores = Array.from({ length: 400 }, (_, i) => (i % 5 < 3 ? 1 : 0));

  it("agrees with the normal interval of a share", () => {
    const { mean, low, high, count } = bootstrap(scores);
    const margin = 1.96 * Math.sqrt((0.6 * 0.4) / 400);
    expect({ mean, count }).toEqual({ mean: 0.6, count: 400 });
    expect(low).toBeCloseTo(0.6 - margin, 2);
    expect(high).toBeCloseTo(0.6 + margin, 2);
  });

  it("gives the same interval for the same seed, another for another", () => {
    expect(bootstrap(scores, { seed: 5 })).toEqual(bootstrap(scores, { seed: 5 }));
    expect(bootstrap(scores, { seed: 5 })).not.toEqual(bootstrap(scores, { seed: 6 }));
  });

  it("holds the true mean about as often as its level says", () => {
    const random = seededRandom(3, "coverage");
    let held = 0;
    for (let trial = 0; trial < 300; trial++) {
      const sample = Array.from({ length: 100 }, () => random.next() ** 2);
      const { low, high } = bootstrap(sample, { seed: trial, resamples: 400, level: 0.9 });
      if (low <= 1 / 3 && 1 / 3 <= high) held++;
    }
    expect(held / 300).toBeGreaterThan(0.85);
    expect(held / 300).toBeLessThan(0.95);
  });

  it("gives one score, and scores all at an end of their range, the widest spread they can have", () => {
    const one = bootstrap([1]);
    expect(one).toMatchObject({ mean: 1, high: 1, count: 1 });
    expect(one.low).toBeCloseTo(0.2065, 3);
    expect(bootstrap([0.5])).toMatchObject({ mean: 0.5 });
    expect(bootstrap([0.5]).high - bootstrap([0.5]).low).toBeGreaterThan(0.7);
    expect(bootstrap([0, 0, 0, 0, 0]).high).toBeCloseTo(0.4345, 3);
    expect(bootstrap([0.5, 0.5, 0.5])).toMatchObject({ low: 0.5, high: 0.5 });
    const pair = comparePaired([{ id: "1", value: 0 }], [{ id: "1", value: 1 }]);
    expect(pair).toMatchObject({ difference: 1, high: 1 });
    expect(pair.low).toBeLessThan(0);
  });

  it("refuses to make an interval of nothing or of what is no number", () => {
    expect(() => bootstrap([])).toThrow(/at least one score/);
    expect(() => bootstrap([1, Number.NaN])).toThrow(/score 2 of 2 is NaN/);
  });
});

describe("comparePaired", () => {
  const items = (values: number[], prefix = "") => values.map((value, i) => ({ id: `${prefix}${i}`, value }));

  it("comes close to the exact sign test, which counts every flip", () => {
    // 9 items better, 1 worse: (1 + 10 + 10 + 1) / 2^10, the classic two-sided sign test.
    const first = items([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0]);
    const second = items([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0]);
    const { pValue, better, worse, difference, pairs } = comparePaired(first, second, { permutations: 50_000 });
    expect({ better, worse, pairs }).toEqual({ better: 9, worse: 1, pairs: 12 });
    expect(difference).toBeCloseTo(8 / 12, 12);
    expect(pValue).toBeCloseTo(22 / 1024, 2);
  });

  it("finds no difference between a run and itself", () => {
    const run = items([1, 0, 1, 1]);
    expect(comparePaired(run, run)).toMatchObject({ difference: 0, low: 0, high: 0, pValue: 1 });
  });

  it("sums fractions without taking rounding for a difference", () => {
    const first = items([0.1, 0.2, 0.3, 0.7]);
    const second = items([0.2, 0.3, 0.4, 0.8]);
    expect(comparePaired(first, second, { permutations: 20_000 }).pValue).toBeCloseTo(2 / 16, 2);
  });

  it("names the items that only one run has, and gives the same p for the same seed", () => {
    const first = [...items([1, 0, 1]), { id: "only-a", value: 1 }];
    const second = [...items([0, 0, 1]), { id: "only-b", value: 1 }];
    expect(comparePaired(first, second)).toMatchObject({ pairs: 3, onlyInFirst: ["only-a"], onlyInSecond: ["only-b"] });
    expect(comparePaired(first, second, { seed: 9 })).toEqual(comparePaired(first, second, { seed: 9 }));
  });

  it("refuses runs over other items and items scored twice", () => {
    expect(() => comparePaired(items([1]), items([1], "x"))).toThrow(/share no item/);
    expect(() => comparePaired([...items([1]), ...items([0])], items([1]))).toThrow(/scored twice/);
  });
});
