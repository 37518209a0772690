import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { until } from "../test/children.ts";
import { inBatches, mapOrdered } from "./streams.ts";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(items);
}

describe("mapOrdered", () => {
  it("yields in the order of the input whatever finishes first", async () => {
    const delays = [30, 5, 20, 1, 10];
    const results = mapOrdered(delays, (ms, { index }) => sleep(ms, index), { concurrency: 5 });
    expect(await collect(results)).toEqual([0, 1, 2, 3, 4]);
  });

  it("never runs more than the concurrency and keeps it busy behind a slow head", async () => {
    let active = 0;
    let most = 0;
    let begun = 0;
    const head = Promise.withResolvers<void>();
    const results = mapOrdered(
      Array.from({ length: 40 }, (_, i) => i),
      async (i) => {
        begun++;
        most = Math.max(most, ++active);
        await (i === 0 ? head.promise : sleep(1));
        active--;
        return i;
      },
      { concurrency: 4, window: 16 },
    );
    const all = collect(results);
    await until(() => begun >= 16);
    await sleep(20);
    expect(begun).toBe(16);
    head.resolve();
    expect(await all).toHaveLength(40);
    expect(most).toBe(4);
  });

  it("does not hold a finished result back while the source is slow", async () => {
    const isTaken = Promise.withResolvers<void>();
    // Its second item comes only when the first result has been given.
    async function* slow() {
      yield 1;
      await isTaken.promise;
      yield 2;
    }
    const given: number[] = [];
    for await (const i of mapOrdered(slow(), async (i) => i, { concurrency: 2 })) {
      given.push(i);
      isTaken.resolve();
    }
    expect(given).toEqual([1, 2]);
  });

  it("throws the first error unwrapped, aborts the others and closes the source", async () => {
    const aborted: number[] = [];
    let closed = false;
    async function* source() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed = true;
      }
    }
    const boom = new Error("boom");
    const results = mapOrdered(
      source(),
      async (i, { signal }) => {
        if (i === 2) throw boom;
        signal.addEventListener("abort", () => aborted.push(i));
        await sleep(50, undefined, { signal }).catch(() => {});
        return i;
      },
      { concurrency: 3 },
    );
    await expect(collect(results)).rejects.toBe(boom);
    expect(aborted).toEqual([0, 1]);
    expect(closed).toBe(true);
  });

  it("stops at the caller's signal, whatever the work would still take, and rethrows its reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 20);
    const results = mapOrdered([1, 2, 3], (_, { signal }) => sleep(2 ** 30, undefined, { signal }), {
      concurrency: 2,
      signal: controller.signal,
    });
    await expect(collect(results)).rejects.toBe(reason);
  });

  it("stops the work when the loop is left", async () => {
    let begun = 0;
    for await (const i of mapOrdered(
      Array.from({ length: 1000 }, (_, i) => i),
      async (i) => {
        begun++;
        return i;
      },
      { concurrency: 2, window: 4 },
    )) {
      if (i === 5) break;
    }
    const then = begun;
    await sleep(20);
    expect(begun).toBe(then);
    expect(begun).toBeLessThan(20);
  });

  it("yields nothing for an empty source and passes on a failing one", async () => {
    expect(await collect(mapOrdered([], async (i) => i, { concurrency: 3 }))).toEqual([]);
    async function* failing() {
      yield 1;
      throw new Error("source broke");
    }
    await expect(collect(mapOrdered(failing(), async (i) => i, { concurrency: 1 }))).rejects.toThrow("source broke");
  });
});

it("groups a stream, the last batch shorter, and gives none for nothing", async () => {
  expect(await Array.fromAsync(inBatches([1, 2, 3, 4, 5], 2))).toEqual([[1, 2], [3, 4], [5]]);
  expect(await Array.fromAsync(inBatches([], 2))).toEqual([]);
});
