import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fake-clock.ts";
import { RagInstructError } from "../errors.ts";
import { dialects, type FaultyServerOptions, faultyServer, type ServerCounts } from "../testing/index.ts";
import { type Clock, systemClock } from "../waiting.ts";
import { type CallsOptions, openCalls } from "./calls.ts";

let folder: string;

beforeAll(() => {
  // The AI SDK prints its warnings otherwise.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "endpoints-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Asked extends ServerCounts {
  texts: string[];
  errors: RagInstructError[];
  notes: (string | undefined)[];
  /** Milliseconds on the clock of the run. */
  took: number;
}

/** Asks twenty questions, sixteen at once, of a server that speaks like another, on a clock of its own. */
async function askTwenty(server: FaultyServerOptions, options: Partial<CallsOptions> = {}): Promise<Asked> {
  const clock = new FakeClock();
  await using opened = await faultyServer({ ...server, clock: clock.within() });
  const notes: (string | undefined)[] = [];
  const onWait = (note: string | undefined) => notes.push(note);
  const calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), clock, onWait, ...options });
  const model = createOpenAICompatible({
    name: "test",
    baseURL: opened.url,
    apiKey: "sk-0123456789abcdef",
    fetch: (url, init) => clock.busy(() => wholeAnswer(url, init)),
  })("m");
  const asked = Array.from({ length: 20 }, (_, i) => calls.ask({ model, prompt: `prompt ${i}.`, version: "1" }));
  const results = await Promise.allSettled(asked);
  const took = clock.now();
  await calls.close();
  return {
    ...opened.counts(),
    texts: results.flatMap((result) => (result.status === "fulfilled" ? [result.value.text] : [])),
    errors: results.flatMap((result) => (result.status === "rejected" ? [result.reason as RagInstructError] : [])),
    notes,
    took,
  };
}

/** An answer that has come to its end. */
async function wholeAnswer(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  return new Response(await response.arrayBuffer(), response);
}

describe("what is wrong with every call", () => {
  it.each(dialects)("stops all at once and is named, as %s words it", async (speaksLike) => {
    for (const [server, why] of [
      [{ apiKey: "another" }, /refuses the key/],
      [{ models: ["another"] }, /does not know the model/],
    ] as const) {
      const { errors, requests } = await askTwenty({ speaksLike, ...server });
      expect(errors[0]).toMatchObject({ code: "breaker-open", message: expect.stringMatching(why) });
      expect(requests).toBeLessThanOrEqual(16);
    }
  });
});

describe("a limit by the minute", () => {
  it.each(dialects)("ends no call, as %s words it", async (speaksLike) => {
    const { errors, distinct, statuses } = await askTwenty({ speaksLike, perSecond: 3, retryAfterSeconds: 2 });
    expect(errors).toEqual([]);
    expect(distinct).toBe(20);
    expect((statuses[429] ?? 0) + (statuses[503] ?? 0)).toBeGreaterThan(0);
  });

  it("is waited for by a call that is refused more often than it may be tried", async () => {
    const { errors } = await askTwenty({ speaksLike: "gemini", perSecond: 1, retryAfterSeconds: 2 }, { attempts: 2 });
    expect(errors).toEqual([]);
  });

  it("loses no task where nobody says how long to wait, whatever chance does", async () => {
    for (const seed of [1, 2, 3]) {
      const options = { attempts: 2, ledger: join(folder, `${seed}.jsonl`) };
      const { errors } = await askTwenty({ speaksLike: "xai", faults: { "rate-limit": 0.6 }, seed }, options);
      expect(errors).toEqual([]);
    }
  });

  it("is told apart from a quota that is used up, which stops all at once", async () => {
    const refuse = { status: 429, code: "insufficient_quota", message: "You exceeded your current quota" };
    const { errors, requests } = await askTwenty({ refuse });
    expect(errors[0]).toMatchObject({ code: "breaker-open", message: expect.stringMatching(/the quota is used up/) });
    expect(requests).toBeLessThanOrEqual(16);
  });
});

describe("a limit by the day", () => {
  it.each(["openai", "openrouter"] as const)(
    "stops all within a minute and names its end, as %s has it",
    async (speaksLike) => {
      const { texts, errors, took, requests } = await askTwenty(
        { speaksLike, perDay: 10 },
        { concurrency: { max: 4 } },
      );
      expect(texts).toHaveLength(10);
      expect(took).toBeLessThan(60_000);
      expect(requests).toBeLessThanOrEqual(14);
      expect(new Set(errors.map(({ code, message }) => `${code}: ${message}`)).size).toBe(1);
      expect(errors[0]).toMatchObject({
        code: "breaker-open",
        message: expect.stringMatching(/until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/),
      });
      // Another day, the rest is asked alone.
      const rest = await askTwenty({});
      expect([rest.texts.length, rest.requests]).toEqual([20, 10]);
    },
  );

  it("is waited for and told where it is near", async () => {
    const { texts, notes, took } = await askTwenty({ speaksLike: "openrouter", perSecond: 15, retryAfterSeconds: 300 });
    expect(texts).toHaveLength(20);
    expect(took).toBeGreaterThan(299_000);
    expect(notes[0]).toMatch(/waits for the rate limit until/);
    expect(notes.at(-1)).toBeUndefined();
  });
});

describe("a limit that good answers say is used up for long, and that nothing refuses", () => {
  it.each([
    ["requests", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "10h0m0s" }],
    ["tokens", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "36000" }],
    ["requests of five minutes", { "ratelimit-remaining": "0", "ratelimit-reset": "300" }],
  ] as [string, Record<string, string>][])("ends no call: one goes out at a time, by %s", async (_, headers) => {
    const { texts, errors, peak, arrivals, notes, took } = await askTwenty({ headers, latency: 1000 });
    expect(errors).toEqual([]);
    expect(texts).toHaveLength(20);
    expect(peak).toBeLessThanOrEqual(4);
    expect(arrivals.slice(peak).every((at, i) => at - arrivals[i + peak - 1]! >= 900)).toBe(true);
    expect(notes[0]).toMatch(/one call at a time, for the endpoint says it has no room until .* UTC/);
    expect(took).toBeLessThan(25_000);
  });
});

describe("a refused prompt", () => {
  const every = (n: number) => (request: { messages: { content: string }[] }) =>
    Number(/prompt (\d+)\./.exec(request.messages.at(-1)!.content)?.[1]) % n === 0;
  it.each([
    ["OpenRouter's moderation", { speaksLike: "openrouter", moderates: every(4) }, /\(violence\)/],
    ["OpenAI's policy", { moderates: every(4) }, /safety system/],
    ["Azure's filter", { speaksLike: "azure", moderates: every(4) }, /content management policy/],
    ["xAI's guidelines", { speaksLike: "xai", moderates: every(4) }, /usage guidelines/],
    ["a firewall", { firewall: every(4) }, /firewall.*"Attention Required! \| Cloudflare"/],
  ] as [string, FaultyServerOptions, RegExp][])("by %s fails alone, and is not asked again", async (_, server, why) => {
    const first = await askTwenty(server);
    expect(first.texts).toHaveLength(15);
    expect(first.errors.map(({ code }) => code)).toEqual(Array(5).fill("prompt-refused"));
    for (const { message } of first.errors) expect(message).toMatch(why);
    expect(first.requests).toBe(20);
    const again = await askTwenty(server);
    expect(again.requests).toBe(0);
    expect(again.errors.map(({ message }) => message)).toEqual(first.errors.map(({ message }) => message));
  });

  it("opens no breaker, however many in a row the moderation refuses", async () => {
    const { errors } = await askTwenty({ speaksLike: "openrouter", moderates: () => true }, { breakAfter: 5 });
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["prompt-refused"]));
  });

  it("is not believed of a firewall that lets nobody through: all stop, and are asked again", async () => {
    const { errors } = await askTwenty({ firewall: () => true }, { breakAfter: 5 });
    expect(errors.at(-1)).toMatchObject({ code: "breaker-open" });
    expect(await readFile(join(folder, "ledger.jsonl"), "utf8")).toBe("");
    expect((await askTwenty({})).texts).toHaveLength(20);
  });

  it("is not a wrong key, which stops all at once", async () => {
    const { errors, requests } = await askTwenty({ apiKey: "another" });
    expect(errors[0]).toMatchObject({ code: "breaker-open", message: expect.stringMatching(/refuses the key/) });
    expect(requests).toBeLessThanOrEqual(16);
  });
});

/** The machine's clock, and the milliseconds that were waited on it to their end. */
function watchedClock(): { clock: Clock; waits: number[] } {
  const waits: number[] = [];
  const sleep: Clock["sleep"] = async (milliseconds, signal) => {
    await systemClock.sleep(milliseconds, signal);
    waits.push(milliseconds);
  };
  return { clock: { now: () => systemClock.now(), sleep }, waits };
}

describe("an outage", () => {
  it.each([
    ["502 of a proxy", "openai"],
    ["503 of llama.cpp", "llamacpp"],
  ] as const)("of a server that loads for 45 s is waited out and told, by a %s", async (_, speaksLike) => {
    const { texts, notes, took, arrivals } = await askTwenty({ speaksLike, outage: { from: 0, to: 45_000 } });
    expect(texts).toHaveLength(20);
    // It is noticed within five seconds, and all are answered soon after.
    expect(arrivals.find((at) => at >= 45_000)).toBeLessThan(50_000);
    expect(took).toBeLessThan(55_000);
    expect(notes[0]).toMatch(/the endpoint (?:has not answered for 0 s and )?is waited for until/);
    expect(notes.at(-1)).toBeUndefined();
  });

  it.each([0.2, 0.5, 0.7])("mixed with faults of a share of %d loses no task", async (share) => {
    const faults = { "server-error": share };
    const { errors, texts, took } = await askTwenty({ faults, latency: 300, outage: { from: 1000, to: 40_000 } });
    expect(errors).toEqual([]);
    expect(texts).toHaveLength(20);
    expect(took).toBeLessThan(600_000);
  });

  it("longer than patience stops all, and a later run goes on", async () => {
    const { errors, took } = await askTwenty({ outage: { from: 0, to: 1e9 } }, { patience: 120_000 });
    expect(errors).toHaveLength(20);
    expect(errors.at(-1)).toMatchObject({
      code: "breaker-open",
      message: expect.stringMatching(
        /no call has succeeded for 1[23]\d s, the last call: the endpoint answered 502: 502 Bad Gateway/,
      ),
    });
    expect(took).toBeLessThan(135_000);
    expect((await askTwenty({})).texts).toHaveLength(20);
  });

  it("of a server that is started anew is waited out", async () => {
    const server = await faultyServer();
    const port = Number(new URL(server.url).port);
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 10, attempts: 2 });
    const ask = (i: number) => calls.ask({ model, prompt: `p${i}`, version: "1" });
    await ask(0);
    await server.close();
    const asked = Promise.all(Array.from({ length: 20 }, (_, i) => ask(i + 1)));
    await systemClock.sleep(500);
    await using _anew = await faultyServer({ port });
    expect(await asked).toHaveLength(20);
  });

  it("is not assumed where nobody ever answered: all stop at once and name the address", async () => {
    const closed = await faultyServer();
    await closed.close();
    const model = createOpenAICompatible({ name: "test", baseURL: closed.url })("m");
    const { clock, waits } = watchedClock();
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), clock, budget: { tokens: 10_000 } });
    const error = await calls.ask({ model, prompt: "p", version: "1" }).catch((thrown) => thrown);
    expect(waits).toEqual([]);
    expect(RagInstructError.is(error, "breaker-open")).toBe(true);
    expect(error.message).toMatch(
      `no server listens at ${new URL(closed.url).origin}; start it, or mend the base URL, the last call: `,
    );
  });

  it.each(["http://127.0.0.1:9/v1", "127.0.0.1:8080/v1", "gopher://127.0.0.1:8080/v1"])(
    "is not assumed of %s, to which nothing can be sent: the first call stops all",
    async (baseURL) => {
      const model = createOpenAICompatible({ name: "test", baseURL })("m");
      const { clock, waits } = watchedClock();
      await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), clock });
      const error = await calls.ask({ model, prompt: "p", version: "1" }).catch((thrown) => thrown);
      expect(waits).toEqual([]);
      expect(RagInstructError.is(error, "breaker-open")).toBe(true);
      expect(error.message).toContain("no request can be sent to this address");
    },
  );
});
