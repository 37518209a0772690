import { tracingChannel } from "node:diagnostics_channel";
import { registerTelemetry } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { afterEach, expect, it } from "vitest";
import { generateReply } from "./ask.ts";

const model = new MockLanguageModelV4({
  doGenerate: {
    content: [{ type: "text", text: "fine" }],
    finishReason: { unified: "stop", raw: "stop" },
    usage: {
      inputTokens: { total: 4, noCache: 4, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 1, text: 1, reasoning: 0 },
    },
    warnings: [],
  },
});
afterEach(() => {
  globalThis.AI_SDK_TELEMETRY_INTEGRATIONS = undefined;
});

it("tells those who are registered with the AI SDK of every call", async () => {
  const seen: string[] = [];
  registerTelemetry({ onLanguageModelCallEnd: () => void seen.push("end") });
  await generateReply({ model, prompt: "hello" });
  expect(seen).toEqual(["end"]);
});

it("tells those who listen to the AI SDK's channel of every call", async () => {
  const seen: unknown[] = [];
  const listener = (message: unknown) => void seen.push(message);
  const channel = tracingChannel("ai:telemetry");
  channel.start.subscribe(listener);
  try {
    await generateReply({ model, prompt: "hello" });
  } finally {
    channel.start.unsubscribe(listener);
  }
  expect(seen.length).toBeGreaterThan(0);
});
