import { describe, expect, it } from "vitest";
import { Kept } from "./kept.ts";

/** Counts what is opened and closed. */
function counting() {
  const log: string[] = [];
  const open = (name: string) => async () => {
    log.push(`open ${name}`);
    return { name, [Symbol.asyncDispose]: async () => void log.push(`close ${name}`) };
  };
  return { log, open };
}

describe("Kept", () => {
  it("opens once for all who ask by one key, at once or one after the other, and closes with its own end", async () => {
    const { log, open } = counting();
    {
      await using kept = new Kept<{ name: string } & AsyncDisposable>();
      const both = await Promise.all([kept.get("a", open("a")), kept.get("a", open("a"))]);
      expect(both.map(({ name }) => name)).toEqual(["a", "a"]);
      for (const one of both) await one[Symbol.asyncDispose]();
      await (await kept.get("a", open("a")))[Symbol.asyncDispose]();
      expect(log).toEqual(["open a"]);
    }
    expect(log).toEqual(["open a", "close a"]);
  });

  it("closes what another key replaced when its last user is done, however often that one says so", async () => {
    const { log, open } = counting();
    await using kept = new Kept<{ name: string } & AsyncDisposable>();
    const [one, other] = [await kept.get("a", open("a")), await kept.get("a", open("a"))];
    await using next = await kept.get("b", open("b"));
    expect(next.name).toBe("b");
    await one[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    expect(log).toEqual(["open a", "open b"]);
    await other[Symbol.asyncDispose]();
    expect(log).toEqual(["open a", "open b", "close a"]);
  });

  it("opens anew what could not be opened", async () => {
    const { open } = counting();
    await using kept = new Kept<{ name: string } & AsyncDisposable>();
    const failing = () => kept.get("a", () => Promise.reject(new Error("not there")));
    await expect(Promise.all([failing(), failing()])).rejects.toThrow("not there");
    expect((await kept.get("a", open("a"))).name).toBe("a");
  });
});
