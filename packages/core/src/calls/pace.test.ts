import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fake-clock.ts";
import { RagInstructError } from "../errors.ts";
import { type FaultyServerOptions, faultyServer, type ServerCounts } from "../testing/index.ts";
import { systemClock } from "../waiting.ts";
import { type CallsOptions, openCalls } from "./calls.ts";

let folder: string;

beforeAll(() => {
  // The AI SDK prints its warnings otherwise.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pace-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Asks so many questions at once, on a clock of its own. `within` closes the calls after so many milliseconds. */
async function askMany(
  count: number,
  server: FaultyServerOptions,
  options: Partial<CallsOptions> & { within?: number } = {},
): Promise<ServerCounts & { errors: Error[]; retried: number; refused: number; took: number }> {
  const { within, ...callsOptions } = options;
  const clock = new FakeClock();
  await using opened = await faultyServer({ ...server, clock: clock.within() });
  const calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), clock, ...callsOptions });
  const model = createOpenAICompatible({
    name: "test",
    baseURL: opened.url,
    apiKey: "sk-0123456789abcdef",
    fetch: (url, init) => clock.busy(() => wholeAnswer(url, init)),
  })("m");
  const asked = Array.from({ length: count }, (_, i) => calls.ask({ model, prompt: `prompt ${i}`, version: "1" }));
  const ended = new AbortController();
  const closing =
    within !== undefined &&
    clock.sleep(within, ended.signal).then(
      () => calls.close(),
      () => {},
    );
  const results = await Promise.allSettled(asked);
  const took = clock.now();
  ended.abort();
  await closing;
  const { retried, refused } = calls.summary();
  await calls.close();
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
  return { ...opened.counts(), errors, retried, refused, took };
}

/** An answer that has come to its end. */
async function wholeAnswer(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  return new Response(await response.arrayBuffer(), response);
}

function perSecond({ arrivals }: ServerCounts, from: number, to: number): number {
  return arrivals.filter((at) => at >= from && at < to).length / ((to - from) / 1000);
}

describe("pace", () => {
  it.each([
    ["no Retry-After", { retryAfter: "none" }],
    ["Retry-After: 0", { retryAfter: "seconds", retryAfterSeconds: 0 }],
    ["a limit of five a second that refused requests count against", { perSecond: 5, retryAfter: "none" }],
  ] as const)("never storms a server that answers 429 to all, with %s", async (_, answer) => {
    const counts = await askMany(
      600,
      { faults: { "rate-limit": 1 }, ...answer },
      { concurrency: { max: 256 }, within: 10_000, attempts: 50 },
    );
    // After the first bursts, which a slow machine sends slowly, it is one request a pause, far below any limit worth the name.
    expect(perSecond(counts, 7000, 10_000)).toBeLessThan(2);
    expect(counts.requests).toBeLessThan(256 + 128 + 20);
  });

  it("keeps below a rate that it has to find out, and uses it", async () => {
    const counts = await askMany(
      400,
      { perSecond: 20, retryAfter: "none", latency: 20 },
      { concurrency: { max: 64 }, within: 12_000, attempts: 50 },
    );
    expect(perSecond(counts, 4000, 12_000)).toBeLessThanOrEqual(20);
    expect(counts.answered / 12).toBeGreaterThan(5);
  });

  it("lets more calls in again when an overload is over", async () => {
    const counts = await askMany(
      400,
      { perSecond: 100, retryAfter: "milliseconds", retryAfterSeconds: 0.3, latency: 100 },
      { concurrency: { max: 32 }, backOff: 50, attempts: 20 },
    );
    expect(counts.errors).toEqual([]);
    expect(counts.distinct).toBe(400);
    // 400 calls at 100 a second take four seconds at least.
    expect(counts.arrivals.at(-1)!).toBeLessThan(12_000);
  });

  it.each(["openai", "anthropic", "standard"] as const)(
    "heeds what %s headers say is left, so that hardly any request is refused",
    async (rateHeaders) => {
      const counts = await askMany(
        100,
        { perSecond: 25, rateHeaders, retryAfter: "none", latency: 10 },
        { concurrency: { max: 8 } },
      );
      expect(counts.errors).toEqual([]);
      expect(counts.statuses[429] ?? 0).toBeLessThanOrEqual(2);
      expect(counts.arrivals.at(-1)! - counts.arrivals[0]!).toBeLessThan(8000);
    },
  );

  it("counts attempts, not calls, against requests per minute", async () => {
    const counts = await askMany(
      60,
      { faults: { "server-error": 0.5 } },
      { limits: { requestsPerMinute: 600 }, concurrency: { max: 64 }, backOff: 1, attempts: 30 },
    );
    expect(counts.errors).toEqual([]);
    expect(counts.requests).toBeGreaterThan(90);
    // A tenth of a minute's worth at once, then ten a second.
    for (const at of counts.arrivals) {
      const first = counts.arrivals[0]!;
      const until = counts.arrivals.filter((other) => other <= at).length;
      expect(until).toBeLessThanOrEqual(63 + ((at - first) / 1000) * 10);
    }
  });

  it("loses no task to a limit of its own that takes longer than the deadline of a task", async () => {
    const { errors, requests, took } = await askMany(40, {}, { limits: { requestsPerMinute: 1 } });
    expect([errors, requests]).toEqual([[], 40]);
    expect(took).toBeGreaterThan(2_000_000);
  });

  it("keeps to tokens per minute by what calls really take", async () => {
    const counts = await askMany(
      30,
      { reply: () => "x".repeat(4000) },
      { limits: { tokensPerMinute: 60_000 }, concurrency: { max: 32 } },
    );
    // A thousand tokens a reply: 6,000 at once, then a thousand a second.
    expect(counts.errors).toEqual([]);
    expect(counts.arrivals.at(-1)! - counts.arrivals[0]!).toBeGreaterThan(15_000);
  });
});

describe("a server that works on one request at a time", () => {
  it.each([
    ["twenty seconds each", { latency: 20_000 }, {}, 400],
    ["with a timeout of six answers", { latency: 20_000 }, { timeout: 120_000 }, 400],
    ["for many calls at once", { latency: 20_000 }, { concurrency: { max: 64 } }, 400],
    ["with a timeout of one answer and a half", { latency: 20_000 }, { timeout: 30_000, deadline: 3_600_000 }, 400],
  ] as const)("loses no task and takes no longer than it must, %s", async (_, server, options, ideal) => {
    const { errors, took, requests } = await askMany(20, { ...server, atOnce: 1 }, options);
    expect(errors).toEqual([]);
    expect(took / 1000).toBeLessThan(1.3 * ideal);
    expect(requests).toBe(20);
  });

  it("is given more time by the answers of a real one", async () => {
    const options = { timeout: 2500, concurrency: { max: 64 }, clock: systemClock };
    const { errors, requests } = await askMany(20, { latency: 250, atOnce: 1 }, options);
    expect([errors, requests]).toEqual([[], 20]);
  });
});

describe("an answer that takes longer than the timeout", () => {
  it("comes all the same: the next attempt is given twice as long", async () => {
    const { errors, requests } = await askMany(1, { latency: 150_000 }, { timeout: 120_000 });
    expect([errors, requests]).toEqual([[], 2]);
  });
  it("is waited for where nothing is known of the endpoint", async () => {
    const { errors, requests } = await askMany(1, { latency: 150_000 });
    expect([errors, requests]).toEqual([[], 1]);
  });
});

describe("a share of calls that is refused whatever the pace", () => {
  it("keeps those waiting that were refused, and nobody else", async () => {
    const { errors, requests, refused, took, peak } = await askMany(
      400,
      { refusesEvery: 5, latency: 200 },
      { concurrency: { max: 64 } },
    );
    expect(errors).toEqual([]);
    expect(requests).toBeLessThanOrEqual(510);
    expect(refused).toBe(requests - 400);
    expect(took).toBeLessThan(10_000);
    expect(peak).toBeGreaterThan(40);
  });

  it("is told from a true limit, which is found and kept to", async () => {
    const { errors, requests, took } = await askMany(
      400,
      { perSecond: 40, latency: 200 },
      { concurrency: { max: 64 } },
    );
    expect(errors).toEqual([]);
    expect(requests).toBeLessThan(520);
    expect(took).toBeLessThan(14_000);
  });
});

describe("deadline", () => {
  it("ends a task whose attempts take too long, and names the last failure", async () => {
    const { errors, took } = await askMany(
      1,
      { faults: { "server-error": 1 } },
      { deadline: 700, backOff: 200, attempts: 99 },
    );
    expect(errors[0]!.message).toMatch(/no answer after \d attempts in 0\.7 s: the endpoint answered 50/);
    expect(took).toBeLessThan(1500);
  });
  it("ends a call that hangs", async () => {
    const { errors, requests } = await askMany(
      1,
      { faults: { hang: 1 } },
      { deadline: 300, timeout: 10_000, clock: systemClock },
    );
    expect(errors[0]!.message).toMatch(/the deadline of 0\.3 s is over, waiting for an answer/);
    expect(requests).toBe(1);
  });
  it("ends an attempt that hangs, and makes another", async () => {
    const { errors, requests } = await askMany(
      1,
      { faults: { hang: 1 } },
      { timeout: 500, attempts: 3, backOff: 1, clock: systemClock },
    );
    expect(errors[0]!.message).toMatch(/no answer after 3 attempts: no answer within 0\.5 s/);
    expect(requests).toBe(3);
  });
});

describe("the breaker", () => {
  const refusal = (status: number, code: string, message = "no") => ({ refuse: { status, code, message } });
  it.each([
    ["401", refusal(401, "invalid_api_key"), /the endpoint refuses the key/],
    ["403", refusal(403, "forbidden"), /the endpoint refuses the key/],
    ["402", refusal(402, "billing"), /the quota is used up/],
    ["429 insufficient_quota", refusal(429, "insufficient_quota"), /the quota is used up/],
    ["400 credit balance", refusal(400, "error", "Your credit balance is too low"), /the quota is used up/],
    ["404 model", { models: ["other"] }, /does not know the model/],
    ["400 model", refusal(400, "invalid_model", "Invalid model: m"), /does not know the model/],
    ["400 to all", refusal(400, "bad_request"), /20 calls in a row failed, the last one: .*400/],
    ["500 to all", refusal(500, "oops"), /20 calls in a row failed, the last one: .*no answer|20 calls in a row/],
    ["a wait of an hour", { faults: { "rate-limit": 1 }, retryAfterSeconds: 3600 }, /asks to wait 3600 s/],
  ] as [string, FaultyServerOptions, RegExp][])(
    "stops the run for %s with one clear error",
    async (_, server, message) => {
      const { errors, requests } = await askMany(300, server, { backOff: 1, attempts: 2 });
      expect(errors).toHaveLength(300);
      const open = errors.filter((error) => RagInstructError.is(error, "breaker-open"));
      expect(new Set(open.map((error) => error.message)).size).toBe(1);
      expect(open[0]!.message).toMatch(message);
      expect(open[0]!.message).not.toContain("\n");
      // A first failure that may pass is tried again after the others' turn.
      expect(requests).toBeLessThan(typeof server.refuse === "object" && server.refuse.status === 500 ? 345 : 40);
    },
  );

  it("stops when nobody listens", async () => {
    const closed = await faultyServer();
    await closed.close();
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 1, attempts: 2 });
    const model = createOpenAICompatible({ name: "test", baseURL: closed.url })("m");
    const asked = Array.from({ length: 50 }, (_, i) => calls.ask({ model, prompt: `${i}`, version: "1" }));
    const results = await Promise.allSettled(asked);
    const last = results.at(-1) as PromiseRejectedResult;
    expect(RagInstructError.is(last.reason, "breaker-open")).toBe(true);
    expect(last.reason.message).toMatch(/no server listens at .*(?:Cannot connect|ECONNREFUSED)/);
  });

  it("is not opened by failures among successes", async () => {
    const { errors } = await askMany(
      200,
      { faults: { "server-error": 0.5 } },
      { backOff: 1, attempts: 1, breakAfter: 15 },
    );
    expect(errors.length).toBeGreaterThan(50);
    expect(errors.every((error) => RagInstructError.is(error, "call-failed"))).toBe(true);
  });
});
