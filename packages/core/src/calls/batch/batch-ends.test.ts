import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { batchTools, key, prompts } from "../../../test/batch-tools.ts";
import { until } from "../../../test/children.ts";
import { RagInstructError } from "../../errors.ts";
import { type ChatRequest, faultyServer } from "../../testing/index.ts";
import { openCalls } from "../calls.ts";

const { at, withBatches } = batchTools();

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
    for (const file of await readdir(at.folder, { recursive: true, withFileTypes: true })) {
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
    await using calls = await openCalls({ ledger: at.ledger, batch: true });
    const model = { specificationVersion: "v4", provider: "own", modelId: "m", supportedUrls: {} };
    // @ts-expect-error no real model
    await expect(calls.ask({ model, prompt: "p", version: "1" })).rejects.toThrow(
      /cannot be asked through a batch API/,
    );
  });

  it.each([
    [
      "a batch",
      { unknown: 99 },
      /^the endpoint does not know batch batch_1 with 4 requests; .*answers may still come$/,
    ],
    [
      "a file of answers that are none",
      { reshape: () => "<html>\n<body>Just a moment</body>\n</html>\n" },
      /^3 lines of the answers of batch batch_1 cannot be read, and no other line is there; run again to collect them$/,
    ],
  ])("%s that is lost stops all, and nobody is told to pay twice", async (_, batch, message) => {
    await using server = await faultyServer({ batch });
    await withBatches(server, async ({ ask }) => {
      const results = await Promise.allSettled(prompts(4).map((prompt) => ask(prompt)));
      for (const result of results) expect((result as PromiseRejectedResult).reason.message).toMatch(message);
    });
    const error = await openCalls({ ledger: at.ledger }).catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(/not collected yet; run with batch: true to collect it$/);
    expect(server.counts().batches).toBe(1);
  });
});

describe("a prompt that is refused inside a batch", () => {
  it("is kept by the ledger, and asked in no later one", async () => {
    const moderates = ({ messages }: ChatRequest) => /[48]$/.test(messages.at(-1)!.content);
    const ask = () =>
      withBatches({ moderates }, async ({ ask, server }) => {
        const results = await Promise.allSettled(prompts(10).map((prompt) => ask(prompt)));
        const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
        return { errors, batches: server.counts().batches };
      });
    const first = await ask();
    expect(first.errors.map(({ code }) => code)).toEqual(["prompt-refused", "prompt-refused"]);
    for (const { message } of first.errors) expect(message).toMatch(/safety system/);
    const again = await ask();
    expect(again.batches).toBe(0);
    expect(again.errors.map(({ message }) => message)).toEqual(first.errors.map(({ message }) => message));
  });
});

describe("when nobody waits any more", () => {
  const slow = { batch: { looks: 60 } };
  it("a batch is cancelled, and the next run collects what was answered", async () => {
    await using server = await faultyServer(slow);
    await withBatches(server, async ({ ask }) => {
      const controller = new AbortController();
      const asked = prompts(10).map((prompt) => ask(prompt, controller.signal));
      await until(() => server.counts().batches > 0);
      controller.abort(new Error("enough"));
      for (const result of await Promise.allSettled(asked))
        expect(result).toMatchObject({ reason: { message: "enough" } });
    });
    expect(await readdir(`${at.ledger}.batches`)).toHaveLength(2);
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
        await until(() => server.counts().batches > 0);
        controller.abort(new Error("enough"));
        await expect(asked).rejects.toThrow("enough");
      },
      { batch: { onAbort: "leave" } },
    );
    await expect(openCalls({ ledger: at.ledger })).rejects.toThrow(
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
        await until(() => server.counts().batches > 0);
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
