import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RagInstructError } from "../errors.ts";
import { type FaultyServerOptions, faultyServer } from "../testing/index.ts";
import { type Calls, type CallsOptions, openCalls } from "./calls.ts";

let folder: string;
let ledger: string;

beforeAll(() => {
  // The AI SDK prints its warnings otherwise.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "calls-"));
  ledger = join(folder, "made/when/needed/ledger.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const key = "sk-very-secret-key-123456";

async function withServer<T>(
  options: FaultyServerOptions,
  action: (tools: {
    ask(prompt: string): Promise<string>;
    calls: Calls;
    server: Awaited<ReturnType<typeof faultyServer>>;
  }) => Promise<T>,
  callsOptions: Partial<CallsOptions> = {},
): Promise<T> {
  await using server = await faultyServer(options);
  await using calls = await openCalls({ ledger, backOff: 10, ...callsOptions });
  const model = createOpenAICompatible({ name: "test", baseURL: server.url, apiKey: key })("m");
  const ask = async (prompt: string) => (await calls.ask({ model, prompt, version: "1" })).text;
  // Without await the server would be closed before the action has run.
  return await action({ ask, calls, server });
}

const prompts = (count: number) => Array.from({ length: count }, (_, i) => `prompt ${i}`);

describe("calls", () => {
  it("says what replies came to by what they were for, each once, paid for now or earlier", async () => {
    const prices = { m: { inputPerMillion: 1e6, outputPerMillion: 0 } };
    await using server = await faultyServer();
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const run = async (given: Partial<CallsOptions>) => {
      await using calls = await openCalls({ ledger, ...given });
      const ask = (purpose: string | undefined, prompt: string) => calls.ask({ model, prompt, version: "1", purpose });
      await Promise.all([ask("write", "a"), ask("write", "a"), ask("write", "b"), ask("judge", "c")]);
      // What something was first needed for counts.
      await ask("judge", "a");
      await ask(undefined, "d");
      await calls.perform({
        ...{ key: "free", model: "offline", purpose: "write", worst: { inputTokens: 0, outputTokens: 0 } },
        execute: async () => ({ value: "", usage: { inputTokens: 0, outputTokens: 0 } }),
      });
      return { spending: await calls.spending(), made: calls.summary().made };
    };
    const first = await run({});
    const replies = Object.entries(first.spending).map(([purpose, { replies }]) => [purpose, replies]);
    expect(Object.fromEntries(replies)).toEqual({ write: 2, judge: 1, other: 1 });
    expect(first.spending.write).toMatchObject({ usd: 0 });
    const second = await run({ prices });
    expect(second.made).toBe(0);
    const { inputTokens } = first.spending.write!;
    // What was recorded without a price counts at the one that is given now.
    expect(second.spending.write).toEqual({ ...first.spending.write, usd: inputTokens });
  });

  it("waits before the first call that the ledger does not answer, once, and makes none where it is told not to", async () => {
    let asked = 0;
    const beforeFirst = async () => {
      asked++;
      await Promise.resolve();
    };
    await withServer({}, async ({ ask }) => Promise.all(prompts(5).map(ask)), { beforeFirst });
    expect(asked).toBe(1);
    await withServer({}, async ({ ask }) => Promise.all(prompts(5).map(ask)), { beforeFirst });
    expect(asked).toBe(1);
    const refuse = () => {
      throw new Error("not for so much");
    };
    await withServer(
      {},
      async ({ ask, server }) => {
        expect(await ask("prompt 1")).toBeTypeOf("string");
        for (const prompt of ["x", "y"]) await expect(ask(prompt)).rejects.toThrow("not for so much");
        expect(server.counts().requests).toBe(0);
      },
      { beforeFirst: refuse },
    );
  });

  it("pays for the same request once, within a run and over runs", async () => {
    await withServer({}, async ({ ask, calls, server }) => {
      const first = await Promise.all([ask("a"), ask("a"), ask("b")]);
      expect(first[0]).toBe(first[1]);
      expect(server.counts().requests).toBe(2);
      expect(calls.summary()).toMatchObject({ made: 2, reused: 0 });
      expect(calls.summary().inputTokens).toBeGreaterThan(0);
    });
    await withServer({}, async ({ ask, calls, server }) => {
      await ask("b");
      await ask("a");
      expect(server.counts().requests).toBe(0);
      expect(calls.summary()).toMatchObject({ made: 0, reused: 2 });
    });
  });

  it("asks again when something the reply depends on has changed", async () => {
    await withServer({}, async ({ calls, server }) => {
      const model = (name: string) => createOpenAICompatible({ name, baseURL: server.url })("m");
      const ask = { model: model("one"), prompt: "p", version: "1" };
      await calls.ask(ask);
      await calls.ask({ ...ask, version: "2" });
      await calls.ask({ ...ask, model: model("two") });
      await calls.ask({ ...ask, settings: { temperature: 0.5 } });
      await calls.ask({ ...ask, repeat: 1 });
      await calls.ask(ask);
      expect(server.counts().requests).toBe(5);
    });
  });

  it("gets every answer from a server that fails in every way that passes", async () => {
    const faults = { "rate-limit": 0.1, "server-error": 0.1, reset: 0.05, "cut-body": 0.05, drip: 0.1, hang: 0.02 };
    await withServer(
      { faults, retryAfter: "milliseconds", retryAfterSeconds: 0.05 },
      async ({ ask, calls, server }) => {
        const replies = await Promise.all(prompts(100).map(ask));
        expect(new Set(replies).size).toBe(100);
        expect(server.counts().distinct).toBe(100);
        expect(calls.summary().made).toBe(100);
        expect(calls.summary().retried).toBeGreaterThan(10);
      },
      { timeout: 1000, attempts: 10 },
    );
  });

  it.each(["seconds", "date", "milliseconds"] as const)(
    "waits as long as the server asks, in %s",
    async (retryAfter) => {
      await withServer({ perSecond: 2, retryAfter, retryAfterSeconds: 1 }, async ({ ask, server }) => {
        await Promise.all(prompts(4).map(ask));
        const { arrivals, statuses } = server.counts();
        expect(statuses[429]).toBeGreaterThan(0);
        // A date has whole seconds: up to one of them is gone already.
        expect(arrivals.at(-1)! - arrivals[0]!).toBeGreaterThan(retryAfter === "date" ? 20 : 900);
      });
    },
  );

  it.each([
    ["a wrong key", { apiKey: "sk-another" }, /refuses the key/],
    ["an unknown model", { models: ["other"] }, /does not know the model/],
  ])("stops all calls at once for %s, without the key in the message", async (_, options, message) => {
    await withServer(options, async ({ ask, server }) => {
      const results = await Promise.allSettled(prompts(50).map(ask));
      for (const result of results) {
        const { reason } = result as PromiseRejectedResult;
        expect(RagInstructError.is(reason, "breaker-open")).toBe(true);
        expect(reason.message).toMatch(message);
        expect(JSON.stringify([reason.message, reason.stack, reason.cause?.message])).not.toContain(key);
      }
      expect(server.counts().requests).toBeLessThanOrEqual(16);
    });
    expect(await readFile(ledger, "utf8")).toBe("");
  });

  it("keeps a text that does not fit the schema: it was paid for", async () => {
    await using server = await faultyServer({ reply: () => "no JSON here" });
    await using calls = await openCalls({ ledger });
    const { z } = await import("zod");
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const reply = await calls.ask({ model, prompt: "p", version: "1", schema: z.object({ question: z.string() }) });
    expect(reply.text).toBe("no JSON here");
    expect(server.counts().requests).toBe(1);
  });

  it("asks without a schema where the server takes none", async () => {
    await using server = await faultyServer({ schema: "refused" });
    await using calls = await openCalls({ ledger });
    const { z } = await import("zod");
    const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
    const ask = (prompt: string) =>
      calls.ask({ model, prompt, version: "1", schema: z.object({ question: z.string() }) });
    expect((await ask("a")).text).toContain("question");
    expect((await ask("b")).text).toContain("question");
    expect(server.counts().statuses).toEqual({ 400: 1, 200: 2 });
  });

  it("stops at once when the caller aborts", async () => {
    await using server = await faultyServer({ faults: { hang: 1 } });
    await using calls = await openCalls({ ledger, timeout: 500 });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const controller = new AbortController();
    const asked = calls.ask({ model, prompt: "p", version: "1", signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(asked).rejects.toThrow("enough");
  });

  it("keeps the answers that are under way when callers abort, so that nobody pays for them again", async () => {
    const leaving = new AbortController();
    const open = Promise.withResolvers<void>();
    let come = 0;
    await using server = await faultyServer({
      async intercept({ moment }) {
        if (moment === "carried-out") return open.promise;
        if (++come === 4) leaving.abort(new Error("gone"));
      },
    });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const ask = async (signal?: AbortSignal) => {
      // Four at the same time at first.
      const calls = await openCalls({ ledger, concurrency: { max: 16 } });
      const asked = await Promise.allSettled(
        prompts(8).map((prompt) => calls.ask({ model, prompt, version: "1", signal })),
      );
      // All callers have gone before any answer comes.
      open.resolve();
      await calls.close();
      return { answered: asked.filter(({ status }) => status === "fulfilled").length, summary: calls.summary() };
    };
    const first = await ask(leaving.signal);
    expect(first).toMatchObject({ answered: 0, summary: { made: 4, lost: 0 } });
    expect(await ask()).toMatchObject({ answered: 8, summary: { made: 4, reused: 4 } });
    expect(server.counts().requests).toBe(8);
  });

  it("cuts a torn last line off and says which line is no ledger line", async () => {
    await withServer({}, ({ ask }) => Promise.all(prompts(3).map(ask)));
    const whole = await readFile(ledger, "utf8");
    await writeFile(ledger, `${whole}{"key":"0123`);
    await withServer({}, async ({ ask, server }) => {
      await Promise.all(prompts(3).map(ask));
      expect(server.counts().requests).toBe(0);
    });
    await writeFile(ledger, `${whole}garbage\n`);
    await expect(openCalls({ ledger })).rejects.toThrow(/ledger\.jsonl:4 is not a ledger line/);
    await writeFile(ledger, whole);
    await (await openCalls({ ledger })).close();
  });

  it("refuses a ledger that another process holds, and names it", async () => {
    await using _calls = await openCalls({ ledger });
    await expect(openCalls({ ledger })).rejects.toThrow(new RegExp(`process ${process.pid}`));
  });

  it("refuses a bare model id, which the AI SDK would send to a hosted gateway", async () => {
    await using calls = await openCalls({ ledger });
    // @ts-expect-error ids are not in the type either
    expect(() => calls.ask({ model: "openai/gpt-4o", prompt: "p", version: "1" })).toThrow(/model object/);
  });

  it.each([4, 256])(
    "never spends more than the budget with %i calls at a time, and says what the next would need",
    async (max) => {
      const prices = { m: { inputPerMillion: 100, outputPerMillion: 1000 } };
      const budget = { usd: 40 };
      await withServer(
        { reply: () => "x".repeat(1600) },
        async ({ ask, calls }) => {
          const results = await Promise.allSettled(prompts(300).map(ask));
          const refused = results.filter((result) => result.status === "rejected");
          expect(refused.length).toBeGreaterThan(0);
          for (const { reason } of refused)
            expect(RagInstructError.is(reason, "budget-exhausted"), String(reason)).toBe(true);
          expect(refused[0]!.reason.message).toMatch(/of \$40 are spent and the next call may cost \$\d/);
          expect(calls.summary().usd).toBeLessThanOrEqual(40);
          // The worst case of a call is about four dollars: no more than that is left unspent.
          expect(calls.summary().usd).toBeGreaterThan(35);
        },
        { concurrency: { max }, budget, prices },
      );
      await withServer(
        {},
        async ({ ask, server }) => {
          await ask("prompt 0");
          await expect(ask("one more")).rejects.toThrow(/stopped by the budget/);
          expect(server.counts().requests).toBe(0);
        },
        { budget, prices },
      );
    },
  );

  it("counts the worst case where the endpoint does not say what a call took", async () => {
    await withServer(
      { faults: { "no-usage": 1 } },
      async ({ ask }) => {
        const results = await Promise.allSettled(prompts(10).map(ask));
        expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
      },
      { budget: { tokens: 3.5 * 3200 } },
    );
  });

  it("will not hold a budget in dollars for a model whose price it does not know", async () => {
    await withServer({}, ({ ask }) => expect(ask("a")).rejects.toThrow(/price of m is not known/), {
      budget: { usd: 1 },
    });
  });

  it("keeps to requests per minute from the first second on", async () => {
    await withServer(
      {},
      async ({ ask, server }) => {
        await Promise.all(prompts(80).map(ask));
        const { arrivals } = server.counts();
        const first = arrivals[0]!;
        // A tenth of a minute's worth at once, then twenty a second.
        expect(arrivals.filter((at) => at - first < 1000).length).toBeLessThanOrEqual(60 + 21);
        expect(arrivals.at(-1)! - first).toBeGreaterThan(900);
      },
      { limits: { requestsPerMinute: 600 }, concurrency: { max: 64 } },
    );
  });
});
