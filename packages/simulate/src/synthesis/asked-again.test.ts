import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { type CallsOptions, memoryLedger, openCalls } from "@rag-instruct/core/calls";
import { type ChatCompletion, type FaultyServerOptions, faultyServer } from "@rag-instruct/core/testing";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type SynthesisTask, synthesize } from "../index.ts";
import { askForJson } from "../verify/ask-model.ts";

beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

let ledger: ReturnType<typeof memoryLedger>;
beforeEach(() => {
  ledger = memoryLedger();
});

const task = (year: number): SynthesisTask => ({
  id: `t${year}`,
  paradigm: "single-doc-answer",
  exemplar: { id: "e", question: "How tall is the tower?", source: "s", task: "open" },
  documents: [{ id: `d${year}`, title: "", text: `The observatory was founded in the winter of ${year}.` }],
  reserve: false,
});
const good = (year: string) =>
  JSON.stringify({ question: "In which year was the observatory with the telescope founded?", answer: year });

/** One run over the ledger, of two tasks of which a server spoils the second; it comes to its end unless it is `killed`. */
async function run(spoil: Spoil | undefined, { killed = false, retryRejected = false, askAgain }: RunOptions = {}) {
  const isSpoiled = (prompt: string) => prompt.includes("1802");
  await using server = await faultyServer({
    reply: ({ messages }) => {
      const prompt = messages.at(-1)!.content;
      const [, year] = prompt.match(/winter of (\d+)/)!;
      return spoil?.says !== undefined && isSpoiled(prompt) ? spoil.says : good(year!);
    },
    reshape: (completion) => {
      const isGood = completion.choices[0]!.message.content === good("1801");
      return spoil?.reshape && !isGood ? spoil.reshape(completion) : completion;
    },
    moderates: spoil?.moderates ? ({ messages }) => isSpoiled(messages.at(-1)!.content) : undefined,
  });
  const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
  await using calls = await openCalls({ ledger, askAgain: retryRejected ? "all" : askAgain });
  const outcomes = await Array.fromAsync(synthesize({ tasks: [task(1801), task(1802)], model, calls, retryRejected }));
  if (!killed) await calls.endRun();
  return { outcome: outcomes[1]!, requests: server.counts().requests, calls: calls.summary() };
}

interface RunOptions extends Pick<CallsOptions, "askAgain"> {
  killed?: boolean;
  retryRejected?: boolean;
}

interface Spoil extends Pick<FaultyServerOptions, "reshape"> {
  says?: string;
  moderates?: boolean;
}

const ending = (message: object, finish_reason: string) => (completion: ChatCompletion) => ({
  ...completion,
  choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason }],
});

describe("a reply that cannot be used", () => {
  it.each<[string, Spoil]>([
    ["empty-reply", { says: "" }],
    ["cut-off", { reshape: ending({ content: '{"question":"Wh' }, "length") }],
    ["content-filter", { reshape: ending({ content: "" }, "content_filter") }],
    ["refusal", { reshape: ending({ refusal: "I cannot help." }, "stop") }],
    [
      "refusal",
      {
        says: JSON.stringify({
          question: "Who built the observatory?",
          answer: "I'm sorry, but I can't help with that.",
        }),
      },
    ],
    ["only-thinking", { reshape: ending({ reasoning_content: "Hm" }, "length") }],
    ["not-json", { says: "Sure!" }],
    ["wrong-keys", { says: '{"title": "x"}' }],
  ])("is asked for again in a later run: %s", async (reason, spoil) => {
    const first = await run(spoil);
    expect(first.outcome).toMatchObject({ status: "rejected", reason, asked: 1 });
    const mended = await run(undefined);
    expect([mended.outcome.status, mended.requests]).toEqual(["accepted", 1]);
    // The ledger keeps what was paid, and gives the later reply.
    const again = await run(undefined);
    expect([again.outcome, again.requests, again.calls.made]).toEqual([mended.outcome, 0, 0]);
    const paid: (number | undefined)[] = [];
    await ledger.heads(({ usage, asked }) => usage.inputTokens === 0 || paid.push(asked));
    expect(paid.length).toBe(first.requests + 1);
    expect(paid.at(-1)).toBe(2);
  });

  it("is asked for in so many later runs, and the outcome says in how many it was", async () => {
    const spoil = { reshape: ending({ content: "" }, "content_filter") };
    const runs: (number | undefined)[][] = [];
    for (let i = 0; i < 5; i++) {
      const { outcome, requests } = await run(spoil);
      runs.push([requests, outcome.status === "rejected" ? outcome.asked : undefined]);
    }
    expect(runs).toEqual([
      [2, 1],
      [1, 2],
      [1, 3],
      [0, 3],
      [0, 3],
    ]);
    expect(await run(spoil, { askAgain: 0 })).toMatchObject({ requests: 0 });
    expect(await run(spoil, { askAgain: 3 })).toMatchObject({ requests: 1, outcome: { asked: 4 } });
  });

  it("is not asked for again by a run that goes on after it was killed", async () => {
    expect(await run({ says: "" }, { killed: true })).toMatchObject({ requests: 3 });
    expect(await run({ says: "" }, { killed: true })).toMatchObject({ requests: 0, outcome: { asked: 1 } });
    expect(await run({ says: "" })).toMatchObject({ requests: 0 });
    expect(await run(undefined)).toMatchObject({ requests: 1, outcome: { status: "accepted" } });
  });

  it("is not asked for again where the second question of its run went well", async () => {
    const server = await faultyServer({
      reply: ({ messages }) => (messages.at(-1)!.content.includes("could not be used") ? good("1801") : "Sure!"),
    });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    for (const requests of [2, 2]) {
      await using calls = await openCalls({ ledger });
      const [outcome] = await Array.fromAsync(synthesize({ tasks: [task(1801)], model, calls }));
      await calls.endRun();
      expect([outcome!.status, server.counts().requests]).toEqual(["accepted", requests]);
    }
    await server.close();
  });

  it("of a judge is asked for again too", async () => {
    let says = "";
    await using server = await faultyServer({ reply: () => says });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const question = { instructions: "i", prompt: "p", schema: z.object({ a: z.number() }), version: "1" };
    const ask = async () => {
      await using calls = await openCalls({ ledger });
      const answer = await askForJson(question, { model, calls });
      await calls.endRun();
      return answer;
    };
    expect(await ask()).toMatchObject({ ok: false, calls: 2, asked: 1 });
    says = '{"a": 1}';
    expect(await ask()).toMatchObject({ ok: true, value: { a: 1 } });
    expect(server.counts().requests).toBe(3);
  });
});

describe("a verdict that cannot be read", () => {
  it("is asked for again, and what was written is not paid for again", async () => {
    const counts = { written: 0, judged: 0 };
    await using server = await faultyServer({
      reply: ({ messages }) => {
        const isJudging = messages[0]!.content.startsWith("You judge");
        counts[isJudging ? "judged" : "written"]++;
        return isJudging ? "Looks fine to me!" : good("1801");
      },
    });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    for (const judged of [2, 4, 6]) {
      await using calls = await openCalls({ ledger });
      const verify = { level: "judge" as const };
      const [outcome] = await Array.fromAsync(synthesize({ tasks: [task(1801)], model, calls, verify }));
      await calls.endRun();
      expect(outcome).toMatchObject({ status: "rejected", reason: "verdict-unreadable", asked: judged / 2 });
      expect(counts).toEqual({ written: 1, judged });
    }
  });
});

describe("all that was rejected", () => {
  it.each<[string, Spoil]>([
    ["prompt-refused", { moderates: true }],
    [
      "answer-not-in-documents",
      { says: JSON.stringify({ question: "Who built the old observatory?", answer: "Otto" }) },
    ],
  ])("is asked for again where that is wanted alone, however often it was: %s", async (reason, spoil) => {
    expect(await run(spoil)).toMatchObject({ requests: 2, outcome: { reason } });
    expect(await run(spoil)).toMatchObject({ requests: 0, outcome: { reason } });
    for (let i = 0; i < 4; i++)
      expect(await run(spoil, { retryRejected: true })).toMatchObject({ requests: 1, outcome: { reason } });
    expect(await run(undefined, { retryRejected: true })).toMatchObject({
      requests: 1,
      outcome: { status: "accepted" },
    });
    expect(await run(undefined)).toMatchObject({ requests: 0, outcome: { status: "accepted" } });
  });
});
