import { describe, expect, it } from "vitest";
import { memoryPassages, type PassageStore, passageStoreOf } from "./plug-points.ts";

const passages = ["a", "b", "c"].map((id) => ({ id, title: `Page ${id}`, text: `text of ${id}` }));

describe("memoryPassages", () => {
  it("gives passages in the order of the ids, one as often as it is asked for, and all in the order of the list", async () => {
    const store = memoryPassages(passages);
    expect(store.size).toBe(3);
    expect(await store.get(["c", "a", "c"])).toEqual([passages[2], passages[0], passages[2]]);
    expect(await Array.fromAsync(store.all())).toEqual(passages);
  });
  it("names the ids that it does not hold, and refuses a list with an id twice", async () => {
    await expect(memoryPassages(passages).get(["a", "x", "y"])).rejects.toMatchObject({
      code: "passage-missing",
      message: "there is no passage with the id x, y",
    });
    const ids = Array.from({ length: 7 }, (_, i) => `x${i}`);
    await expect(memoryPassages([]).get(ids)).rejects.toThrow(/x0, x1, x2, x3, x4 and 2 more$/);
    expect(() => memoryPassages([...passages, passages[1]!])).toThrow(/passage id b occurs twice/);
  });
});

describe("passageStoreOf", () => {
  it("passes a store on as it is, and makes one of a list", async () => {
    const store: PassageStore = memoryPassages(passages);
    expect(passageStoreOf(store)).toBe(store);
    expect(await passageStoreOf(passages).get(["b"])).toEqual([passages[1]]);
  });
});
