import { afterEach, expect, it, vi } from "vitest";
import { expectOf } from "./expected.ts";

afterEach(() => vi.unstubAllEnvs());

it("OpenAI's list price is stated for its own address, and for none on this machine that its provider is sent to", () => {
  const expected = () =>
    expectOf([{ name: "gpt-4o-mini" }], { what: "a pair", calls: 1, inputTokens: 1_000_000, outputTokens: 0 });
  vi.stubEnv("OPENAI_BASE_URL", undefined);
  expect(expected()).toMatchObject({ host: "api.openai.com", usd: 0.15, isFree: false });
  vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:2/v1");
  expect(expected()).toMatchObject({ host: "127.0.0.1:2", usd: undefined, isFree: true });
});
