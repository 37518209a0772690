import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ChatCompletion, faultyServer } from "../testing/index.ts";
import { openCalls } from "./calls.ts";

let folder: string;
beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reply-end-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const schema = z.object({ question: z.string() });
const wanted = '{"question":"Who?"}';

/** What is read of one completion that is shaped so, with a schema and without. */
async function ask(reshape: (completion: ChatCompletion) => unknown, { withSchema = true } = {}) {
  await using server = await faultyServer({ reply: () => wanted, reshape });
  await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 2 });
  const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
  const reply = await calls.ask({ model, prompt: "p", version: "1", schema: withSchema ? schema : undefined });
  return { ...reply, requests: server.counts().requests, summary: calls.summary() };
}

const ending =
  (message: object, finish_reason: string, more: object = {}) =>
  (completion: ChatCompletion) => ({
    ...completion,
    choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason }],
    ...more,
  });
const tool = (said: string) => ({
  tool_calls: [{ id: "1", type: "function", function: { name: "write_pair", arguments: said } }],
});

describe("how a reply ended", () => {
  it.each([
    [
      "only-thinking",
      /all 900 tokens .* raise maxOutputTokens/,
      ending({ reasoning_content: "Hm, so" }, "length", {
        usage: { prompt_tokens: 9, completion_tokens: 900, total_tokens: 909 },
      }),
    ],
    ["only-thinking", /thinking/, ending({ content: "" }, "length")],
    ["cut-off", /ceiling/, ending({ content: '{"question":"Wh' }, "length")],
    ["content-filter", /filter/, ending({ content: "" }, "content_filter")],
    ["refusal", /the model refuses: I cannot/, ending({ refusal: "I cannot help." }, "stop")],
    ["tool-call", /called a tool, "write_pair"/, ending(tool("{}"), "tool_calls")],
    ["reasoning-only", /reasoning parser/, ending({ reasoning_content: "It could be, or not." }, "stop")],
    ["empty-reply", /said nothing/, ending({ content: "" }, "stop")],
  ])("is named: %s", async (reason, detail, reshape) => {
    for (const withSchema of [true, false]) {
      await rm(join(folder, "ledger.jsonl"), { force: true });
      const reply = await ask(reshape, { withSchema });
      expect(reply.end).toEqual({ reason, detail: expect.stringMatching(detail) });
      // One that was cut is asked again with a higher ceiling, once.
      expect(reply.requests).toBe(reply.finishReason === "length" ? 2 : 1);
    }
  });

  it.each([
    ["a tool's arguments", ending(tool(wanted), "tool_calls")],
    ["a tool's arguments, whatever the finish", ending(tool(wanted), "stop")],
    ["an object in the reasoning", ending({ reasoning_content: `\n${wanted}\n` }, "stop")],
    [
      "an object in the reasoning, in a fence",
      ending({ content: "", reasoning: `\`\`\`json\n${wanted}\n\`\`\`` }, "stop"),
    ],
    ["a whole text under a filter", ending({ content: wanted }, "content_filter")],
  ])("does not keep %s from being read", async (_, reshape) => {
    const { text } = await ask(reshape);
    expect(JSON.parse(text)).toEqual({ question: "Who?" });
  });

  it("is not spoken of where it ended well", async () => {
    const { text, end } = await ask((completion) => completion);
    expect({ text, end }).toEqual({ text: wanted, end: undefined });
  });
});

const withUsage = (usage: unknown) => (completion: ChatCompletion) => ({ ...completion, usage });
const withMessage = (more: object) => (completion: ChatCompletion) => ({
  ...completion,
  choices: [{ ...completion.choices[0], message: { ...completion.choices[0]!.message, ...more } }],
});

describe("a complete answer with odd metadata", () => {
  it.each([
    ["an empty role", withMessage({ role: "" })],
    ["the role of a model", withMessage({ role: "model" })],
    ["a time in words", (completion: ChatCompletion) => ({ ...completion, created: "2026-11-28T10:00:00Z" })],
    ["a number for its id", (completion: ChatCompletion) => ({ ...completion, id: 17 })],
    ["an object for its reasoning", withMessage({ reasoning: { text: "Hm.", tokens: 2 } })],
    ["a list for its reasoning", withMessage({ reasoning_content: [{ type: "text", text: "Hm." }] })],
    [
      "a number for its finish",
      (completion: ChatCompletion) => ({
        ...completion,
        choices: completion.choices.map((choice) => ({ ...choice, finish_reason: 0 })),
      }),
    ],
    ["a text part without a kind", withMessage({ role: "model", content: [{ text: wanted }] })],
    ["tokens in strings", withUsage({ prompt_tokens: "12", completion_tokens: "7", total_tokens: "19" })],
    ["tokens in words", withUsage({ prompt_tokens: "many", completion_tokens: "few" })],
  ])("is read at the first time: %s", async (_, reshape) => {
    for (const withSchema of [true, false]) {
      await rm(join(folder, "ledger.jsonl"), { force: true });
      expect(await ask(reshape, { withSchema })).toMatchObject({
        text: wanted,
        requests: 1,
        summary: { made: 1, retried: 0 },
      });
    }
  });

  it("keeps the count of its tokens", async () => {
    const usage = { prompt_tokens: "12", completion_tokens: "7", total_tokens: "19" };
    expect((await ask(withUsage(usage))).summary).toMatchObject({ inputTokens: 12, outputTokens: 7 });
  });
});
