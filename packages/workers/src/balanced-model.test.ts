import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { faultyServer } from "@rag-instruct/core/testing";
import { generateText } from "ai";
import { expect, it } from "vitest";
import { balancedModel } from "./balanced-model.ts";

const at = (url: string) => createOpenAICompatible({ name: "test", baseURL: url })("any");

async function ask(model: ReturnType<typeof balancedModel>, count: number): Promise<void> {
  const one = (n: number) => generateText({ model, prompt: `question ${n}`, maxRetries: 0 });
  await Promise.all(Array.from({ length: count }, (_, n) => one(n)));
}

it("gives a faster endpoint more of the calls", async () => {
  await using fast = await faultyServer({ latency: 20 });
  // So slow that a busy machine does not hide it.
  await using slow = await faultyServer({ latency: 600 });
  const model = balancedModel([at(slow.url), at(fast.url)]);
  for (let wave = 0; wave < 10; wave++) await ask(model, 10);
  expect(fast.counts().answered + slow.counts().answered).toBe(100);
  expect(fast.counts().answered).toBeGreaterThan(2 * slow.counts().answered);
});

it("leaves an endpoint that is gone, that refuses and that is over its limit for the others", async () => {
  const gone = await faultyServer();
  await gone.close();
  await using refusing = await faultyServer({ apiKey: "another" });
  await using limited = await faultyServer({ faults: { "rate-limit": 1 } });
  await using sound = await faultyServer();
  const model = balancedModel([at(gone.url), at(refusing.url), at(limited.url), at(sound.url)]);
  await ask(model, 20);
  await ask(model, 20);
  expect(sound.counts().answered).toBe(40);
  expect(limited.counts().requests).toBeLessThan(20);
});

it("tells the last endpoint's error when none is left, and asks nobody else when the request itself is wrong", async () => {
  await using refusing = await faultyServer({ apiKey: "another" });
  await expect(ask(balancedModel([at(refusing.url), at(refusing.url)]), 1)).rejects.toMatchObject({ statusCode: 401 });
  await using strict = await faultyServer({ schema: "refused" });
  const model = balancedModel([at(strict.url), at(strict.url)]);
  const wrong = model.doGenerate({
    prompt: [{ role: "user", content: [{ type: "text", text: "hello" }] }],
    responseFormat: { type: "json", schema: { type: "object" } },
  });
  await expect(wrong).rejects.toMatchObject({ statusCode: 400 });
  expect(strict.counts().requests).toBe(1);
});

it("needs an endpoint", () => {
  expect(() => balancedModel([])).toThrow(/no endpoint/);
});
