import type { Exemplar, Passage, Retriever } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { pairCounts, planTasks, sharesInWords } from "./plan-tasks.ts";

const passages: Passage[] = Array.from({ length: 200 }, (_, i) => ({ id: `p${i}`, title: `T${i}`, text: `text ${i}` }));
const retriever: Retriever = {
  id: "all",
  retrieve: async (queries, { limit }) =>
    queries.map((query) => {
      const start = query.length % 20;
      return passages.slice(start, start + limit).map((passage, i) => ({ passage, score: -i, rank: i + 1 }));
    }),
};
const nothing: Retriever = { id: "nothing", retrieve: async (queries) => queries.map(() => []) };
const exemplars: Exemplar[] = Array.from({ length: 10 }, (_, i) => ({
  id: `e${i}`,
  question: `question ${"x".repeat(i)}`,
  source: i < 8 ? "large" : "small",
  task: "open",
}));
const counts = { "single-doc-answer": 6, "multi-doc-answer": 4 };

describe("planTasks", () => {
  it("gives exactly the counts, then reserves, with as many sources as the paradigm takes", async () => {
    const tasks = await Array.fromAsync(planTasks({ exemplars, retriever, counts }));
    const wanted = tasks.filter(({ reserve }) => !reserve);
    expect(Map.groupBy(wanted, ({ paradigm }) => paradigm).get("single-doc-answer")).toHaveLength(6);
    expect(Map.groupBy(wanted, ({ paradigm }) => paradigm).get("multi-doc-answer")).toHaveLength(4);
    expect(tasks.slice(0, 10)).toEqual(wanted);
    expect(tasks.length).toBe(10 + 3 + 2);
    for (const { paradigm, documents } of tasks) {
      expect(documents.length).toBeGreaterThanOrEqual(paradigm === "single-doc-answer" ? 1 : 2);
      expect(documents.length).toBeLessThanOrEqual(paradigm === "single-doc-answer" ? 1 : 4);
    }
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(tasks.length);
  });

  it("is the same for the same seed and another for another", async () => {
    const ids = async (seed: number) =>
      (await Array.fromAsync(planTasks({ exemplars, retriever, counts, seed }))).map(({ id }) => id);
    expect(await ids(1)).toEqual(await ids(1));
    expect(await ids(1)).not.toEqual(await ids(2));
  });

  it("spreads sources: none serves more often than allowed while there are others", async () => {
    const tasks = await Array.fromAsync(
      planTasks({ exemplars, retriever, counts: { "single-doc-answer": 40 }, maxUses: 2, reserve: 0.1 }),
    );
    const uses = Map.groupBy(
      tasks.flatMap(({ documents }) => documents),
      ({ id }) => id,
    );
    expect(Math.max(...[...uses.values()].map(({ length }) => length))).toBeLessThanOrEqual(2);
  });

  it("reads the corpus but once for each use that is asked of all its passages", async () => {
    let read = 0;
    function* corpus() {
      for (const passage of passages) {
        read++;
        yield passage;
      }
    }
    const each = 20;
    const tasks = await Array.fromAsync(
      planTasks({
        exemplars: Array.from({ length: 400 }, (_, i) => ({ ...exemplars[i % 10]!, id: `e${i}` })),
        retriever: nothing,
        counts: { "single-doc-answer": each * passages.length },
        passages: corpus,
        reserve: 0,
      }),
    );
    expect(tasks.filter(({ reserve }) => !reserve)).toHaveLength(each * passages.length);
    expect(read).toBeLessThan(4 * (each + 2) * passages.length);
    const uses = Map.groupBy(tasks, ({ documents }) => documents[0]!.id);
    const numbers = [...uses.values()].map(({ length }) => length);
    expect(Math.max(...numbers) - Math.min(...numbers)).toBeLessThanOrEqual(2);
  });

  it("deals datasets out in turn", async () => {
    const tasks = await Array.fromAsync(planTasks({ exemplars, retriever, counts: { "useless-doc": 4 } }));
    expect(
      tasks
        .slice(0, 4)
        .map(({ exemplar }) => exemplar.source)
        .sort(),
    ).toEqual(["large", "large", "small", "small"]);
  });

  it("gathers sources around passages of the corpus where retrieval finds nothing for the exemplar", async () => {
    const around: Retriever = {
      id: "around",
      retrieve: async (queries) =>
        queries.map((query) => {
          const i = passages.findIndex(({ title }) => query.startsWith(`${title} `));
          return i < 0 ? [] : passages.slice(i, i + 5).map((passage, at) => ({ passage, score: -at, rank: at + 1 }));
        }),
    };
    const tasks = await Array.fromAsync(
      planTasks({ exemplars, retriever: around, counts: { "multi-doc-answer": 20 }, passages: () => passages }),
    );
    expect(tasks.filter(({ reserve }) => !reserve)).toHaveLength(20);
    expect(new Set(tasks.flatMap(({ documents }) => documents.map(({ id }) => id))).size).toBeGreaterThan(30);
  });

  it("says so when there is nothing to plan with", async () => {
    const plan = (options: Partial<Parameters<typeof planTasks>[0]>) =>
      Array.fromAsync(planTasks({ exemplars, retriever, counts, ...options }));
    await expect(plan({ exemplars: [] })).rejects.toThrow(/no exemplars/);
    await expect(plan({ retriever: nothing })).rejects.toThrow(/needs 1 passages and retrieval never finds so many/);
    await expect(plan({ counts: { nonsense: 1 } })).rejects.toThrow(/no paradigm "nonsense"/);
    await expect(plan({ counts: { "useless-doc": 1.5 } })).rejects.toThrow(/whole number/);
    await expect(plan({ passages: () => [], retriever: nothing })).rejects.toThrow(/no passages to plan with/);
  });

  it("takes the documents that an exemplar brings, under the paradigm it names", async () => {
    const own: Exemplar = { ...exemplars[0]!, documents: passages.slice(7, 9), paradigm: "multi-doc-answer" };
    const [task] = await Array.fromAsync(
      planTasks({ exemplars: [own], retriever: nothing, counts: { "multi-doc-answer": 1 } }),
    );
    expect(task!.documents).toEqual(passages.slice(7, 9));
  });

  it("plans without a retriever what brings its documents: each once, in order, under its paradigm", async () => {
    const bring = (i: number, documents: number, paradigm?: string): Exemplar => ({
      ...exemplars[i]!,
      documents: passages.slice(10 * i, 10 * i + documents),
      paradigm,
    });
    const brought = [
      bring(0, 2, "multi-doc-answer"),
      bring(1, 1, "useless-doc"),
      bring(2, 1),
      bring(0, 2, "multi-doc-answer"),
    ];
    const tasks = await Array.fromAsync(planTasks({ exemplars: brought }));
    expect(tasks.map(({ exemplar, paradigm, reserve }) => [exemplar.id, paradigm, reserve])).toEqual([
      ["e0", "multi-doc-answer", false],
      ["e1", "useless-doc", false],
      ["e2", expect.any(String), false],
    ]);
    expect(tasks[0]!.documents).toEqual(passages.slice(0, 2));

    const unplanned: string[] = [];
    const some = planTasks({
      exemplars: [bring(3, 5, "single-doc-answer"), bring(4, 1, "single-doc-answer"), bring(5, 1, "single-doc-answer")],
      counts: { "single-doc-answer": 1 },
      onUnplanned: ({ exemplar, detail }) => unplanned.push(`${exemplar?.id}: ${detail}`),
    });
    expect((await Array.fromAsync(some)).map(({ exemplar }) => exemplar.id)).toEqual(["e4"]);
    expect(unplanned).toEqual(["e3: it brings 5 documents, and the paradigm takes 1 to 1"]);
    await expect(Array.fromAsync(planTasks({ exemplars: [exemplars[0]!] }))).rejects.toThrow(/e0 brings no documents/);
    await expect(Array.fromAsync(planTasks({ exemplars, retriever }))).rejects.toThrow(/how many pairs/);
  });

  it("lets exemplars that bring documents serve once, and again only when asked", async () => {
    const own = exemplars
      .slice(0, 2)
      .map((exemplar, i): Exemplar => ({ ...exemplar, documents: passages.slice(i, i + 1) }));
    const plan = async (reuse?: boolean) => {
      const unplanned: string[] = [];
      const tasks = await Array.fromAsync(
        planTasks({
          exemplars: own,
          retriever,
          counts: { "single-doc-answer": 5 },
          reserve: 0,
          reuse,
          onUnplanned: ({ detail }) => unplanned.push(detail),
        }),
      );
      return [
        tasks.filter(({ reserve }) => !reserve).length,
        unplanned.filter((detail) => detail.includes("reuse")).length > 0,
      ];
    };
    expect(await plan()).toEqual([2, true]);
    expect(await plan(true)).toEqual([5, false]);
  });
});

const ids = ["a", "b", "c"];

it("pairs are counted of each paradigm, in total with the rest to the first ones, or by paradigm", () => {
  expect(pairCounts(2, ids)).toEqual({ a: 2, b: 2, c: 2 });
  expect(pairCounts({ each: 2 }, ids)).toEqual({ a: 2, b: 2, c: 2 });
  expect(pairCounts({ total: 8 }, ids)).toEqual({ a: 3, b: 3, c: 2 });
  expect(pairCounts({ b: 5 }, ids)).toEqual({ b: 5 });
});

it("says in words what counts come to", () => {
  expect(sharesInWords(pairCounts(2, ids))).toBe(", 2 of each of 3 paradigms");
  expect(sharesInWords(pairCounts({ total: 8 }, ids))).toBe(", of 3 paradigms");
  expect(sharesInWords({ a: 4, b: 0 })).toBe("");
});
