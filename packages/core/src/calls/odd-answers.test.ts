import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RagInstructError } from "../errors.ts";
import { type Calls, openCalls } from "./calls.ts";
import { memoryLedger } from "./ledger.ts";

let folder: string;
beforeAll(() => {
  // The AI SDK prints its warnings otherwise.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "odd-answers-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Answer = (response: ServerResponse, request: number) => void;

const message = (content: unknown, more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 0,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop", ...more }],
  usage: { prompt_tokens: 40, completion_tokens: 3, total_tokens: 43 },
});
function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}
const good: Answer = (response) => json(response, message("fine"));

/** Asks one question of a server that answers oddly at first, or always. */
async function askOdd(
  odd: Answer,
  { always = false, budget }: { always?: boolean; budget?: { tokens: number } } = {},
): Promise<{ text?: string; error?: RagInstructError; requests: number; calls: ReturnType<Calls["summary"]> }> {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => (always || requests === 0 ? odd : good)(response, ++requests));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const calls = await openCalls({
    ledger: join(folder, "ledger.jsonl"),
    backOff: 2,
    attempts: 3,
    timeout: 500,
    budget,
  });
  const model = createOpenAICompatible({ name: "test", baseURL: `http://127.0.0.1:${port}/v1` })("m");
  const asked = await calls.ask({ model, prompt: "p", version: "1" }).then(
    ({ text }) => ({ text }),
    (error) => ({ error }),
  );
  await calls.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { ...asked, requests, calls: calls.summary() };
}

/** Asks forty questions, eight at a time, of a server that answers by the request's body. */
async function askMany(
  answer: (response: ServerResponse, request: number, body: string) => void,
): Promise<{ errors: Error[]; requests: number }> {
  let requests = 0;
  const server = createServer(async (request, response) => {
    const number = ++requests;
    answer(response, number, await text(request));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const model = createOpenAICompatible({ name: "test", baseURL: `http://127.0.0.1:${port}/v1` })("m");
  const calls = await openCalls({ ledger: memoryLedger(), backOff: 2, concurrency: { max: 8 } });
  const prompts = Array.from({ length: 40 }, (_, i) => `question ${i}.`);
  const asked = await Promise.allSettled(prompts.map((prompt) => calls.ask({ model, prompt, version: "1" })));
  await calls.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { errors: asked.flatMap((each) => (each.status === "rejected" ? [each.reason] : [])), requests };
}

const passing: Record<string, Answer> = {
  "a page of HTML with a 200": (response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<html><body>Just a moment…</body></html>");
  },
  "an empty body": (response) => json(response, ""),
  "no choices": (response) => json(response, { ...message("x"), choices: [] }),
  "choices that are none": (response) => json(response, { ...message("x"), choices: null }),
  "an error in a 200": (response) => json(response, { error: { message: "overloaded", type: "server_error" } }),
  "a stream that was not asked for": (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`data: ${JSON.stringify({ choices: [{ delta: { content: "x" } }] })}\n\ndata: [DONE]\n\n`);
  },
  "fewer bytes than it says": (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
    response.write(JSON.stringify(message("x")));
    setTimeout(() => response.destroy(), 20);
  },
  "a reset in the middle of its chunks": (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"id":"chatcmpl-');
    setTimeout(() => response.socket?.resetAndDestroy(), 20);
  },
  "a 408": (response) => json(response, { error: { message: "timeout" } }, 408),
  "a 409": (response) => json(response, { error: { message: "conflict" } }, 409),
  "a 500 of a proxy, in HTML": (response) =>
    json(response, "<h1>Internal Server Error</h1>", 500, { "content-type": "text/html" }),
  "a 529": (response) => json(response, { error: { message: "overloaded" } }, 529),
};

describe("an odd answer", () => {
  it.each(Object.keys(passing))("%s is asked again", async (name) => {
    const { text, requests } = await askOdd(passing[name]!);
    expect(text).toBe("fine");
    expect(requests).toBe(2);
  });

  it.each(Object.keys(passing))("%s, always, fails the call in few words after its attempts", async (name) => {
    const { error, requests } = await askOdd(passing[name]!, { always: true });
    expect(RagInstructError.is(error, "call-failed"), String(error)).toBe(true);
    expect(error!.message).toMatch(/^no answer after 3 attempts: /);
    expect(error!.message.length).toBeLessThan(500);
    expect(requests).toBe(3);
    expect(await readFile(join(folder, "ledger.jsonl"), "utf8")).toBe("");
  });

  it.each([
    ["null for its content", message(null), ""],
    ["a cut by the content filter", message("", { finish_reason: "content_filter" }), ""],
    ["a finish that nobody knows", message("fine", { finish_reason: "banana" }), "fine"],
  ])("%s is a reply, which was paid for", async (_, body, text) => {
    const asked = await askOdd((response) => json(response, body));
    expect(asked).toMatchObject({ text, requests: 1, calls: { made: 1 } });
  });

  const fine = JSON.stringify(message("fine"));
  const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
  const events = [
    event({ id: "1", model: "m", choices: [{ index: 0, delta: { role: "assistant", content: "fi" } }] }),
    event({ choices: [{ index: 0, delta: { content: "ne" }, finish_reason: null }] }),
    event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
    event({ choices: [], usage: { prompt_tokens: 40, completion_tokens: 3, total_tokens: 43 } }),
    "data: [DONE]\n\n",
  ].join("");
  it.each([
    ["the events of a stream", events],
    ["comments before it", `: PROCESSING\n\n: PROCESSING\n\n${fine}`],
    ["another line after it", `${fine}\n{"done":true}\n`],
    ["NaN among its numbers", fine.replace('"index":0', '"logprob":NaN,"index":0')],
    ["the text of a completion", fine.replace('"message":{"role":"assistant","content":"fine"}', '"text":"fine"')],
  ])("a reply with %s is read, and not paid for again", async (_, body) => {
    const asked = await askOdd((response) => json(response, body));
    expect(asked).toMatchObject({ text: "fine", requests: 1, calls: { made: 1, inputTokens: 40, outputTokens: 3 } });
  });

  it("a NaN in what was said stays", async () => {
    const body = JSON.stringify(message('NaN \\" Infinity')).replace('"index":0', '"score":-Infinity,"index":0');
    expect(await askOdd((response) => json(response, body))).toMatchObject({ text: 'NaN \\" Infinity', requests: 1 });
  });

  it("a reply that is an object is its JSON", async () => {
    const asked = await askOdd((response) => json(response, message({ question: "q", answer: "a" })));
    expect(asked).toMatchObject({ text: '{"question":"q","answer":"a"}', requests: 1 });
  });

  it("a cut at the length is asked again under a larger ceiling, and both were paid for", async () => {
    const asked = await askOdd((response) => json(response, message("half of i", { finish_reason: "length" })));
    expect(asked).toMatchObject({ text: "fine", requests: 2, calls: { made: 2 } });
  });

  it.each([
    ["no usage", { ...message("fine"), usage: undefined }],
    ["a usage of null", { ...message("fine"), usage: null }],
    ["negative tokens", { ...message("fine"), usage: { prompt_tokens: -5, completion_tokens: -1, total_tokens: -6 } }],
  ])("%s counts as the worst case of a budget", async (_, body) => {
    const { text, calls } = await askOdd((response) => json(response, body), { budget: { tokens: 6000 } });
    expect(text).toBe("fine");
    expect(calls.inputTokens).toBe(0);
    await using again = await openCalls({ ledger: join(folder, "ledger.jsonl"), budget: { tokens: 6000 } });
    const model = createOpenAICompatible({ name: "test", baseURL: "http://127.0.0.1:9/v1" })("m");
    await expect(again.ask({ model, prompt: "another", version: "1" })).rejects.toMatchObject({
      code: "budget-exhausted",
    });
  });

  it.each([
    ["a page", "<!doctype html><title>Sign in</title>", /: Sign in/],
    ["nothing", "", /: nothing|: Invalid JSON/],
    ["no choices", JSON.stringify({ ...message("x"), choices: [] }), /did not contain any choices/],
    ["an object of another kind", { message: { content: "x" }, done: true }, /"done":true/],
  ])("%s for every question stops all, long before each was paid for six times", async (_, body, shown) => {
    const { errors, requests } = await askMany((response) => json(response, body));
    expect(requests).toBeLessThanOrEqual(8 + 3);
    expect(errors).toHaveLength(40);
    const { message } = errors.find((error) => RagInstructError.is(error, "breaker-open"))!;
    expect(message).toMatch(/^nothing there speaks OpenAI's API; mend the base URL.*\/v1/);
    expect(message).toMatch(shown);
  });

  it("one prompt whose answers hold no reply is given up after three, however well others go", async () => {
    const { errors, requests } = await askMany((response, _, body) =>
      json(response, body.includes("question 7.") ? { id: "1", candidates: [] } : message("fine")),
    );
    expect(errors.map((error) => [RagInstructError.is(error) && error.code, error.message])).toEqual([
      ["call-failed", expect.stringMatching(/^no answer after 3 attempts: .*"candidates"/)],
    ]);
    expect(requests).toBe(39 + 3);
  });

  it.each([301, 302, 303, 308])(
    "a %i to another place, which would lose the prompt or the key, stops all and names it",
    async (status) => {
      const location = "https://models.example/api/v1/chat/completions?token=secret";
      const { error, requests } = await askOdd((response) => json(response, "", status, { location }), {
        always: true,
      });
      expect(requests).toBe(1);
      expect(RagInstructError.is(error, "breaker-open")).toBe(true);
      expect(error!.message).toContain("set the base URL to https://models.example/api/v1");
      expect(error!.message).not.toContain("secret");
    },
  );

  it.each([307, 308])("a %i to the same host is followed with all that was sent, not in a circle", async (status) => {
    const moved: Answer = (response) => json(response, "", status, { location: "/v2/chat/completions" });
    expect(await askOdd(moved)).toMatchObject({ text: "fine", requests: 2, calls: { made: 1, retried: 0 } });
  });

  it("redirects in a circle end, and stop all", async () => {
    const moved: Answer = (response) => json(response, "", 307, { location: "/v2/chat/completions" });
    const { error, requests } = await askOdd(moved, { always: true });
    expect(error!.message).toMatch(/sends its callers elsewhere, to http:.*\/v2\/chat\/completions/);
    expect(requests).toBe(6);
  });

  it.each([
    [402, "no credit", /quota is used up/],
    [403, "country not supported", /refuses the key, or what it may do \(.*country not supported/],
    [404, "nothing here", /does not know the model or the address/],
  ])("a %i stops all", async (status, words, expected) => {
    const { error, requests } = await askOdd((response) => json(response, { error: { message: words } }, status), {
      always: true,
    });
    expect(RagInstructError.is(error, "breaker-open")).toBe(true);
    expect(error!.message).toMatch(expected);
    expect(requests).toBe(1);
  });

  it.each([400, 413, 415, 422])("a %i fails that call alone, at once", async (status) => {
    const { error, requests } = await askOdd(
      (response) => json(response, { error: { message: "bad parameter" } }, status),
      {
        always: true,
      },
    );
    expect(RagInstructError.is(error, "call-failed")).toBe(true);
    expect(error!.message).toBe(`the endpoint answered ${status}: bad parameter`);
    expect(requests).toBe(1);
  });

  it.each([404, 405, 410])("a %i names the address that was asked, without what is secret in it", async (status) => {
    const { error } = await askOdd((response) => json(response, "no such page", status), { always: true });
    expect(error!.message).toMatch(/\(http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions answered 4\d\d: no such page\)/);
  });

  it("a 401 where no key was sent says so", async () => {
    const { error } = await askOdd((response) => json(response, "", 401), { always: true });
    expect(error!.message).toBe("the endpoint wants a key, and none was sent (the endpoint answered 401)");
  });

  it.each([
    ["beyond any date", "9".repeat(400)],
    ["in seconds", "86400"],
    ["as a date", new Date(Date.now() + 86_400_000).toUTCString()],
  ])("a wait of a day, %s, stops all instead of sleeping", async (_, value) => {
    const { error, requests } = await askOdd(
      (response) => json(response, { error: { message: "slow down" } }, 429, { "retry-after": value }),
      { always: true },
    );
    expect(RagInstructError.is(error, "breaker-open")).toBe(true);
    expect(error!.message).toMatch(/asks to wait (?:8\d{4}|Infinity) s/);
    expect(requests).toBe(1);
  });
});
