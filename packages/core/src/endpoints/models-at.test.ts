import { afterEach, expect, it, vi } from "vitest";
import { memoryLedger, openCalls } from "../calls/index.ts";
import { faultyServer } from "../testing/index.ts";
import { embeddingModelAt, endpointHost, endpointKey, languageModelAt } from "./index.ts";

afterEach(() => vi.unstubAllEnvs());

it("a ledger knows a model by its address, whatever slashes end it, without any key", () => {
  const name = (baseUrl: string) => languageModelAt({ name: "m", baseUrl }, "secret").provider;
  expect(name("http://127.0.0.1:8000/v1")).toBe(name("http://127.0.0.1:8000/v1//"));
  expect(name("http://127.0.0.1:8000/v1")).toBe("127.0.0.1:8000.chat");
  expect(name("http://127.0.0.1:8000/openai/v1")).toBe("127.0.0.1:8000/openai/v1.chat");
  expect(embeddingModelAt({ name: "m", baseUrl: "http://host/v1" }, "secret").provider).toBe("host.embedding");
});

it("asks the server at the address with the key of its variable", async () => {
  vi.stubEnv("MY_KEY", "sk-mine");
  await using server = await faultyServer({ reply: () => "Thames" });
  const place = { name: "m", baseUrl: server.url, keyVariable: "MY_KEY" };
  await using calls = await openCalls({ ledger: memoryLedger() });
  const { text } = await calls.ask({ model: languageModelAt(place), prompt: "A river?", version: "1" });
  expect(text).toBe("Thames");
  expect([endpointKey(place), endpointHost(place)]).toEqual(["sk-mine", new URL(server.url).host]);
});

it("needs a key for OpenAI's own endpoint alone", () => {
  vi.stubEnv("OPENAI_API_KEY", "");
  expect(() => languageModelAt({ name: "m" })).toThrow("OPENAI_API_KEY is not set");
  expect(languageModelAt({ name: "m", baseUrl: "http://127.0.0.1:1/v1" }).modelId).toBe("m");
  vi.stubEnv("OPENAI_BASE_URL", "");
  vi.stubEnv("OPENAI_API_KEY", "sk-mine");
  expect(languageModelAt({ name: "m" }).provider).toBe("openai.chat");
  expect(endpointHost({})).toBe("api.openai.com");
  // As its provider has it, so that no announcement names another host than the one that is called.
  vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:2/v1");
  expect(endpointHost({})).toBe("127.0.0.1:2");
  // And so has the ledger: replies of one server are none of another's.
  expect(languageModelAt({ name: "m" }).provider).toBe(
    languageModelAt({ name: "m", baseUrl: "http://127.0.0.1:2/v1" }).provider,
  );
  expect(embeddingModelAt({ name: "m" }).provider).toBe("127.0.0.1:2.embedding");
  vi.stubEnv("OPENAI_BASE_URL", "https://api.openai.com/v1/");
  expect(languageModelAt({ name: "m" }).provider).toBe("openai.chat");
});
