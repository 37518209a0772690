import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { RagInstructError } from "../../errors.ts";
import type { Progress } from "../../progress.ts";
import { type FaultyServer, type FaultyServerOptions, faultyServer } from "../../testing/index.ts";
import { type Calls, type CallsOptions, openCalls } from "../calls.ts";
import type { BatchOptions } from "./batch-options.ts";

let folder: string;
let ledger: string;

beforeAll(() => {
  // The AI SDK prints its warnings otherwise.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "batch-"));
  ledger = join(folder, "ledger.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const key = "sk-very-secret-key-123456";
const quick: BatchOptions = { gather: 20, poll: { from: 5, to: 20 } };

interface Tools {
  ask(prompt: string, signal?: AbortSignal): Promise<string>;
  calls: Calls;
  server: FaultyServer;
}

async function withBatches<T>(
  server: FaultyServerOptions | FaultyServer,
  action: (tools: Tools) => Promise<T>,
  { batch, ...options }: Omit<Partial<CallsOptions>, "batch"> & { batch?: BatchOptions | false } = {},
): Promise<T> {
  await using own = "url" in server ? undefined : await faultyServer(server);
  const opened = own ?? (server as FaultyServer);
  await using calls = await openCalls({
    ...{ ledger, backOff: 5, batch: batch !== false && { ...quick, ...batch } },
    ...options,
  });
  const model = createOpenAICompatible({ name: "test", baseURL: opened.url, apiKey: key })("m");
  const ask = async (prompt: string, signal?: AbortSignal) =>
    (await calls.ask({ model, prompt, version: "1", ...(signal ? { signal } : {}) })).text;
  // Without await the server would be closed before the action has run.
  return await action({ ask, calls, server: opened });
}

const prompts = (count: number) => Array.from({ length: count }, (_, i) => `prompt ${i}`);
const ledgerEntries = async () =>
  new Map(
    (await readFile(ledger, "utf8"))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { key: string; value: unknown; usage: unknown; usd?: number })
      .map(({ key, ...rest }) => [key, rest]),
  );

describe("a batch", () => {
  it("gives the same replies under the same keys as direct calls", async () => {
    const direct = await withBatches({}, ({ ask }) => Promise.all(prompts(30).map((prompt) => ask(prompt))), {
      batch: false,
    });
    const entries = await ledgerEntries();
    await rm(ledger);
    const replies = await withBatches({}, async ({ ask, calls, server }) => {
      const texts = await Promise.all(prompts(30).map((prompt) => ask(prompt)));
      expect(calls.summary()).toMatchObject({ made: 30, reused: 0, retried: 0 });
      expect(server.counts()).toMatchObject({ batches: 1, answered: 30 });
      // What is in the ledger needs no batch.
      await ask("prompt 3");
      expect(server.counts().batches).toBe(1);
      return texts;
    });
    expect(replies).toEqual(direct);
    expect(await ledgerEntries()).toEqual(entries);
    expect(existsSync(`${ledger}.batches`)).toBe(false);
  });

  it("takes OpenAI's own models too, by chat completions", async () => {
    await using server = await faultyServer({});
    await using calls = await openCalls({ ledger, batch: quick });
    const model = createOpenAI({ baseURL: server.url, apiKey: key }).chat("gpt-4o-mini");
    const { text } = await calls.ask({ model, prompt: "p", version: "1", schema: z.object({ question: z.string() }) });
    expect(text).toContain("question");
    expect(calls.summary().usd).toBeGreaterThan(0);
  });

  it("takes OpenAI's own models as they come, by responses, and so does a run without batches", async () => {
    await using server = await faultyServer({ faults: { "cut-json": 0.3 }, batch: { lineErrors: 0.2 } });
    const model = createOpenAI({ baseURL: server.url, apiKey: key })("gpt-4o-mini");
    const ask = async (calls: Calls, name: string) => {
      const prompt = "Say in JSON.";
      const reply = await calls.ask({
        ...{
          model,
          prompt: `${prompt} ${name}`,
          version: "1",
          instructions: "Be brief.",
          settings: { maxOutputTokens: 100 },
        },
        schema: z.object({ question: z.string(), answer: z.string() }),
      });
      return [reply.text, reply.finishReason];
    };
    const askAll = (calls: Calls) => Promise.all(prompts(30).map((name) => ask(calls, name)));
    let replies: string[][];
    {
      await using calls = await openCalls({ ledger, batch: { ...quick, attempts: 10 } });
      replies = await askAll(calls);
      expect(calls.summary()).toMatchObject({ made: 30, reused: 0 });
      expect(calls.summary().usd).toBeGreaterThan(0);
      expect(server.counts()).toMatchObject({ answered: 30, distinct: 30 });
    }
    expect(new Set(replies.map(([, reason]) => reason))).toEqual(new Set(["stop", "length"]));
    {
      // What a batch has answered is answered for direct calls too.
      await using calls = await openCalls({ ledger });
      expect(await askAll(calls)).toEqual(replies);
      expect(calls.summary()).toMatchObject({ made: 0, reused: 30 });
    }
    await rm(ledger);
    await using calls = await openCalls({ ledger });
    expect(await askAll(calls)).toEqual(replies);
    expect(calls.summary()).toMatchObject({ made: 30 });
  });

  it("of responses is asked without a schema too, and says what one line was refused for", async () => {
    await using server = await faultyServer({
      schema: "refused",
      refuse: ({ messages }) =>
        messages.at(-1)?.content === "bad" ? { status: 422, code: "policy", message: "not this one" } : undefined,
    });
    await using calls = await openCalls({ ledger, batch: quick });
    const model = createOpenAI({ baseURL: server.url, apiKey: key })("gpt-4o-mini");
    const schema = z.object({ question: z.string() });
    const ask = (prompt: string) => calls.ask({ model, prompt, version: "1", schema });
    const [good, bad] = await Promise.allSettled(["good", "bad"].map(ask));
    expect(good).toMatchObject({ status: "fulfilled", value: { text: expect.stringContaining("question") } });
    expect(bad).toMatchObject({ reason: { message: "the endpoint answered 422: policy: not this one" } });
    expect(server.counts()).toMatchObject({ batches: 2, answered: 1 });
  });

  it("is split at the most requests and the most bytes that the endpoint takes", async () => {
    await withBatches(
      { batch: { requests: 8, bytes: 4000 } },
      async ({ ask, server }) => {
        await Promise.all(prompts(30).map((prompt) => ask(prompt)));
        expect(server.counts()).toMatchObject({ batches: 4, answered: 30 });
        await Promise.all(prompts(6).map((prompt) => ask(prompt + "x".repeat(1500))));
        expect(server.counts()).toMatchObject({ batches: 7, answered: 36 });
        await expect(ask("x".repeat(5000))).rejects.toThrow("larger than a batch may be");
      },
      { batch: { requests: 8, bytes: 4000 } },
    );
  });

  it("is halved where the endpoint finds its file too large, down to one request, which fails alone", async () => {
    await withBatches({ batch: { bytes: 2000 } }, async ({ ask, calls, server }) => {
      const tooLong = "x".repeat(3000);
      const results = await Promise.allSettled([tooLong, ...prompts(40)].map((prompt) => ask(prompt)));
      const [long, ...others] = results;
      expect(others.filter(({ status }) => status === "fulfilled")).toHaveLength(40);
      const { reason } = long as PromiseRejectedResult;
      expect(RagInstructError.is(reason, "call-failed")).toBe(true);
      expect(reason.message).toMatch(/request alone is larger than the endpoint takes: .* 413: file_too_large/);
      expect(calls.summary()).toMatchObject({ made: 40, retried: 0 });
      const { answered, distinct, statuses } = server.counts();
      expect({ answered, distinct }).toEqual({ answered: 40, distinct: 40 });
      // What is too large is known from then on.
      await Promise.all(prompts(40).map((prompt) => ask(`another ${prompt}`)));
      expect(server.counts()).toMatchObject({ answered: 80, distinct: 80 });
      expect(server.counts().statuses[413]).toBe(statuses[413]);
      await ask("the run goes on");
    });
    expect(existsSync(`${ledger}.batches`)).toBe(false);
  });

  it("sends again what failed, expired, or is in neither file, and pays for nothing twice", async () => {
    await withBatches(
      { batch: { ends: ["expired", "completed"], lineErrors: 0.2, missing: 0.1 } },
      async ({ ask, calls, server }) => {
        await Promise.all(prompts(60).map((prompt) => ask(prompt)));
        const { answered, distinct, batches } = server.counts();
        expect({ answered, distinct }).toEqual({ answered: 60, distinct: 60 });
        expect(batches).toBeGreaterThan(2);
        expect(calls.summary()).toMatchObject({ made: 60 });
        expect(calls.summary().retried).toBeGreaterThan(30);
      },
      { batch: { attempts: 10 } },
    );
  });

  it("says why a request got no answer", async () => {
    await withBatches(
      { batch: { lineErrors: 1 } },
      async ({ ask }) => {
        await expect(ask("p")).rejects.toThrow(/no answer in 2 batches: the endpoint answered 500: server_error/);
      },
      { batch: { attempts: 2 } },
    );
  });

  it("says that a batch expired before a request was answered", async () => {
    await withBatches(
      { batch: { ends: ["expired"] } },
      async ({ ask }) => {
        const results = await Promise.allSettled(prompts(4).map((prompt) => ask(prompt)));
        const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason.message] : []));
        expect(reasons).toEqual(Array(2).fill("no answer in 1 batches: batch batch_1 expired"));
      },
      { batch: { attempts: 1 } },
    );
  });

  it("leaves the line that the endpoint blames out, and sends the others again", async () => {
    await withBatches({ batch: { ends: ["failed", "completed"] } }, async ({ ask, server }) => {
      const results = await Promise.allSettled(prompts(5).map((prompt) => ask(prompt)));
      const refused = results.filter((result) => result.status === "rejected");
      expect(refused).toHaveLength(1);
      expect(refused[0]!.reason.message).toBe("batch batch_1 failed: invalid_request: This line was not liked.");
      expect(server.counts()).toMatchObject({ batches: 2, answered: 4 });
    });
  });

  it("sends fewer at a time where too many tokens are enqueued", async () => {
    await withBatches({ batch: { ends: ["too-many", "too-many", "completed"] } }, async ({ ask, server }) => {
      await Promise.all(prompts(16).map((prompt) => ask(prompt)));
      expect(server.counts().answered).toBe(16);
      expect(server.counts().batches).toBeGreaterThanOrEqual(4);
    });
  });

  it("is asked without a schema once the endpoint has refused one", async () => {
    await using server = await faultyServer({ schema: "refused" });
    await using calls = await openCalls({ ledger, batch: quick });
    const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
    const ask = (prompt: string) =>
      calls.ask({ model, prompt, version: "1", schema: z.object({ question: z.string() }) });
    const replies = await Promise.all(["a", "b"].map(ask));
    expect(replies[0]!.text).toContain("question");
    expect(server.counts()).toMatchObject({ batches: 2, answered: 2 });
  });

  it("gets through an API that fails in every way that passes, and creates no batch twice", async () => {
    const faults = {
      "rate-limit": 0.05,
      "server-error": 0.08,
      reset: 0.05,
      "cut-body": 0.05,
      drip: 0.1,
      "lost-answer": 0.1,
    };
    for (const seed of [1, 2, 3]) {
      await rm(ledger, { force: true });
      await withBatches(
        { faults, seed, retryAfter: "milliseconds", retryAfterSeconds: 0.02 },
        async ({ ask, server }) => {
          await Promise.all(prompts(20).map((prompt) => ask(prompt)));
          expect(server.counts(), `seed ${seed}`).toMatchObject({ batches: 3, answered: 20, distinct: 20 });
        },
        { batch: { requests: 8 } },
      );
    }
  });

  it("tells how far it is", async () => {
    const seen: Progress[] = [];
    await withBatches({}, ({ ask }) => Promise.all([ask("a"), ask("b")]), {
      batch: { onProgress: (progress) => seen.push(progress) },
    });
    expect(seen.map(({ note }) => note)).toEqual(
      ["validating", "in_progress", "finalizing", "completed"].map((status) => `batch_1 ${status}`),
    );
    expect(seen.at(-1)).toMatchObject({ stage: "batch", done: 2, total: 2 });
  });
});

describe("what stops all", () => {
  it.each([
    ["a wrong key", { apiKey: "sk-another" }, /refuses the key/],
    [
      "a used-up quota",
      { refuse: { status: 429, code: "insufficient_quota", message: "You exceeded your current quota" } },
      /quota is used up/,
    ],
    [
      "no batch API",
      { refuse: { status: 404, code: "not_found", message: "no such address" } },
      /does not know the model or the address/,
    ],
    ["an unknown model", { models: ["other"] }, /does not know the model/],
  ])("%s stops all calls with one error, without the key", async (_, options, message) => {
    await withBatches(options, async ({ ask }) => {
      const results = await Promise.allSettled(prompts(10).map((prompt) => ask(prompt)));
      for (const result of results) {
        const { reason } = result as PromiseRejectedResult;
        expect(RagInstructError.is(reason, "breaker-open"), String(reason)).toBe(true);
        expect(reason.message).toMatch(message);
        expect(JSON.stringify([reason.message, reason.stack, reason.cause?.message])).not.toContain(key);
      }
      await expect(ask("one more")).rejects.toThrow(message);
    });
    for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(await readFile(join(file.parentPath, file.name), "utf8")).not.toContain(key);
    }
  });

  it("an endpoint that takes no file, however small, stops all calls", async () => {
    await withBatches(
      { batch: { bytes: 10 } },
      async ({ ask, server }) => {
        const results = await Promise.allSettled(prompts(10).map((prompt) => ask(prompt)));
        const reasons = results.map((result) => (result as PromiseRejectedResult).reason);
        expect(reasons.filter((reason) => RagInstructError.is(reason, "call-failed"))).toHaveLength(2);
        const last = reasons.find((reason) => RagInstructError.is(reason, "breaker-open"));
        expect(last?.message).toMatch(/3 requests in a row were refused, the last: .*413/);
        await expect(ask("one more")).rejects.toThrow("3 requests in a row");
        expect(server.counts().statuses[413]).toBeLessThan(20);
      },
      { breakAfter: 3 },
    );
  });

  it("a model that is reached otherwise is refused with a word on what to do", async () => {
    await using calls = await openCalls({ ledger, batch: true });
    const model = { specificationVersion: "v4", provider: "own", modelId: "m", supportedUrls: {} };
    // @ts-expect-error no real model
    await expect(calls.ask({ model, prompt: "p", version: "1" })).rejects.toThrow(
      /cannot be asked through a batch API/,
    );
  });

  it("a batch that somebody cancels at the endpoint is not sent again", async () => {
    await withBatches({ batch: { ends: ["cancelled"] } }, async ({ ask, server }) => {
      const results = await Promise.allSettled(prompts(6).map((prompt) => ask(prompt)));
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
      const { reason } = results.find((result) => result.status === "rejected")!;
      expect(reason.message).toBe("batch batch_1 was cancelled at the endpoint");
      expect(server.counts().batches).toBe(1);
    });
  });
});

describe("when nobody waits any more", () => {
  const slow = { batch: { looks: 60 } };
  it("a batch is cancelled, and the next run collects what was answered", async () => {
    await using server = await faultyServer(slow);
    await withBatches(server, async ({ ask }) => {
      const controller = new AbortController();
      const asked = prompts(10).map((prompt) => ask(prompt, controller.signal));
      while (server.counts().batches === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      controller.abort(new Error("enough"));
      for (const result of await Promise.allSettled(asked))
        expect(result).toMatchObject({ reason: { message: "enough" } });
    });
    expect(await readdir(`${ledger}.batches`)).toHaveLength(2);
    await withBatches(server, async ({ ask, calls }) => {
      await Promise.all(prompts(10).map((prompt) => ask(prompt)));
      expect(calls.summary()).toMatchObject({ made: 10, retried: 5 });
      expect(server.counts()).toMatchObject({ batches: 2, answered: 10, distinct: 10 });
    });
  });

  it("it goes on if told so, and the next run takes all of it", async () => {
    await using server = await faultyServer(slow);
    await withBatches(
      server,
      async ({ ask }) => {
        const controller = new AbortController();
        const asked = ask("prompt 1", controller.signal);
        while (server.counts().batches === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        controller.abort(new Error("enough"));
        await expect(asked).rejects.toThrow("enough");
      },
      { batch: { onAbort: "leave" } },
    );
    await expect(openCalls({ ledger })).rejects.toThrow(
      /batch batch_1 with 1 requests is not collected yet; run with batch: true/,
    );
    await withBatches(server, async ({ ask }) => {
      // Another question wakes the model's batches; what was asked for earlier is in the ledger then.
      await ask("another");
      await ask("prompt 1");
      expect(server.counts()).toMatchObject({ batches: 2, answered: 2, distinct: 2 });
    });
  });
});

describe("the budget", () => {
  const prices = { m: { inputPerMillion: 100, outputPerMillion: 1000, batchShare: 0.5 } };
  it("counts the batch price, and holds with all that a batch may take", async () => {
    await withBatches(
      { reply: () => "x".repeat(1600) },
      async ({ ask, calls }) => {
        const results = await Promise.allSettled(prompts(300).map((prompt) => ask(prompt)));
        for (const result of results) {
          if (result.status === "rejected") expect(RagInstructError.is(result.reason, "budget-exhausted")).toBe(true);
        }
        const { usd, made } = calls.summary();
        expect(usd).toBeLessThanOrEqual(20);
        // The worst case of a call is about two dollars, half of what it is otherwise.
        expect(usd).toBeGreaterThan(17.5);
        expect(made).toBeGreaterThan(80);
      },
      { budget: { usd: 20 }, prices },
    );
  });

  it("counts what an earlier process sent and nobody has collected", async () => {
    await using server = await faultyServer({ batch: { looks: 1000 } });
    await withBatches(
      server,
      async ({ ask }) => {
        for (const prompt of prompts(3)) ask(prompt).catch(() => {});
        while (server.counts().batches === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      },
      { budget: { tokens: 20_000 } },
    );
    await withBatches(
      server,
      async ({ ask }) => {
        // Three calls may take 5200 tokens each: there is no room for a fourth while they are under way, and they never end.
        const fourth = ask("prompt 4");
        const fate = await Promise.race([
          fourth.catch((error) => error.message),
          new Promise((resolve) => setTimeout(resolve, 200, "waits")),
        ]);
        expect(fate).toBe("waits");
        fourth.catch(() => {});
      },
      { budget: { tokens: 20_000 } },
    );
    expect(server.counts().batches).toBe(1);
  });
});
