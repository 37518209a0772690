import { describe, expect, it } from "vitest";
import { seededRandom } from "./random.ts";

describe("seededRandom", () => {
  it("repeats itself for the same path and differs for another", () => {
    const numbers = (...path: string[]) => {
      const random = seededRandom(7, ...path);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(numbers("noise", "a")).toEqual(numbers("noise", "a"));
    expect(numbers("noise", "a")).not.toEqual(numbers("noise", "b"));
    expect(numbers("ab", "c")).not.toEqual(numbers("a", "bc"));
  });

  it("is uniform: every tenth holds a tenth, within four standard deviations", () => {
    const random = seededRandom(1);
    const tenths = new Array(10).fill(0);
    for (let i = 0; i < 100_000; i++) tenths[Math.floor(random.next() * 10)]++;
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(9000));
  });

  it("shuffles without losing anything, every order about as often", () => {
    const random = seededRandom(2);
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(["a", "b", "c"]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect([...orders.keys()].sort()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(833));
  });

  it("refuses to pick from nothing", () => {
    expect(() => seededRandom(1).pick([])).toThrow(RangeError);
  });
});
