import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { batchTools, key, prompts, quick } from "../../../test/batch-tools.ts";
import { RagInstructError } from "../../errors.ts";
import type { Progress } from "../../plug-points.ts";
import { type BatchPlay, faultyServer } from "../../testing/index.ts";
import { type Calls, openCalls } from "../calls.ts";

const { at, withBatches, ledgerEntries } = batchTools();

describe("a batch", () => {
  it("gives the same replies under the same keys as direct calls", async () => {
    const direct = await withBatches({}, ({ ask }) => Promise.all(prompts(30).map((prompt) => ask(prompt))), {
      batch: false,
    });
    const entries = await ledgerEntries();
    await rm(at.ledger);
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
    expect(existsSync(`${at.ledger}.batches`)).toBe(false);
  });

  it("takes OpenAI's own models too, by chat completions", async () => {
    await using server = await faultyServer({});
    await using calls = await openCalls({ ledger: at.ledger, batch: quick });
    const model = createOpenAI({ baseURL: server.url, apiKey: key }).chat("gpt-4o-mini");
    const { text } = await calls.ask({ model, prompt: "p", version: "1", schema: z.object({ question: z.string() }) });
    expect(text).toContain("question");
    // Its endpoint is on this machine, where OpenAI's prices hold no more than without batches.
    expect(calls.summary().usd).toBe(0);
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
    const prices = { "gpt-4o-mini": { inputPerMillion: 1, outputPerMillion: 1 } };
    let replies: string[][];
    {
      await using calls = await openCalls({ ledger: at.ledger, prices, batch: { ...quick, attempts: 10 } });
      replies = await askAll(calls);
      expect(calls.summary()).toMatchObject({ made: 30, reused: 0 });
      expect(calls.summary().usd).toBeGreaterThan(0);
      expect(server.counts()).toMatchObject({ answered: 30, distinct: 30 });
    }
    expect(new Set(replies.map(([, reason]) => reason))).toEqual(new Set(["stop", "length"]));
    {
      // What a batch has answered is answered for direct calls too.
      await using calls = await openCalls({ ledger: at.ledger });
      expect(await askAll(calls)).toEqual(replies);
      expect(calls.summary()).toMatchObject({ made: 0, reused: 30 });
    }
    await rm(at.ledger);
    await using calls = await openCalls({ ledger: at.ledger });
    expect(await askAll(calls)).toEqual(replies);
    expect(calls.summary()).toMatchObject({ made: 30 });
  });

  it("of responses is asked without a schema too, and says what one line was refused for", async () => {
    await using server = await faultyServer({
      schema: "refused",
      refuse: ({ messages }) =>
        messages.at(-1)?.content === "bad" ? { status: 422, code: "policy", message: "not this one" } : undefined,
    });
    await using calls = await openCalls({ ledger: at.ledger, batch: quick });
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
    expect(existsSync(`${at.ledger}.batches`)).toBe(false);
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

  it.each<[string, BatchPlay, number]>([
    ["nobody knows at the first looks, nor its file", { unknown: 3 }, 0],
    ["comes with a byte order mark", { reshape: (content) => `\ufeff${content}` }, 0],
    [
      "comes with line breaks of Windows and blank lines",
      { reshape: (content) => content.replaceAll("\n", "\r\n\r\n") },
      0,
    ],
    ["has a torn line", { reshape: (content) => content.replace(/"response":/, '"resp') }, 1],
    ["ends in the middle of a line", { reshape: (content) => content.slice(0, -40) }, 1],
    ["is cancelled by somebody else", { ends: ["cancelled", "completed"] }, 10],
  ])("that %s gives what an undisturbed one gives", async (_, batch, paidTwice) => {
    const calm = await withBatches({}, ({ ask }) => Promise.all(prompts(20).map((prompt) => ask(prompt))));
    await rm(at.ledger);
    // Files are spoiled in the first batch alone.
    let files = 0;
    const { reshape } = batch;
    const play = { ...batch, reshape: reshape && ((content: string) => (++files === 1 ? reshape(content) : content)) };
    await withBatches({ batch: play }, async ({ ask, calls, server }) => {
      expect(await Promise.all(prompts(20).map((prompt) => ask(prompt)))).toEqual(calm);
      expect(calls.summary()).toMatchObject({ made: 20, retried: paidTwice });
      expect(server.counts()).toMatchObject({ batches: paidTwice > 0 ? 2 : 1 });
    });
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
    const server = { batch: { ends: ["too-many", "too-many", "completed"] } } as const;
    await withBatches(
      server,
      async ({ ask, server }) => {
        await Promise.all(prompts(16).map((prompt) => ask(prompt)));
        expect(server.counts().answered).toBe(16);
        expect(server.counts().batches).toBeGreaterThanOrEqual(4);
      },
      // Long enough that all of them are in the first batch on a busy machine too.
      { batch: { gather: 300 } },
    );
  });

  it("is asked without a schema once the endpoint has refused one", async () => {
    await using server = await faultyServer({ schema: "refused" });
    await using calls = await openCalls({ ledger: at.ledger, batch: quick });
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
      await rm(at.ledger, { force: true });
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
