import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { accepted, type Exemplar } from "@rag-instruct/core";
import { type CallsOptions, openCalls } from "@rag-instruct/core/calls";
import { type FaultyServer, faultyServer } from "@rag-instruct/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectJudgements, type FilterExemplarsOptions, filterExemplars } from "./filter-exemplars.ts";

let folder: string;
beforeAll(async () => {
  // The AI SDK prints its warnings otherwise.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  folder = await mkdtemp(join(tmpdir(), "filter-exemplars-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("filterExemplars", () => {
  it("keeps an exemplar that brings its documents, whatever it asks, and the order of the file", async () => {
    const context = [{ id: "1", title: "T", text: "A text." }];
    const code = "Write a Python function that reverses a list.";
    const rows = [
      { context, example_question: code, task: "Single-Doc Useless", source: "s" },
      { example_question: `${code} Explain it.`, task: "Single-Doc Useless", source: "s" },
      { context, example_question: "Sort these words: b, a.", task: "Single-Doc Answer", source: "s" },
      { example_question: "Who founded the city of Kyiv?", source: "s" },
      { context, example_question: "Translate this to French: hello.", source: "s" },
    ];
    const path = join(folder, "data.json");
    await writeFile(path, JSON.stringify(rows.map((row) => ({ context: [], ...row }))));
    const outcomes = await Array.fromAsync(filterExemplars(path));
    expect(outcomes.map(({ status }) => status)).toEqual(["accepted", "rejected", "accepted", "accepted", "accepted"]);
    const asked = outcomes.map((outcome) => (outcome.status === "accepted" ? outcome.value.question : outcome.id));
    expect([asked[0], asked[2], asked[4]]).toEqual([rows[0], rows[2], rows[4]].map((row) => row!.example_question));
  });

  it("passes over a file without exemplars that a folder or a glob led to, and names it; one that is named is refused", async () => {
    const [list, rows] = [join(folder, "dataset_info.json"), join(folder, "rows.jsonl")];
    await writeFile(list, JSON.stringify({ alpaca: { file_name: "a.json" } }));
    await writeFile(rows, '{"question":"Who founded Kyiv?"}\n');
    const outcomes = await Array.fromAsync(filterExemplars([list, rows], { mayHoldNone: (file) => file === list }));
    expect(outcomes).toMatchObject([
      { status: "rejected", reason: "unknown-shape", id: `${list}:1` },
      { status: "accepted" },
    ]);
    await expect(Array.fromAsync(filterExemplars([list, rows]))).rejects.toThrow(/list of datasets/);
  });
});

const places = ["Kyiv", "Lima", "Oslo", "Bern", "Rome", "Paris", "Quito", "Cairo", "Tunis", "Hanoi"];
const listed = places.flatMap((place): Exemplar[] => [
  { id: `a-${place}`, question: `Who founded the city of ${place} and when?`, source: "alpaca", task: "open" },
  {
    id: `l-${place}`,
    question: `Which rulers were buried near ${place} in those days?`,
    source: "lmsys",
    task: "open",
  },
  {
    id: `m-${place}`,
    question: `What do people of ${place} eat at weddings in spring?`,
    source: "lmsys",
    task: "open",
  },
]);

describe("a sample of exemplars", () => {
  const sampled = async (options: FilterExemplarsOptions) => {
    const outcomes = await Array.fromAsync(filterExemplars(listed, { filter: "off", ...options }));
    expect(outcomes.map(({ id }) => id).sort()).toEqual(listed.map(({ id }) => id).sort());
    return Array.fromAsync(accepted(outcomes));
  };
  const counted = async (options: FilterExemplarsOptions) => {
    const kept = await sampled(options);
    return Object.fromEntries([...Map.groupBy(kept, ({ source }) => source)].map(([name, of]) => [name, of.length]));
  };

  it.each([
    [{ each: 4 }, { alpaca: 4, lmsys: 4 }],
    [{ each: 15 }, { alpaca: 10, lmsys: 15 }],
    [{ total: 12 }, { alpaca: 6, lmsys: 6 }],
    [{ total: 26 }, { alpaca: 10, lmsys: 16 }],
    [
      { total: 8, weights: { lmsys: 3 } },
      { alpaca: 2, lmsys: 6 },
    ],
    [{ weights: { lmsys: 0.5 } }, { alpaca: 10, lmsys: 5 }],
    [{ weights: { alpaca: 0 } }, { lmsys: 20 }],
  ])("%j takes %j", async (sample, wanted) => expect(await counted({ sample })).toEqual(wanted));

  it("is drawn by the seed alone, in the order of the data, and refuses what makes no sense", async () => {
    const ids = async (seed: number) => (await sampled({ sample: { each: 5 }, seed })).map(({ id }) => id);
    expect(await ids(1)).toEqual(await ids(1));
    expect(await ids(1)).not.toEqual(await ids(2));
    const order = listed.map(({ id }) => id);
    expect(await ids(1)).toEqual((await ids(1)).sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    await expect(sampled({ sample: { weights: { orca: 2 } } })).rejects.toThrow(
      /source "orca"; there are alpaca, lmsys/,
    );
    await expect(sampled({ sample: { each: 1, total: 2 } })).rejects.toThrow(/each alone, or total and weights/);
  });
});

describe("a filter by a model", () => {
  async function filtered(
    server: FaultyServer,
    given: FilterExemplarsOptions = {},
    options: Partial<CallsOptions> = {},
  ) {
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 5, ...options });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    return await Array.fromAsync(filterExemplars(listed, { filter: "model", model, calls, ...given }));
  }
  const serve = () =>
    faultyServer({
      reply: ({ messages }) =>
        JSON.stringify({ reason: "said so", keep: !/buried|Oslo/.test(messages.at(-1)!.content) }),
    });

  it("asks about what the rules leave and no more than a sample needs, and fills up what it does not keep", async () => {
    await using server = await serve();
    const outcomes = await filtered(server, { sample: { each: 4 } });
    const kept = await Array.fromAsync(accepted(outcomes));
    expect(kept.map(({ source }) => source).sort()).toEqual(
      [..."aaaa", ..."llll"].map((c) => (c === "a" ? "alpaca" : "lmsys")),
    );
    expect(kept.filter(({ question }) => /buried|Oslo/.test(question))).toEqual([]);
    expect(outcomes.map(({ id }) => id).sort()).toEqual(listed.map(({ id }) => id).sort());
    const { requests } = server.counts();
    expect([requests > 8, requests < listed.length]).toEqual([true, true]);
    expect(await expectJudgements(listed, { sample: { each: 4 } })).toMatchObject({ calls: 8 });
    expect(await filtered(server, { sample: { each: 4 } })).toEqual(outcomes);
    expect(server.counts().requests).toBe(requests);
  });

  it("judges none that brings documents, and stops where the budget is spent", async () => {
    await using server = await serve();
    const brought = listed.map((exemplar) => ({ ...exemplar, documents: [{ id: "1", title: "", text: "A text." }] }));
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const ledger = join(folder, "other.jsonl");
    await using calls = await openCalls({ ledger, budget: { tokens: 100 } });
    const kept = await Array.fromAsync(filterExemplars(brought, { filter: "model", model, calls }));
    expect(kept.every(({ status }) => status === "accepted")).toBe(true);
    const judged = Array.fromAsync(filterExemplars(listed, { filter: "model", model, calls }));
    await expect(judged).rejects.toMatchObject({ code: "budget-exhausted" });
    expect(server.counts().requests).toBe(0);
    await expect(Array.fromAsync(filterExemplars(listed, { filter: "model" }))).rejects.toThrow(
      /needs a model and calls/,
    );
  });
});
