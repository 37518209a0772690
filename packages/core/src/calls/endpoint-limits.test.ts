import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ChatRequest, type FaultyServerOptions, faultyServer } from "../testing/index.ts";
import type { TextReply } from "./ask.ts";
import { openCalls } from "./calls.ts";

let folder: string;
beforeAll(() => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "schema-trials-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const schema = z.object({ question: z.string(), documents: z.array(z.number().int()), more: z.number().int().min(1) });

/** Asks several questions with a schema, and counts what came. */
async function askAll(count: number, options: FaultyServerOptions, { concurrency = 8, max = 8 } = {}) {
  const seen: ChatRequest[] = [];
  await using server = await faultyServer({
    ...options,
    refuse: (request) => {
      seen.push(request);
      return typeof options.refuse === "function" ? options.refuse(request) : undefined;
    },
  });
  await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 2, concurrency: { max } });
  const model = createOpenAICompatible({ name: "test", baseURL: server.url, supportsStructuredOutputs: true })("m");
  const ask = (i: number) => calls.ask({ model, prompt: `p${i}`, version: "1", schema });
  const results: PromiseSettledResult<TextReply>[] = [];
  for (let i = 0; i < count; i += concurrency) {
    results.push(
      ...(await Promise.allSettled(Array.from({ length: Math.min(concurrency, count - i) }, (_, j) => ask(i + j)))),
    );
  }
  const answered = results.filter(({ status }) => status === "fulfilled").length;
  const texts = results.map((result) => (result.status === "fulfilled" ? result.value.text : undefined));
  const withSchema = seen.filter(({ response_format }) => response_format).length;
  return { answered, withSchema, without: seen.length - withSchema, seen, texts };
}

describe("an endpoint that takes no schema", () => {
  const words: [string, number, string][] = [
    ["llama.cpp", 400, "Failed to initialize samplers: failed to parse grammar"],
    ["Gemini", 400, 'Invalid JSON payload received. Unknown name "additionalProperties" at generation_config'],
    ["vLLM", 400, "The provided JSON schema contains features not supported by xgrammar."],
    ["a 422", 422, "extra fields not permitted"],
    ["a bare 500", 500, "Internal server error"],
  ];
  it.each(words)("is found by one trial, whatever its words: %s", async (_, status, message) => {
    const { answered, withSchema, without } = await askAll(
      20,
      { schema: { status, code: "error", message } },
      { concurrency: 1 },
    );
    expect(answered).toBe(20);
    expect(without).toBe(20);
    // One 500 may be chance.
    expect(withSchema).toBe(status === 500 ? 2 : 1);
  });

  it.each(["gemini", "xai", "vllm", "llamacpp", "ollama"] as const)(
    "is found as a server like %s words it",
    async (speaksLike) => {
      const { answered, without } = await askAll(8, { speaksLike, schema: "refused" }, { concurrency: 1 });
      expect({ answered, without }).toEqual({ answered: 8, without: 8 });
    },
  );

  it.each(words)("costs no call of many at the same time: %s", async (_, status, message) => {
    const { answered, without } = await askAll(24, { schema: { status, code: "error", message } });
    expect({ answered, without }).toEqual({ answered: 24, without: 24 });
  });
});

describe("an endpoint that takes schemas", () => {
  it("and holds back what is no JSON is heard: the reply is what was written", async () => {
    const { answered, withSchema, texts } = await askAll(4, {
      speaksLike: "groq",
      reply: ({ messages }) =>
        messages[0]!.content === "p0" ? '{ "question": "Structured?", }' : '{"question":"Who?"}',
    });
    expect({ answered, withSchema }).toEqual({ answered: 4, withSchema: 4 });
    expect(texts).toEqual(['{ "question": "Structured?", }', ...Array(3).fill('{"question":"Who?"}')]);
  });

  it("and holds back what was written is asked again, with its schema, where it does not say what", async () => {
    let asked = 0;
    const message = "Failed to generate JSON. Please adjust your prompt.";
    const refuse = () => (++asked === 1 ? { status: 400, code: "json_validate_failed", message } : undefined);
    const { answered, withSchema, without } = await askAll(2, { refuse }, { concurrency: 1 });
    expect({ answered, withSchema, without }).toEqual({ answered: 2, withSchema: 3, without: 0 });
  });

  it("keeps getting them though some prompts are refused", async () => {
    const refuse = ({ messages }: ChatRequest) =>
      /p[0-3]$/.test(messages.at(-1)!.content)
        ? { status: 400, code: "too_long", message: "the prompt is too long" }
        : undefined;
    const { answered, withSchema, without } = await askAll(20, { refuse }, { concurrency: 1 });
    expect({ answered, withSchema }).toEqual({ answered: 16, withSchema: 20 });
    expect(without).toBeLessThanOrEqual(3);
  });

  it("keeps getting them after one 500 by chance", async () => {
    let asked = 0;
    const refuse = () => (++asked === 1 ? { status: 500, code: "error", message: "oops" } : undefined);
    const { answered, without } = await askAll(10, { refuse }, { concurrency: 1 });
    expect({ answered, without }).toEqual({ answered: 10, without: 1 });
  });

  it("is sent no bounds that every whole number has, and the bounds that were set", async () => {
    const { seen } = await askAll(1, {});
    const sent = JSON.stringify(seen[0]!.response_format);
    expect(sent).not.toContain("9007199254740991");
    expect(sent).toContain('"minimum":1');
    expect(sent).toContain('"integer"');
  });
});
