import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { type Progress, RagInstructError, type Task } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import {
  type ChatCompletion,
  type ChatRequest,
  type FaultyServerOptions,
  faultyServer,
} from "@rag-instruct/core/testing";
import { defineParadigm, paradigms } from "@rag-instruct/paradigms";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readForbiddenTexts } from "../decontaminate/decontaminate.ts";
import {
  offlineModel,
  pairsMissing,
  previewPairs,
  previewText,
  reasonWords,
  type StopRule,
  type SynthesisOutcome,
  type SynthesisTask,
  shortfallLines,
  synthesize,
} from "../index.ts";
import { checkLexically } from "../verify/lexical.ts";
import { budgetStop, budgetStopLine } from "./early-stop.ts";

let folder: string;
beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "synthesize-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tasks: Task[] = [
  "open",
  "comparison",
  "multi-hop",
  "yes-no",
  "multiple-choice",
  "how-to",
  "summary",
  "list",
  "claim",
];

function makeTask(
  i: number,
  { paradigm = "single-doc-answer", task = "open" as Task, reserve = false } = {},
): SynthesisTask {
  const count = paradigm.startsWith("multi") ? 2 : 1;
  const documents = Array.from({ length: count }, (_, d) => ({
    id: `${i}-${d}`,
    title: `Station ${i}`,
    text: `The observatory number${i}x${d} was founded by engineer Kowalski${i}${d} during the winter of 1${800 + i}. Its telescope weighs ${i + 3} tonnes.`,
  }));
  return {
    id: `t${i}`,
    paradigm,
    exemplar: { id: `e${i}`, question: "How tall is the tower?", source: "s", task },
    documents,
    reserve,
  };
}

async function run(options: Partial<Parameters<typeof synthesize>[0]> & { tasks: SynthesisTask[] }) {
  await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 5 });
  return await Array.fromAsync(synthesize({ model: offlineModel(), calls, ...options }));
}

/** A model on loopback that answers by what `reply` makes of the year in the document. */
async function runAgainst(
  reply: (year: string, request: ChatRequest) => string,
  given: SynthesisTask[],
  options: FaultyServerOptions = {},
  more: Partial<Parameters<typeof synthesize>[0]> = {},
) {
  await using server = await faultyServer({
    reply: (request) => reply(request.messages.at(-1)!.content.match(/winter of (\d+)/)![1]!, request),
    ...options,
  });
  const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
  const outcomes = await run({ model, ...more, tasks: given });
  return { outcomes, requests: server.counts().requests };
}
const goodReply = (year: string) =>
  JSON.stringify({
    question: `In which year was the observatory with the heavy telescope founded (${year.length} digits)?`,
    answer: year,
  });

describe("the offline model", () => {
  it.each(Object.keys(paradigms))("obeys %s for every kind of task, and the checks agree", async (paradigm) => {
    const outcomes = await run({ tasks: tasks.map((task, i) => makeTask(i, { paradigm, task })) });
    for (const [i, outcome] of outcomes.entries()) {
      expect(outcome, JSON.stringify(outcome)).toMatchObject({ status: "accepted" });
      if (outcome.status !== "accepted") continue;
      const { answer, options } = outcome.value;
      if (tasks[i] === "multiple-choice") expect(options![answer.charCodeAt(0) - 65]).toBeDefined();
      if (tasks[i] === "yes-no") expect(answer).toMatch(/^(Yes|No)/);
      if (tasks[i] === "claim") expect(answer).toMatch(/^(True|False)/);
    }
  });

  it("says the same to the same task, and refuses to be used for anything else", async () => {
    const given = [makeTask(1), makeTask(2)];
    const first = await run({ tasks: given });
    await rm(join(folder, "ledger.jsonl"));
    expect(await run({ tasks: given })).toEqual(first);
    const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Hello" }] }];
    await expect(offlineModel().doGenerate({ prompt })).rejects.toThrow(/synthesis tasks alone/);
  });
});

describe("synthesize", () => {
  it("accounts for every task in the order of the plan, keeping input, reason and raw reply", async () => {
    const given = [makeTask(1), makeTask(2), makeTask(3)];
    const { outcomes } = await runAgainst((year) => (year === "1802" ? "nonsense" : goodReply(year)), given);
    expect(outcomes.map(({ id, status }) => [id, status])).toEqual([
      ["t1", "accepted"],
      ["t2", "rejected"],
      ["t3", "accepted"],
    ]);
    expect(outcomes[1]).toMatchObject({ reason: "not-json", raw: "nonsense", input: given[1] });
  });

  it.each([
    ["points-at-document", { question: "What does the document say of the winter?", answer: "1801" }],
    ["points-at-document", { question: "When was the old observatory founded?", answer: "1801 [1]" }],
    [
      "refusal",
      { question: "When was the old observatory founded?", answer: "I'm sorry, but I can't help with that." },
    ],
    ["same-as-exemplar", { question: "How tall is the tower?", answer: "1801" }],
    ["answer-not-in-documents", { question: "When was the old observatory founded?", answer: "Berlin" }],
    ["leaks-answer", { question: "Was the winter of 1801 when it was founded, or another?", answer: "1801" }],
  ])("rejects for %s", async (reason, reply) => {
    const { outcomes } = await runAgainst(() => JSON.stringify(reply), [makeTask(1)]);
    expect(outcomes).toMatchObject([{ status: "rejected", reason }]);
  });

  it.each([
    "The element <document> holds an <example> of it.",
    'The first field is "question": "Who?" in that format.',
  ])("accepts a true answer that only looks like the prompt: %s", async (answer) => {
    const reply = { question: "How does markup begin that holds a sample of the observatory?", answer };
    const { outcomes } = await runAgainst(() => JSON.stringify(reply), [makeTask(1, { paradigm: "useless-doc" })]);
    expect(outcomes[0], JSON.stringify(outcomes[0])).toMatchObject({ status: "accepted", value: { answer } });
  });

  it.each([
    ["a document in its tag", ({ messages }: ChatRequest) => messages.at(-1)!.content.slice(0, 60)],
    ["the example in its tag", ({ messages }: ChatRequest) => messages.at(-1)!.content.split("\n\n").at(-1)!],
    [
      "a sentence of the rules",
      ({ messages }: ChatRequest) =>
        messages[0]!.content.split("\n").find((line) => line.includes("never an instruction"))!,
    ],
  ])("rejects an answer that repeats %s", async (_, part) => {
    const reply = (_year: string, request: ChatRequest) =>
      JSON.stringify({ question: "When was the old observatory founded?", answer: `1801. ${part(request)}` });
    const { outcomes } = await runAgainst(reply, [makeTask(1)]);
    expect(outcomes).toMatchObject([{ status: "rejected", reason: "copied-prompt" }]);
  });

  it("asks once more when a reply cannot be read, and takes the second", async () => {
    let asked = 0;
    const { outcomes, requests } = await runAgainst(
      (year, { messages }) => {
        asked++;
        return messages.at(-1)!.content.includes("could not be used") ? goodReply(year) : "Sure!";
      },
      [makeTask(1)],
    );
    expect(outcomes).toMatchObject([{ status: "accepted" }]);
    expect([asked, requests]).toEqual([2, 2]);
  });

  const ending = (message: object, finish_reason: string) => (completion: ChatCompletion) => ({
    ...completion,
    choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason }],
  });
  it.each([
    ["only-thinking", ending({ content: "", reasoning_content: "Hm, so" }, "length")],
    ["only-thinking", ending({ content: "<think>Hm, so" }, "length")],
    ["cut-off", ending({ content: '{"question": "Who was' }, "length")],
    ["content-filter", ending({ content: "" }, "content_filter")],
    ["refusal", ending({ refusal: "I cannot." }, "stop")],
    ["tool-call", ending({ tool_calls: [{ id: "1", function: { name: "f", arguments: "{}" } }] }, "tool_calls")],
    ["reasoning-only", ending({ reasoning_content: "It is so." }, "stop")],
  ])("names %s and asks no second time", async (reason, reshape) => {
    const { outcomes, requests } = await runAgainst(goodReply, [makeTask(1)], { reshape });
    expect(outcomes).toMatchObject([{ status: "rejected", reason }]);
    // What was cut has been asked for with a higher ceiling.
    expect(requests).toBe(reason === "only-thinking" || reason === "cut-off" ? 2 : 1);
  });

  it("asks once more where the model said nothing for no reason", async () => {
    const reshape = ending({ content: "" }, "stop");
    const { outcomes, requests } = await runAgainst(goodReply, [makeTask(1)], { reshape });
    expect(outcomes).toMatchObject([{ status: "rejected", reason: "empty-reply" }]);
    expect(requests).toBe(2);
  });

  it("reads a pair from the arguments of a tool and from reasoning", async () => {
    for (const shape of [
      (content: string) => ({ tool_calls: [{ id: "1", function: { name: "f", arguments: content } }] }),
      (content: string) => ({ reasoning_content: content }),
    ]) {
      await rm(join(folder, "ledger.jsonl"), { force: true });
      const reshape = (completion: ChatCompletion) =>
        ending(shape(completion.choices[0]!.message.content), "stop")(completion);
      const { outcomes } = await runAgainst(goodReply, [makeTask(1)], { reshape });
      expect(outcomes).toMatchObject([{ status: "accepted" }]);
    }
  });

  it("draws reserves until the counts are met, and no more", async () => {
    const given = [makeTask(1), makeTask(2), ...[3, 4, 5, 6].map((i) => makeTask(i, { reserve: true }))];
    const bad = new Set(["1801", "1803"]);
    const { outcomes } = await runAgainst((year) => (bad.has(year) ? "no" : goodReply(year)), given);
    expect(outcomes.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "t1 rejected",
      "t2 accepted",
      "t3 rejected",
      "t4 accepted",
    ]);
  });

  it("draws reserves for pairs of which no example could be made, and pays for nothing twice", async () => {
    const given = Array.from({ length: 6 }, (_, i) => makeTask(i, { reserve: i >= 3 }));
    const first = (await runAgainst(goodReply, given, {}, { counts: { "single-doc-answer": 3 } })).outcomes;
    const lost = first.flatMap((one) => (one.status === "accepted" && one.id !== "t1" ? [one.value] : []));
    const replaced = new Map(lost.map(({ id }) => [id, { reason: "noise-exhausted", detail: "1 of 9 is missing" }]));
    const more = { counts: { "single-doc-answer": 3 }, replaced };
    const { outcomes, requests } = await runAgainst(goodReply, given, {}, more);
    expect(outcomes.map((one) => `${one.id} ${one.status === "rejected" ? one.reason : one.status}`)).toEqual([
      "t0 unassembled",
      "t1 accepted",
      "t2 unassembled",
      "t3 accepted",
      "t4 accepted",
    ]);
    expect(outcomes[0]).toMatchObject({ detail: "noise-exhausted: 1 of 9 is missing", raw: goodReply("1800") });
    expect(requests).toBe(2);
  });

  it("draws reserves for duplicates and for what holds a forbidden text, the same at any concurrency", async () => {
    const given = Array.from({ length: 14 }, (_, i) => makeTask(i, { reserve: i >= 8 }));
    const question = (year: string) =>
      Number(year) < 1803
        ? "Which engineer founded the observatory that stood on the hill during that one winter?"
        : year === "1804"
          ? "In which of the winters of that century was the lamp of the harbour first lit?"
          : `Which of the stations did the engineer of the year ${year} found before number ${Number(year) * 7} was closed?`;
    const reply = (year: string) => JSON.stringify({ question: question(year), answer: `the winter of ${year}` });
    const forbidden = await readForbiddenTexts([
      { source: "qa", text: "In which of the winters of that century was the lamp of the harbour first lit?" },
      { source: "qa", text: `${given[5]!.documents[0]!.text} It is so.` },
    ]);
    const run = (concurrency: number) =>
      runAgainst(reply, given, {}, { duplicates: {}, forbidden, concurrency, counts: { "single-doc-answer": 8 } });
    const { outcomes, requests } = await run(1);
    const reasons = outcomes.map((one) => `${one.id} ${one.status === "rejected" ? one.reason : one.status}`);
    expect(reasons).toEqual([
      "t0 accepted",
      "t1 exact-duplicate",
      "t2 exact-duplicate",
      "t3 accepted",
      "t4 question-in-benchmark",
      "t5 context-in-benchmark",
      ...[6, 7, 8, 9, 10, 11].map((i) => `t${i} accepted`),
    ]);
    expect(outcomes[1]).toMatchObject({
      raw: reply("1801"),
      input: { id: "t1", evidence: { duplicate: { over: "question", percent: 100 }, lexical: {} } },
    });
    // What its documents give away is not asked for.
    expect(requests).toBe(11);
    await rm(join(folder, "ledger.jsonl"));
    expect((await run(16)).outcomes).toEqual(outcomes);
  });

  it("ends with what there is when the reserves are used up", async () => {
    const given = [makeTask(1), makeTask(2, { reserve: true })];
    const { outcomes } = await runAgainst(() => "no", given);
    expect(outcomes.map(({ id }) => id)).toEqual(["t1", "t2"]);
  });

  it("draws the same reserves whatever the concurrency", async () => {
    const given = [
      ...Array.from({ length: 30 }, (_, i) => makeTask(i)),
      ...Array.from({ length: 30 }, (_, i) => makeTask(100 + i, { reserve: true })),
    ];
    const reply = (year: string) => (Number(year) % 3 === 0 ? "no" : goodReply(year));
    const results = [];
    for (const concurrency of [1, 7, 40]) {
      await rm(join(folder, "ledger.jsonl"), { force: true });
      await using server = await faultyServer({
        reply: ({ messages }) => reply(messages.at(-1)!.content.match(/winter of (\d+)/)![1]!),
      });
      const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
      results.push((await run({ tasks: given, model, concurrency })).map(({ id, status }) => `${id} ${status}`));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("marks a task failed when its call fails for good, and goes on", async () => {
    // A 502 or 503 to all would be an outage, which is waited out.
    const refuse = () => ({ status: 500, code: "server_error", message: "the server had an error" });
    const { outcomes } = await runAgainst(goodReply, [makeTask(1), makeTask(2)], { refuse });
    expect(outcomes).toMatchObject([
      { status: "failed", id: "t1" },
      { status: "failed", id: "t2" },
    ]);
  });

  it("rejects a task whose prompt the endpoint refuses, asks the others, and does not ask it again", async () => {
    const moderates = ({ messages }: ChatRequest) => /winter of 1802/.test(messages.at(-1)!.content);
    const given = [makeTask(1), makeTask(2), makeTask(3)];
    const { outcomes, requests } = await runAgainst(goodReply, given, { speaksLike: "openrouter", moderates });
    expect(outcomes).toMatchObject([
      { status: "accepted" },
      { status: "rejected", reason: "prompt-refused", detail: expect.stringMatching(/\(violence\)/) },
      { status: "accepted" },
    ]);
    expect(requests).toBe(3);
    const again = await runAgainst(goodReply, given, { speaksLike: "openrouter", moderates });
    expect(again.requests).toBe(0);
    expect(again.outcomes[1]).toMatchObject({ status: "rejected", reason: "prompt-refused" });
  });

  it("gives a hopeless model up after the first outcomes and says why, and goes on where it is told to, without paying again", async () => {
    const given = Array.from({ length: 80 }, (_, i) => makeTask(i, { reserve: i >= 60 }));
    await using server = await faultyServer({ reply: () => "Sure!" });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
    const attempt = async (stopWhen?: StopRule) => {
      await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
      const synthesis = synthesize({ tasks: given, model, calls, stopWhen });
      const outcomes: SynthesisOutcome[] = [];
      const error = await (async () => {
        for await (const outcome of synthesis) outcomes.push(outcome);
      })().catch((error: Error) => error);
      return { outcomes, error, summary: synthesis.summary() };
    };
    const stopped = await attempt({ outcomes: 30, accepted: 0.05 });
    expect(stopped.error).toMatchObject({ code: "reply-unusable" });
    expect((stopped.error as Error).message).toMatch(
      /^stopped: 0 of the first 30 pairs were accepted, fewer than 5%; mostly not-json \(30\): the reply is no JSON object\. Try: /,
    );
    expect(stopped.outcomes.map(({ id }) => id)).toEqual(given.slice(0, 30).map(({ id }) => id));
    expect(stopped.summary).toMatchObject({ requested: 30, rejected: 30, reasons: { "not-json": 30 } });
    // Each was asked once more; nothing beyond the thirty was.
    expect(server.counts().requests).toBe(60);
    expect((await attempt()).outcomes).toHaveLength(80);
    expect(server.counts()).toMatchObject({ requests: 160, distinct: 160 });
  });

  it("stops a model that writes the same pair again and again, and names it", async () => {
    const given = Array.from({ length: 500 }, (_, i) => makeTask(i));
    const same = JSON.stringify({ question: "In which season was the old observatory founded?", answer: "winter" });
    await using server = await faultyServer({ reply: () => same });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
    const stopWhen = { outcomes: 30, accepted: 0.05 };
    const synthesis = synthesize({ tasks: given, model, calls, duplicates: {}, stopWhen });
    await expect(Array.fromAsync(synthesis)).rejects.toThrow(
      /^stopped: 1 of the first 30 pairs were accepted, fewer than 5%; mostly exact-duplicate \(29\): the pair was written before/,
    );
    expect(synthesis.summary()).toMatchObject({ requested: 30, accepted: 1, reasons: { "exact-duplicate": 29 } });
    expect(server.counts().requests).toBe(30);
  });

  it("lets a model go on that is accepted often enough, and counts nothing against it that the budget had no room for", async () => {
    const given = Array.from({ length: 60 }, (_, i) => makeTask(i));
    const reply = (year: string) => (Number(year) < 1828 ? "no" : goodReply(year));
    const rule = { stopWhen: { outcomes: 30, accepted: 0.05 } };
    const { outcomes } = await runAgainst(reply, given, {}, rule);
    expect(outcomes.filter(({ status }) => status === "accepted")).toHaveLength(32);
    await using server = await faultyServer({ reply: () => "no" });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    await using poor = await openCalls({ ledger: join(folder, "poor.jsonl"), budget: { tokens: 1 } });
    const synthesis = synthesize({ tasks: given, model, calls: poor, ...rule });
    const unpaid = await Array.fromAsync(synthesis);
    expect(unpaid.map(({ status }) => status)).toEqual(given.map(() => "failed"));
    expect(synthesis.summary()).toMatchObject({ requested: 0, failed: 0, unpaid: 60 });
    expect(budgetStopLine(budgetStop({ requested: 20, unpaid: 60 }, { usd: 0.2 })!)).toBe(
      "stopped by the budget: 60 pairs found no room, and would cost about $0.6000 more; raise it and run again to go on",
    );
  });

  it("previews a pair of each paradigm with prompt, reply and checks, and is not asked again for it", async () => {
    const given = [
      ...[0, 1].map((i) => makeTask(i)),
      ...[2, 3].map((i) => makeTask(i, { paradigm: "useless-doc" })),
      makeTask(4, { reserve: true }),
    ];
    await using server = await faultyServer({
      reply: ({ messages }) => goodReply(messages.at(-1)!.content.match(/winter of (\d+)/)![1]!),
    });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
    const previews = await Array.fromAsync(previewPairs({ tasks: given, model, calls }));
    expect(previews.map(({ task, outcome }) => [task.id, outcome.status])).toEqual([
      ["t0", "accepted"],
      ["t2", "rejected"],
    ]);
    const [first, second] = previews.map(previewText);
    expect(first).toMatch(/Prompt[\s\S]*Kowalski00[\s\S]*\[1\] Station 0[\s\S]*Reply\n {2}\{"question"/);
    expect(first).toMatch(
      /Accepted\n {2}question {2}In which year .*\n {2}answer {4}1800\n {2}lexical {3}\{.*"stated":/,
    );
    expect(second).toMatch(/Rejected as answer-stated: .*\n {2}lexical/);
    expect(await Array.fromAsync(previewPairs({ tasks: given, model, calls, count: 3 }))).toHaveLength(3);
    await Array.fromAsync(synthesize({ tasks: given, model, calls }));
    const { requests, distinct } = server.counts();
    expect(requests).toBe(distinct);
  });

  it("tells while it runs how many of those wanted are accepted, never more, and what was refused and why", async () => {
    const given = Array.from({ length: 24 }, (_, i) => makeTask(i, { reserve: i >= 12 }));
    const seen: Progress[] = [];
    const reply = (year: string) => (Number(year) % 3 === 0 ? "no" : goodReply(year));
    const onProgress = (progress: Progress) => seen.push(progress);
    await runAgainst(reply, given, {}, { onProgress, counts: { "single-doc-answer": 12 } });
    expect(seen[0]).toEqual({ stage: "synthesize", done: 0, total: 12, unit: "accepted" });
    for (const { done, total } of seen) expect([total, done <= 12]).toEqual([12, true]);
    expect(seen.at(-1)!.done).toBe(12);
    expect(seen.at(-1)!.note).toMatch(/^6 rejected, mostly not-json \(6\), [\d.]+ calls\/s, [\d,]+ tokens$/);
    expect(seen.at(-1)!.kept).toBe(0);
    // What the ledger had is told apart: only what is asked now says how long the rest takes.
    const more = [...given, ...Array.from({ length: 6 }, (_, i) => makeTask(24 + i))];
    await runAgainst(reply, more, {}, { onProgress, counts: { "single-doc-answer": 16 } });
    expect(seen.at(-1)).toMatchObject({ done: 16, kept: 12 });
  });

  it("says in words what is missing, why, and what to try", async () => {
    const given = [
      ...[0, 1, 2, 3].map((i) => makeTask(i, { reserve: i > 1 })),
      ...[4, 5].map((i) => makeTask(i, { paradigm: "useless-doc", reserve: i > 4 })),
    ];
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
    await using server = await faultyServer({
      reply: ({ messages }) => (/winter of 180[03]/.test(messages.at(-1)!.content) ? goodReply("1800") : "no"),
    });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const synthesis = synthesize({
      ...{ tasks: given.sort((a, b) => Number(a.reserve) - Number(b.reserve)), model, calls },
      counts: { "single-doc-answer": 2, "useless-doc": 1, "multi-doc-answer": 1 },
    });
    for await (const _ of synthesis);
    const summary = synthesis.summary();
    expect(pairsMissing(summary)).toEqual({ missing: 3, wanted: 4 });
    expect(shortfallLines(summary)).toEqual([
      "3 of 4 pairs are missing.",
      "  single-doc-answer  1 of 2: 1 missing, after 2 × not-json, 1 × answer-not-in-documents",
      "  useless-doc        0 of 1: 1 missing, after 2 × not-json",
      "  multi-doc-answer   0 of 1: 1 missing, as the plan has no task for them",
      expect.stringMatching(/^ {2}not-json \(4\): the reply is no JSON object\. Try: .*\.$/),
      expect.stringMatching(/^ {2}answer-not-in-documents \(1\): no document states the answer\. Try: .*\.$/),
    ]);
    expect(shortfallLines({ paradigms: { a: { wanted: 1, accepted: 1, short: 0, reasons: { refusal: 1 } } } })).toEqual(
      [],
    );
    expect(reasonWords("one-of-my-own")).toMatchObject({ means: "one-of-my-own" });
  });

  it("reads what an endpoint held back for not being JSON, and asks again with the mistake where it cannot be read", async () => {
    const reply = (year: string, { messages }: ChatRequest) => {
      const isSecond = messages.at(-1)!.content.includes("could not be used");
      return year === "1801" ? goodReply(year).replace("}", ",}") : isSecond ? goodReply(year) : "Let me think.";
    };
    const { outcomes, requests } = await runAgainst(reply, [makeTask(1), makeTask(2)], { speaksLike: "groq" });
    expect(outcomes).toMatchObject([{ status: "accepted" }, { status: "accepted" }]);
    expect(requests).toBe(3);
  });

  it("throws what stops every call", async () => {
    const stopped = runAgainst(goodReply, [makeTask(1)], { models: ["another"] });
    await expect(stopped).rejects.toSatisfy((error) => RagInstructError.is(error, "breaker-open"));
  });
});

describe("checkLexically", () => {
  const pair = (answer: string, documents: string[], options?: string[]) => ({
    id: "x",
    paradigm: "p",
    exemplarId: "e",
    question: "Who rebuilt the northern canal after the flood?",
    answer,
    documents: documents.map((text, i) => ({ id: String(i), title: "", text })),
    model: "m",
    options,
  });
  const check = (id: keyof typeof paradigms, given: ReturnType<typeof pair>) => {
    const verdict = checkLexically(given, { paradigm: paradigms[id] });
    return verdict.ok ? "ok" : verdict.reason;
  };
  it("wants the answer stated, in any of its forms, or not stated, as the paradigm says", () => {
    const text = "The northern canal was rebuilt by Ilse Brandt on 4 July 1932.";
    expect(check("single-doc-answer", pair("July 4, 1932", [text]))).toBe("ok");
    expect(check("single-doc-answer", pair("Otto Weiss", [text]))).toBe("answer-not-in-documents");
    expect(check("single-doc-support", pair("Ilse Brandt", [text]))).toBe("answer-stated");
    expect(check("single-doc-support", pair("an architect of canals", [text]))).toBe("ok");
    expect(check("useless-doc", pair("Ilse Brandt", [text]))).toBe("answer-stated");
  });
  it("reads the text of the right option", () => {
    const text = "The northern canal was rebuilt by Ilse Brandt.";
    expect(check("single-doc-answer", pair("B", [text], ["Otto Weiss", "Ilse Brandt"]))).toBe("ok");
    expect(check("single-doc-answer", pair("A", [text], ["Otto Weiss", "Ilse Brandt"]))).toBe(
      "answer-not-in-documents",
    );
  });
  it("wants every source of several touched", () => {
    const texts = ["The northern canal was rebuilt by Ilse Brandt.", "Penguins swim in the southern ocean."];
    expect(check("multi-doc-answer", pair("Ilse Brandt", texts))).toBe("document-unused");
  });
});

describe("a paradigm of one's own", () => {
  const conflictingDocs = defineParadigm({
    id: "conflicting-docs",
    documents: { min: 2, max: 3 },
    instructions: "You get documents that disagree on a point. Ask about that point, and state both sides.",
    relation: { answerStated: "either", documentsAre: "helpful" },
    reply: { positions: "what each document says on the point" },
  });
  it("gives pairs with its own fields of the reply, and rejects replies without them", async () => {
    const reply = ({ messages }: ChatRequest) => {
      const said = {
        question: "When was the observatory of engineer Kowalski founded?",
        answer: "In the winter of 1801.",
      };
      const asksFor = messages.some(({ content }) => content.includes("positions"));
      return JSON.stringify(
        asksFor && !messages.at(-1)!.content.includes("number2x") ? { positions: "1801, 1801", ...said } : said,
      );
    };
    await using server = await faultyServer({ reply });
    await using calls = await openCalls({ ledger: join(folder, "own.jsonl") });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const made = [1, 2].map((i) => ({
      ...makeTask(i, { paradigm: "multi-doc-answer" }),
      paradigm: "conflicting-docs",
    }));
    const own = { "conflicting-docs": conflictingDocs };
    const [whole, bare] = await Array.fromAsync(synthesize({ tasks: made, model, calls, paradigms: own }));
    expect(whole).toMatchObject({ status: "accepted", value: { fields: { positions: "1801, 1801" } } });
    expect(bare).toMatchObject({ status: "rejected", reason: "wrong-keys" });
  });
});
