import type { Exemplar, Passage, Retriever, Task } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { type PlanOptions, planTasks } from "./plan-tasks.ts";

const prose: Passage[] = Array.from({ length: 120 }, (_, i) => ({
  id: `p${i}`,
  title: `Page ${i}`,
  text: `Nothing of use, ${i}.`,
}));
const table = "| Island | Area |\n|---|---|\n| Ostrey | 24 |\n| Corran | 11 |";
const tables: Passage[] = [1, 2, 3].map((i) => ({ id: `t${i}`, title: `Table ${i}`, text: table }));
const versions: Passage[] = [
  { id: "v1", title: "Guide", text: "The light of the tower reaches 22 miles. It is white." },
  { id: "v2", title: "Survey", text: "The light of the tower reaches 24 miles. It was lit in 1871." },
];
const corpus = [...prose.slice(0, 60), ...tables, ...versions, ...prose.slice(60)];
/** Finds the versions of a page together, and prose for all else. */
const retriever: Retriever = {
  id: "made",
  retrieve: async (queries, { limit }) =>
    queries.map((query) => {
      const found = query.includes("The light of the tower") ? [...versions, ...prose] : prose;
      return found.slice(0, limit).map((passage, i) => ({ passage, score: -i, rank: i + 1 }));
    }),
};
const tasks: Task[] = ["open", "yes-no", "claim", "multiple-choice", "comparison"];
const exemplars: Exemplar[] = Array.from({ length: 20 }, (_, i) => ({
  id: `e${i}`,
  question: `question ${i}`,
  source: "made",
  task: tasks[i % tasks.length]!,
}));
const plan = (options: Partial<PlanOptions>) =>
  Array.fromAsync(planTasks({ exemplars, retriever, passages: () => corpus, reserve: 0, ...options }));

describe("a paradigm that chooses its passages", () => {
  it("gets those that hold a table, in turn, wherever in the corpus they stand", async () => {
    const planned = await plan({ counts: { "table-answer": 6 } });
    const wanted = planned.filter(({ reserve }) => !reserve);
    expect(wanted).toHaveLength(6);
    expect(new Set(wanted.map(({ documents }) => documents[0]!.id))).toEqual(new Set(["t1", "t2", "t3"]));
    expect(planned.every(({ documents }) => documents.length === 1 && documents[0]!.text === table)).toBe(true);
  });
  it("gets two that give one thing other numbers", async () => {
    const [first] = await plan({ counts: { "conflicting-docs": 1 } });
    expect(first!.documents.map(({ id }) => id).sort()).toEqual(["v1", "v2"]);
  });
  it("is told by name where there are none, and takes nothing from the others", async () => {
    const bare = plan({ counts: { "table-answer": 1 }, passages: () => prose });
    await expect(bare).rejects.toThrow(
      /table-answer needs 1 passages of its kind \(The answer is looked up in a table/,
    );
    const counts = { "table-answer": 1, "single-doc-answer": 60 };
    const together = await plan({ counts, onUnplanned: () => {}, passages: () => prose }).catch((error) => error);
    expect(String(together)).toContain("table-answer");
    const whole = await plan({ counts: { "table-answer": 3, "single-doc-answer": 125 } });
    const reached = new Set(whole.flatMap(({ documents }) => documents.map(({ id }) => id)));
    expect(corpus.every(({ id }) => reached.has(id))).toBe(true);
  });
  it("imitates exemplars of the tasks that it takes, and no others", async () => {
    const planned = await plan({ counts: { "table-answer": 4, unanswerable: 4, "single-doc-answer": 10 } });
    const of = (id: string) => planned.filter(({ paradigm }) => paradigm === id).map(({ exemplar }) => exemplar.task);
    expect(new Set([...of("table-answer"), ...of("unanswerable")])).toEqual(new Set(["open", "comparison"]));
    expect(new Set(of("single-doc-answer")).size).toBe(5);
    const claims = exemplars.filter(({ task }) => task === "claim");
    await expect(plan({ exemplars: claims, counts: { unanswerable: 1 } })).rejects.toThrow(/unanswerable/);
  });
});
