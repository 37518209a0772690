import type { Exemplar, Passage, Retriever } from "@rag-instruct/core";
import { paradigms } from "@rag-instruct/paradigms";
import fc from "fast-check";
import { expect, it } from "vitest";
import { planTasks } from "./plan-tasks.ts";
import type { SynthesisTask } from "./task-queue.ts";

const corpusOf = (documents: number, passagesEach: number): Passage[] =>
  Array.from({ length: documents * passagesEach }, (_, i) => ({
    id: `p${i}`,
    title: `Document ${Math.floor(i / passagesEach)}`,
    text: `passage ${i}`,
  }));

/** Finds the same crowded part of the corpus for many questions, as retrieval does, and what lies around a passage for its own words. */
function crowdedRetriever(passages: readonly Passage[]): Retriever {
  return {
    id: "crowded",
    retrieve: async (queries, { limit }) =>
      queries.map((query) => {
        const own = query.match(/passage (\d+)/);
        const start = own ? Number(own[1]) : query.length % 3;
        return passages
          .slice(start, start + Math.min(limit, 8))
          .map((passage, i) => ({ passage, score: -i, rank: i + 1 }));
      }),
  };
}

/** Finds enough for every question, so that no other exemplar has to take its place. */
function plentyRetriever(passages: readonly Passage[]): Retriever {
  return {
    id: "plenty",
    retrieve: async (queries, { limit }) =>
      queries.map(() => passages.slice(0, limit).map((passage, i) => ({ passage, score: -i, rank: i + 1 }))),
  };
}

const exemplarsOf = (sizes: readonly number[]): Exemplar[] =>
  sizes.flatMap((size, source) =>
    Array.from({ length: size }, (_, i) => ({
      id: `${source}-${i}`,
      question: `question ${"x".repeat(i % 7)}`,
      source: `source ${source}`,
      task: "open" as const,
    })),
  );

const settings = fc.record({
  documents: fc.integer({ min: 1, max: 60 }),
  passagesEach: fc.integer({ min: 1, max: 4 }),
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
  single: fc.integer({ min: 0, max: 120 }),
  multi: fc.integer({ min: 0, max: 40 }),
  useless: fc.integer({ min: 0, max: 40 }),
  seed: fc.integer(),
});

const countsOf = ({ single, multi, useless }: { single: number; multi: number; useless: number }) => ({
  "single-doc-answer": single,
  "multi-doc-answer": multi,
  "useless-doc": useless,
});

function usesOf(tasks: readonly SynthesisTask[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { id } of tasks.flatMap(({ documents }) => documents)) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

it("gives exactly the counts, with distinct tasks and as many distinct sources as each paradigm takes", async () => {
  await fc.assert(
    fc.asyncProperty(settings, async (given) => {
      const passages = corpusOf(given.documents + 4, given.passagesEach);
      const counts = countsOf(given);
      const plan = planTasks({
        exemplars: exemplarsOf([50, ...given.sizes]),
        retriever: crowdedRetriever(passages),
        passages: () => passages,
        counts,
        seed: given.seed,
        onUnplanned: () => {},
      });
      const tasks = await Array.fromAsync(plan);
      const wanted = tasks.filter(({ reserve }) => !reserve);
      expect(tasks.slice(0, wanted.length)).toEqual(wanted);
      const planned = Map.groupBy(wanted, ({ paradigm }) => paradigm);
      for (const [id, count] of Object.entries(counts)) expect(planned.get(id)?.length ?? 0).toBe(count);
      expect(new Set(tasks.map(({ id }) => id)).size).toBe(tasks.length);
      for (const { paradigm, documents } of tasks) {
        const { min, max } = paradigms[paradigm as keyof typeof paradigms].documents;
        expect(new Set(documents.map(({ id }) => id)).size).toBe(documents.length);
        expect(documents.length >= min && documents.length <= max).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

it("uses no passage more often than allowed, whatever the rest", async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.integer({ min: 1, max: 4 }), async (given, maxUses) => {
      const passages = corpusOf(given.documents, given.passagesEach);
      const unplanned: string[] = [];
      const plan = planTasks({
        exemplars: exemplarsOf(given.sizes),
        retriever: crowdedRetriever(passages),
        passages: () => passages,
        counts: { "single-doc-answer": given.single, "multi-doc-answer": given.multi },
        maxUses,
        seed: given.seed,
        onUnplanned: ({ paradigm }) => unplanned.push(paradigm),
      });
      const tasks: SynthesisTask[] = [];
      const outcome = await (async () => {
        for await (const task of plan) tasks.push(task);
      })().catch((error) => error as Error);
      expect(Math.max(0, ...usesOf(tasks).values())).toBeLessThanOrEqual(maxUses);
      const wanted = tasks.filter(({ reserve }) => !reserve).length;
      if (outcome) expect(outcome.message).toMatch(/finds? no more|never finds so many/);
      else expect(wanted + unplanned.length).toBeGreaterThanOrEqual(given.single + given.multi);
    }),
    { numRuns: 60 },
  );
});

it("reaches every document where there are as many wanted tasks, and every passage where there are as many of those", async () => {
  await fc.assert(
    fc.asyncProperty(settings, async ({ documents, passagesEach, sizes, seed }) => {
      const passages = corpusOf(documents + 4, passagesEach);
      const reached = async (count: number) => {
        const plan = planTasks({
          exemplars: exemplarsOf(sizes),
          retriever: crowdedRetriever(passages),
          passages: () => passages,
          counts: { "single-doc-answer": Math.floor(count / 2), "multi-doc-answer": Math.ceil(count / 2) },
          seed,
        });
        const tasks = await Array.fromAsync(plan);
        return tasks.filter(({ reserve }) => !reserve).flatMap((task) => task.documents);
      };
      const few = await reached(documents + 4);
      expect(new Set(few.map(({ title }) => title)).size).toBe(documents + 4);
      const many = await reached(passages.length);
      expect(new Set(many.map(({ id }) => id)).size).toBe(passages.length);
    }),
    { numRuns: 40 },
  );
});

it("uses each exemplar once before any twice, and is balanced over their sources for as long as they last", async () => {
  await fc.assert(
    fc.asyncProperty(settings, async (given) => {
      const passages = corpusOf(200, 2);
      const tasks = await Array.fromAsync(
        planTasks({
          exemplars: exemplarsOf(given.sizes),
          retriever: plentyRetriever(passages),
          depth: 400,
          passages: () => passages,
          counts: countsOf(given),
          reserve: 0,
          seed: given.seed,
          onUnplanned: () => {},
        }),
      );
      const uses = new Map(exemplarsOf(given.sizes).map(({ id }) => [id, 0]));
      for (const { exemplar } of tasks) uses.set(exemplar.id, uses.get(exemplar.id)! + 1);
      expect(Math.max(...uses.values()) - Math.min(...uses.values())).toBeLessThanOrEqual(1);
      if (tasks.length > Math.min(...given.sizes)) return;
      for (const [, group] of Map.groupBy(tasks, ({ paradigm }) => paradigm)) {
        const perSource = Map.groupBy(group, ({ exemplar }) => exemplar.source);
        const sizes = given.sizes.map((_, source) => perSource.get(`source ${source}`)?.length ?? 0);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
      }
    }),
    { numRuns: 40 },
  );
});

it("depends on the seed alone, and plans what brings its own documents as it is, once and first", async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.integer({ min: 0, max: 30 }), async (given, brought) => {
      const passages = corpusOf(80, 2);
      const own = exemplarsOf([brought]).map((exemplar, i): Exemplar => {
        const isSingle = i % 2 === 0;
        return {
          ...exemplar,
          id: `own-${i}`,
          documents: passages
            .slice(i, i + (isSingle ? 1 : 3))
            .map((passage) => ({ ...passage, id: `own-${passage.id}` })),
          paradigm: isSingle ? "single-doc-answer" : "multi-doc-answer",
        };
      });
      const plan = () =>
        Array.fromAsync(
          planTasks({
            exemplars: [...exemplarsOf(given.sizes), ...own],
            retriever: crowdedRetriever(passages),
            passages: () => passages,
            counts: countsOf(given),
            seed: given.seed,
            onUnplanned: () => {},
          }),
        );
      const tasks = await plan();
      expect(await plan()).toEqual(tasks);
      for (const [id, count] of Object.entries(countsOf(given))) {
        const mine = own.filter(({ paradigm }) => paradigm === id);
        const planned = tasks.filter(({ paradigm }) => paradigm === id).slice(0, Math.min(count, mine.length));
        expect(planned.map(({ exemplar, documents }) => [exemplar.id, documents])).toEqual(
          mine.slice(0, count).map((exemplar) => [exemplar.id, exemplar.documents]),
        );
      }
    }),
    { numRuns: 30 },
  );
});
