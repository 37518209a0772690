import { expect, it } from "vitest";
import { expectCalls, expectedCallsLines } from "./expected-calls.ts";

const asked = { what: "20 pairs", calls: 24, inputTokens: 1_000_000, outputTokens: 500_000 };
const lineOf = (provider: string, modelId: string, more: object = {}, ceiling?: { usd?: number; tokens?: number }) =>
  expectedCallsLines(expectCalls({ ...asked, models: [{ provider, modelId }], ...more }), ceiling).join("\n");

it("says model, host, calls, tokens, dollars or that the price is not known, and the ceiling", () => {
  expect(lineOf("openai.chat", "gpt-4o-mini", { host: "api.openai.com" })).toBe(
    "20 pairs by gpt-4o-mini at api.openai.com: about 24 calls, 1,000,000 tokens in, 500,000 out; about $0.45; no ceiling",
  );
  expect(lineOf("openai.chat", "gpt-4o-mini", { batch: true }, { usd: 5, tokens: 1e6 })).toMatch(
    /; about \$0\.23; ceiling \$5\.00 and 1,000,000 tokens$/,
  );
  expect(lineOf("llm.example:8000.chat", "own")).toMatch(/own at llm\.example:8000: .*; price unknown; no ceiling$/);
  const prices = { own: { inputPerMillion: 0.01, outputPerMillion: 0 } };
  expect(lineOf("llm.example:8000.chat", "own", { prices })).toContain("about $0.0100");
  const vectors = { what: "vectors of 9 texts", calls: 1, inputTokens: 900, outputTokens: 0 };
  const also = expectCalls({ ...vectors, models: [{ provider: "llm.example.embedding", modelId: "e" }] });
  expect(lineOf("openai.chat", "gpt-4o-mini", { also })).toMatch(
    /\n {2}and vectors of 9 texts by e at llm\.example: about 1 call, 900 tokens in; price unknown$/,
  );
});

it("tells what nobody charges for: the offline model, and a server on this machine unless it has a price", () => {
  expect(expectCalls({ ...asked, models: [{ provider: "rag-instruct.offline", modelId: "x" }] }).isFree).toBe(true);
  expect(lineOf("127.0.0.1:11434.chat", "gpt-4o-mini")).toContain("on this machine, nothing is charged");
  const models = [
    { provider: "127.0.0.1:11434.chat", modelId: "a" },
    { provider: "llm.example.chat", modelId: "b" },
  ];
  const both = expectCalls({ ...asked, models });
  expect([both.isFree, both.usd, both.model]).toEqual([false, undefined, "a and b"]);
});
