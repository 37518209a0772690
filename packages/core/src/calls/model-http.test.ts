import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { expect, it } from "vitest";
import { openCalls } from "./calls.ts";
import { memoryLedger } from "./ledger.ts";

type Globals = Record<symbol, { constructor: new (options: object) => unknown }>;

// Tests run at the same time, so that a later one finds what an earlier one has put there.
let usual: Globals[symbol] | undefined;

/** Node's fetch with limits of half a second, which it notices after a second, in the place of five minutes. */
function impatientNode() {
  const globals = globalThis as unknown as Globals;
  const name = Symbol.for("undici.globalDispatcher.1");
  usual ??= globals[name]!;
  Object.assign(globalThis, { [name]: new usual.constructor({ headersTimeout: 500, bodyTimeout: 500 }) });
  return { [Symbol.dispose]: () => Object.assign(globalThis, { [name]: usual }) };
}

/** A server that takes its time before an answer's headers, or in the midst of its body. */
async function slowServer(before: { headers: number; rest: number }) {
  const message = { role: "assistant", content: "late" };
  const answer = JSON.stringify({ id: "1", choices: [{ index: 0, message, finish_reason: "stop" }] });
  const server = createServer((_, response) => {
    setTimeout(() => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(answer.slice(0, 10));
      setTimeout(() => response.end(answer.slice(10)), before.rest);
    }, before.headers);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it.concurrent.each([
  ["headers", { headers: 2500, rest: 0 }],
  ["the rest of its body", { headers: 0, rest: 2500 }],
])("an answer is waited for as long as the calls allow, whatever Node's fetch would do: %s", async (_, before) => {
  await using server = await slowServer(before);
  await using calls = await openCalls({ ledger: memoryLedger(), attempts: 1 });
  const model = createOpenAICompatible({ name: "test", baseURL: server.url })("m");
  // The first request of a process makes its connections.
  await fetch(server.url).then((response) => response.arrayBuffer());
  using _node = impatientNode();
  const gaveUp = fetch(server.url).then((response) => response.text());
  const asked = calls.ask({ model, prompt: "p", version: "1" });
  await expect(gaveUp).rejects.toThrow(/fetch failed|terminated/);
  expect((await asked).text).toBe("late");
});
