import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { hashText } from "../hash.ts";
import type { Closable } from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import { chooseFaults, type Fault } from "./faults.ts";

/** A chat request as the server reads it. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: unknown;
}

/** Options of {@link faultyServer}. */
export interface FaultyServerOptions {
  /** The text that the model writes. @default a JSON object of question and answer that depends on the request */
  reply?: (request: ChatRequest) => string;
  /** Share of requests with each fault, 0 to 1. @default {} */
  faults?: Readonly<Partial<Record<Fault, number>>>;
  /** Form of the Retry-After of a 429. @default "seconds" */
  retryAfter?: "seconds" | "date" | "milliseconds" | "none";
  /** Seconds that a 429 asks to wait. @default 1 */
  retryAfterSeconds?: number;
  /** Requests a second that it bears; more are answered 429. @default no limit */
  perSecond?: number;
  /** Milliseconds before an answer. @default 0 */
  latency?: number;
  /** The only key it accepts; others get a 401. @default any */
  apiKey?: string;
  /** The models it knows; others get a 404. @default any */
  models?: readonly string[];
  /** Whether it takes a `response_format`, or answers 400 to it. @default "taken" */
  schema?: "taken" | "refused";
  /** @default 1 */
  seed?: number;
}

/** What the server has seen, counted on its own side. */
export interface ServerCounts {
  requests: number;
  /** Requests answered with a model's text. */
  answered: number;
  /** Distinct request bodies that were answered. */
  distinct: number;
  /** Most requests at the same time. */
  peak: number;
  statuses: Record<number, number>;
  faults: Partial<Record<Fault, number>>;
  /** Milliseconds since the start at which each request came. */
  arrivals: number[];
}

/** A server on loopback that speaks OpenAI's chat completions, badly where it is told to. */
export interface FaultyServer extends Closable {
  /** Base URL, such as http://127.0.0.1:40123/v1 */
  url: string;
  counts(): ServerCounts;
}

/**
 * Starts a server for tests of whatever calls language models: seeded faults, honest counts.
 *
 * ```ts
 * await using server = await faultyServer({ faults: { "rate-limit": 0.2, reset: 0.05 } });
 * const model = createOpenAICompatible({ name: "test", baseURL: server.url })("any");
 * // … run what is to be tested …
 * assert.equal(server.counts().distinct, 100);
 * ```
 */
export async function faultyServer(options: FaultyServerOptions = {}): Promise<FaultyServer> {
  const counts: ServerCounts = {
    requests: 0,
    answered: 0,
    distinct: 0,
    peak: 0,
    statuses: {},
    faults: {},
    arrivals: [],
  };
  const seen = new Set<string>();
  const start = performance.now();
  let active = 0;

  const server = createServer(async (request, response) => {
    const number = ++counts.requests;
    counts.arrivals.push(performance.now() - start);
    counts.peak = Math.max(counts.peak, ++active);
    response.on("close", () => {
      active--;
      counts.statuses[response.statusCode] = (counts.statuses[response.statusCode] ?? 0) + 1;
    });
    const body = await readBody(request).catch(() => undefined);
    if (body === undefined) return;
    const refused = refuse(request, body, options) ?? overLimit(counts.arrivals, options);
    if (refused) return send(response, refused.status, refused.body, refused.headers);
    const faults = chooseFaults(options.faults ?? {}, { seed: options.seed ?? 1, number, body });
    for (const fault of faults) counts.faults[fault] = (counts.faults[fault] ?? 0) + 1;
    if (options.latency) await sleep(options.latency);
    if (breakConnection(request, response, faults)) return;
    const failure = failureOf(faults, number, options);
    if (failure) return send(response, failure.status, failure.body, failure.headers);
    counts.answered++;
    seen.add(hashText(body));
    counts.distinct = seen.size;
    await answer(response, completion(JSON.parse(body) as ChatRequest, number, faults, options), faults);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const faulty: FaultyServer = {
    url: `http://127.0.0.1:${port}/v1`,
    counts: () => structuredClone(counts),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    [Symbol.asyncDispose]: () => faulty.close(),
  };
  return faulty;
}

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function refuse(
  request: IncomingMessage,
  body: string,
  { apiKey, models, schema }: FaultyServerOptions,
): Answer | undefined {
  if (request.method !== "POST" || !request.url?.endsWith("/chat/completions"))
    return problem(404, "not_found", `no such address: ${request.url}`);
  if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
    return problem(401, "invalid_api_key", `Incorrect API key provided: ${request.headers.authorization ?? "none"}`);
  }
  const { model, response_format } = JSON.parse(body) as ChatRequest;
  if (schema === "refused" && response_format)
    return problem(400, "invalid_request_error", "response_format is not supported");
  if (models && !models.includes(model)) return problem(404, "model_not_found", `the model ${model} does not exist`);
  return undefined;
}

function overLimit(arrivals: readonly number[], options: FaultyServerOptions): Answer | undefined {
  if (options.perSecond === undefined) return undefined;
  const now = arrivals.at(-1)!;
  let within = 0;
  for (let i = arrivals.length - 1; i >= 0 && arrivals[i]! > now - 1000; i--) within++;
  return within > options.perSecond ? rateLimit(options) : undefined;
}

function breakConnection(request: IncomingMessage, response: ServerResponse, faults: ReadonlySet<Fault>): boolean {
  if (faults.has("reset")) request.socket.resetAndDestroy();
  else if (faults.has("cut-body")) {
    response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
    response.write('{"id":"chatcmpl-');
    setTimeout(() => request.socket.destroy(), 5);
  } else return faults.has("hang");
  return true;
}

function failureOf(faults: ReadonlySet<Fault>, number: number, options: FaultyServerOptions): Answer | undefined {
  if (faults.has("rate-limit")) return rateLimit(options);
  if (!faults.has("server-error")) return undefined;
  const status = seededRandom(options.seed ?? 1, "status", number).pick([500, 502, 503]);
  return problem(status, "server_error", "the server had an error");
}

function rateLimit({ retryAfter = "seconds", retryAfterSeconds: seconds = 1 }: FaultyServerOptions): Answer {
  const headers: Record<string, string> = {};
  if (retryAfter === "seconds") headers["retry-after"] = String(seconds);
  if (retryAfter === "milliseconds") headers["retry-after-ms"] = String(seconds * 1000);
  if (retryAfter === "date") headers["retry-after"] = new Date(Date.now() + seconds * 1000).toUTCString();
  return { ...problem(429, "rate_limit_exceeded", "too many requests"), headers };
}

function problem(status: number, code: string, message: string): Answer {
  return { status, body: { error: { message, type: code, code } } };
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function completion(
  request: ChatRequest,
  number: number,
  faults: ReadonlySet<Fault>,
  { reply = defaultReply }: FaultyServerOptions,
): unknown {
  const content = spoil(reply(request), faults);
  const promptTokens = Math.ceil(request.messages.reduce((sum, { content }) => sum + content.length, 0) / 4);
  const usage = { prompt_tokens: promptTokens, completion_tokens: Math.ceil(content.length / 4) };
  return {
    id: `chatcmpl-${faults.has("duplicate-id") ? "same" : number}`,
    object: "chat.completion",
    created: 0,
    model: request.model,
    choices: [
      { index: 0, message: { role: "assistant", content }, finish_reason: faults.has("cut-json") ? "length" : "stop" },
    ],
    ...(faults.has("no-usage")
      ? {}
      : { usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens } }),
  };
}

function spoil(content: string, faults: ReadonlySet<Fault>): string {
  if (faults.has("refusal")) return "I'm sorry, but I can't help with that.";
  if (faults.has("wrong-schema")) return JSON.stringify({ title: "something else", items: [1, 2, 3] });
  return faults.has("cut-json") ? content.slice(0, Math.ceil(content.length / 2)) : content;
}

function defaultReply({ messages }: ChatRequest): string {
  const mark = hashText(messages.map(({ content }) => content).join("\n")).slice(0, 12);
  return JSON.stringify({
    question: `Which code word belongs to request ${mark}?`,
    answer: `It is ${mark.split("").reverse().join("")}.`,
  });
}

async function answer(response: ServerResponse, body: unknown, faults: ReadonlySet<Fault>): Promise<void> {
  if (!faults.has("drip")) return send(response, 200, body);
  const text = JSON.stringify(body);
  response.writeHead(200, { "content-type": "application/json" });
  for (let at = 0; at < text.length && !response.destroyed; at += 64) {
    response.write(text.slice(at, at + 64));
    await sleep(2);
  }
  response.end();
}
