import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { beforeAll, describe, expect, it } from "vitest";
import { RagInstructError } from "../errors.ts";
import { seededRandom } from "../random.ts";
import { type ChatCompletion, type ChatRequest, type FaultyServerOptions, faultyServer } from "../testing/index.ts";
import { sharedBudget } from "./budget.ts";
import { type CallsOptions, openCalls } from "./calls.ts";
import { memoryLedger } from "./ledger.ts";

beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});

const prices = { m: { inputPerMillion: 1, outputPerMillion: 4 } };
const document = "The northern line was surveyed by engineer Kowalski, who kept a diary of every bridge. ".repeat(16);

/** Asks until the budget is used up; the outcomes, and what they came to. */
async function spend(server: FaultyServerOptions, options: Partial<CallsOptions>, count = 400) {
  const ceilings: (number | undefined)[] = [];
  await using opened = await faultyServer({
    ...server,
    reply(request: ChatRequest) {
      ceilings.push((request as { max_tokens?: number }).max_tokens);
      return server.reply?.(request) ?? "a";
    },
  });
  await using calls = await openCalls({
    ledger: memoryLedger(),
    concurrency: { max: 64 },
    prices,
    backOff: 1,
    ...options,
  });
  const model = createOpenAICompatible({ name: "test", baseURL: opened.url })("m");
  const asked = Array.from({ length: count }, (_, i) =>
    calls.ask({ model, prompt: `${i}: ${document.slice(0, 1000 + ((i * 37) % 400))}`, version: "1" }),
  );
  const results = await Promise.allSettled(asked);
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
  expect(errors.every((error) => RagInstructError.is(error, "budget-exhausted"))).toBe(true);
  return { summary: calls.summary(), answered: count - errors.length, ceilings, peak: opened.counts().peak };
}

/** Replies of ten to sixty tokens. */
const shortReplies = ({ messages }: ChatRequest) =>
  "word ".repeat(8 + seededRandom("length", messages.at(-1)!.content.slice(0, 5)).integer(40));

/** Counts prompts by a tokenizer of its own, which nobody knows, with the words of a chat around them. */
function countingBy(tokensPerByte: number, around: number) {
  return (completion: ChatCompletion) => {
    const { usage, ...rest } = completion as ChatCompletion & {
      usage: { prompt_tokens: number; completion_tokens: number };
    };
    const prompt_tokens = Math.round(usage.prompt_tokens * 4 * tokensPerByte) + around;
    return { ...rest, usage: { ...usage, prompt_tokens, total_tokens: prompt_tokens + usage.completion_tokens } };
  };
}

describe("a budget", () => {
  it.each([
    ["four bytes a token", 0.25, 10],
    ["three bytes a token", 0.33, 40],
    ["six bytes a token", 0.16, 0],
    ["a byte a token, and a long preamble", 1, 400],
  ])("is spent, and never passed, with 64 calls at a time: %s", async (_, tokensPerByte, around) => {
    const server = { reply: shortReplies, reshape: countingBy(tokensPerByte, around), latency: 5 };
    const cost = (1200 * tokensPerByte + around + 4 * 35) / 1e6;
    const { summary, peak } = await spend(server, { budget: { usd: 60 * cost } });
    expect(summary.usd).toBeLessThanOrEqual(60 * cost);
    expect(summary.usd).toBeGreaterThan(0.95 * 60 * cost);
    expect(peak).toBeGreaterThan(4);
  });

  it("of tokens is spent in the same way", async () => {
    const { summary } = await spend({ reply: shortReplies }, { budget: { tokens: 20_000 } });
    expect(summary.inputTokens + summary.outputTokens).toBeLessThanOrEqual(20_000);
    expect(summary.inputTokens + summary.outputTokens).toBeGreaterThan(19_000);
  });

  it("asks for no more output than twice the longest reply, once one has come", async () => {
    const { ceilings } = await spend({ reply: () => "word ".repeat(200) }, { budget: { usd: 1 } }, 200);
    expect(ceilings[0]).toBe(2048);
    // On a busy machine a call that was made before the first reply may arrive last.
    expect(new Set(ceilings)).toEqual(new Set([2048, 500]));
  });

  it("goes on with what the replies of earlier runs needed", async () => {
    const ledger = memoryLedger();
    const first = await spend({ reply: shortReplies }, { ledger, budget: { usd: 0.01 } }, 20);
    expect(first.answered).toBe(20);
    // Room for some ten calls, and for none of the usual ceiling of output.
    const room = 10 * (first.summary.usd / 20);
    const usd = first.summary.usd + room;
    const { summary, ceilings } = await spend({ reply: shortReplies }, { ledger, budget: { usd } });
    expect(Math.max(...ceilings.map((ceiling) => ceiling!))).toBeLessThanOrEqual(256);
    expect(summary.usd).toBeLessThanOrEqual(room);
    expect(summary.usd).toBeGreaterThan(0.8 * room);
  });

  it("is enough for a first call that could take more than all of it", async () => {
    const { answered, summary } = await spend({ reply: shortReplies }, { budget: { usd: 0.0045 } });
    expect(answered).toBeGreaterThan(5);
    expect(summary.usd).toBeLessThanOrEqual(0.0045);
  });

  it("that several share is passed by none of them, counts from its beginning, and lets in what is free on this machine", async () => {
    const [one, other] = [memoryLedger(), memoryLedger()];
    const before = await spend({ reply: shortReplies }, { ledger: one }, 20);
    const budget = sharedBudget({ usd: 0.01 });
    const both = await Promise.all(
      [one, other].map((ledger) => spend({ reply: shortReplies }, { ledger, budget }, 300)),
    );
    const usd = both.reduce((sum, { summary }) => sum + summary.usd, 0);
    expect(usd).toBeLessThanOrEqual(0.01);
    expect(usd).toBeGreaterThan(0.009);
    expect(before.summary.usd).toBeGreaterThan(0.001);
    // Nothing that costs fits into none at all, and a server here without a price costs nothing.
    const none = await spend({ reply: shortReplies }, { budget: sharedBudget() }, 3);
    expect(none.answered).toBe(0);
    const free = await spend({ reply: shortReplies }, { budget: sharedBudget(), prices: {} }, 3);
    expect(free).toMatchObject({ answered: 3, summary: { usd: 0 } });
  });

  it("is held by calls whose caller has gone once they were made, in later runs too", async () => {
    const budget = { usd: 0.03 };
    let cost = 0;
    let leave = new AbortController();
    await using server = await faultyServer({
      reply: shortReplies,
      reshape(completion) {
        const { usage } = completion as ChatCompletion & {
          usage: { prompt_tokens: number; completion_tokens: number };
        };
        cost += (usage.prompt_tokens + 4 * usage.completion_tokens) / 1e6;
        return completion;
      },
      intercept: ({ moment }) => (moment === "carried-out" ? leave.abort(new Error("gone")) : undefined),
    });
    const ledger = memoryLedger();
    const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
    const ask = async (n: number) => {
      await using calls = await openCalls({ ledger, prices, budget });
      leave = new AbortController();
      const settings = { maxOutputTokens: 500 };
      const { signal } = leave;
      return await calls.ask({ model, prompt: `${n}: ${document}`, version: "1", settings, signal }).then(
        () => "answered",
        (error: Error) => (RagInstructError.is(error) ? error.code : error.message),
      );
    };
    const ends: string[] = [];
    while (ends.length < 200 && ends.at(-1) !== "budget-exhausted") ends.push(await ask(ends.length));
    expect(new Set(ends)).toEqual(new Set(["gone", "budget-exhausted"]));
    expect(server.counts().requests).toBe(ends.length - 1);
    expect(cost).toBeGreaterThan(0);
    expect(cost).toBeLessThanOrEqual(budget.usd);
  });
});
