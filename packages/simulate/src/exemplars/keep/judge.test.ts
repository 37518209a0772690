import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { Exemplar } from "@rag-instruct/core";
import { type CallsOptions, openCalls } from "@rag-instruct/core/calls";
import { type FaultyServer, type FaultyServerOptions, faultyServer } from "@rag-instruct/core/testing";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type KeepOutcome, keepKnowledgeIntensive } from "./keep-knowledge-intensive.ts";

let folder: string;
beforeAll(() => {
  // The AI SDK prints its warnings otherwise.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keep-judge-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const questions = [
  "Why do cats purr?",
  "What is basalt made of?",
  "Hello, how are you?",
  "Which lake of Peru is the deepest?",
];
const exemplars = questions.map((question, i): Exemplar => ({ id: `${i}`, question, source: "mine", task: "open" }));

async function keep(
  server: FaultyServer,
  options: Partial<CallsOptions> = {},
  given: readonly Exemplar[] = exemplars,
): Promise<KeepOutcome[]> {
  await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), backOff: 5, ...options });
  const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
  return await Array.fromAsync(keepKnowledgeIntensive({ exemplars: given, model, calls }));
}
const judging: NonNullable<FaultyServerOptions["reply"]> = ({ messages }) =>
  JSON.stringify({ reason: "said so", keep: !messages.at(-1)!.content.includes("Peru") });

it("asks for what the rules keep, gives the judge's reason, and pays once", async () => {
  await using server = await faultyServer({ reply: judging });
  const outcomes = await keep(server);
  expect(outcomes).toMatchObject([
    { status: "accepted", id: "0" },
    { status: "accepted", id: "1" },
    { status: "rejected", id: "2", reason: "greeting" },
    {
      status: "rejected",
      id: "3",
      reason: "not-knowledge-intensive",
      detail: "said so",
      raw: expect.stringContaining("said so"),
    },
  ]);
  expect(server.counts().requests).toBe(3);
  expect(await keep(server)).toEqual(outcomes);
  expect(server.counts().requests).toBe(3);
});

it("sorts as many through one batch, to the same outcomes from the same ledger", async () => {
  await using server = await faultyServer({ reply: judging });
  const outcomes = await keep(server, { batch: { gather: 20, poll: { from: 5, to: 20 } } });
  expect(server.counts()).toMatchObject({ batches: 1, answered: 3 });
  const { requests } = server.counts();
  expect(await keep(server)).toEqual(outcomes);
  expect(server.counts().requests).toBe(requests);
});

it("asks once more with the mistake, and says what cannot be read", async () => {
  await using server = await faultyServer({
    reply({ messages }) {
      const prompt = messages.at(-1)!.content;
      if (prompt.includes("basalt")) return "It depends.";
      return prompt.includes("could not be used") ? '{"reason":"at last","keep":"no"}' : '{"reason":"hm"}';
    },
  });
  const outcomes = await keep(server, {}, exemplars.slice(0, 2));
  expect(outcomes[0]).toMatchObject({ status: "rejected", detail: "at last" });
  expect(outcomes[1]).toMatchObject({ status: "rejected", raw: "It depends." });
  expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason)).toEqual([
    "not-knowledge-intensive",
    "unreadable-judgement",
  ]);
  expect(server.counts().requests).toBe(4);
});

it("fails the exemplar whose call fails, keeps the order, and stops when no call can succeed", async () => {
  const refuse = () => ({ status: 500, code: "server_error", message: "the server had an error" });
  await using server = await faultyServer({ reply: judging, refuse });
  const outcomes = await keep(server, { attempts: 2 });
  expect(outcomes.map(({ status }) => status)).toEqual(["failed", "failed", "rejected", "failed"]);
  await using closed = await faultyServer({ apiKey: "another" });
  await expect(keep(closed)).rejects.toMatchObject({ code: "breaker-open" });
});

it("fails what a budget has no room for, and asks nothing", async () => {
  await using server = await faultyServer({ reply: judging });
  const outcomes = await keep(server, { budget: { tokens: 100 } });
  expect(outcomes.map(({ status }) => status)).toEqual(["failed", "failed", "rejected", "failed"]);
  expect(outcomes[0]).toMatchObject({ error: { code: "budget-exhausted" } });
  expect(server.counts().requests).toBe(0);
});
