import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { hashText } from "../hash.ts";
import type { Closable } from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import { type Answer, type ChatRequest, completion, problem, readBody, send } from "./chat-answers.ts";
import { chooseFaults, type Fault } from "./faults.ts";
import { type RateHeaderStyle, windowOf } from "./rate-window.ts";

/** Options of {@link faultyServer}. */
export interface FaultyServerOptions {
  /** The text that the model writes. @default a JSON object of question and answer that depends on the request */
  reply?: (request: ChatRequest) => string | Promise<string>;
  /** Share of requests with each fault, 0 to 1. @default {} */
  faults?: Readonly<Partial<Record<Fault, number>>>;
  /** Form of the Retry-After of a 429. @default "seconds" */
  retryAfter?: "seconds" | "date" | "milliseconds" | "none";
  /** Seconds that a 429 asks to wait. @default 1 */
  retryAfterSeconds?: number;
  /** Requests a second that it bears; more are answered 429. @default no limit */
  perSecond?: number;
  /** Headers that say what is left of `perSecond`, as OpenAI, Anthropic or the IETF draft have them. @default none */
  rateHeaders?: RateHeaderStyle;
  /** Answers every request with this error, such as `{ status: 402, code: "billing", message: "no credit" }`. @default none */
  refuse?: { status: number; code: string; message: string };
  /** Milliseconds before an answer. @default 0 */
  latency?: number;
  /** The only key it accepts; others get a 401. @default any */
  apiKey?: string;
  /** The models it knows and lists at `/models`; others get a 404. @default any, and a list without entries */
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
    if (request.method === "GET" && request.url?.endsWith("/models"))
      return send(response, 200, listOf(options.models));
    const number = ++counts.requests;
    counts.arrivals.push(performance.now() - start);
    counts.peak = Math.max(counts.peak, ++active);
    response.on("close", () => {
      active--;
      counts.statuses[response.statusCode] = (counts.statuses[response.statusCode] ?? 0) + 1;
    });
    const body = await readBody(request).catch(() => undefined);
    if (body === undefined) return;
    const window = windowOf(counts.arrivals, options);
    for (const [name, value] of Object.entries(window.headers)) response.setHeader(name, value);
    const refused = refuse(request, body, options) ?? (window.isOver ? rateLimit(options) : undefined);
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
    const completed = await completion(JSON.parse(body) as ChatRequest, number, faults, options.reply);
    await answer(response, completed, faults);
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

function listOf(models: readonly string[] = []): unknown {
  return { object: "list", data: models.map((id) => ({ id, object: "model", created: 0, owned_by: "library" })) };
}

function refuse(
  request: IncomingMessage,
  body: string,
  { apiKey, models, schema, refuse: refusal }: FaultyServerOptions,
): Answer | undefined {
  if (request.method !== "POST" || !request.url?.endsWith("/chat/completions"))
    return problem(404, "not_found", `no such address: ${request.url}`);
  if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
    return problem(401, "invalid_api_key", `Incorrect API key provided: ${request.headers.authorization ?? "none"}`);
  }
  if (refusal) return problem(refusal.status, refusal.code, refusal.message);
  const { model, response_format } = JSON.parse(body) as ChatRequest;
  if (schema === "refused" && response_format)
    return problem(400, "invalid_request_error", "response_format is not supported");
  if (models && !models.includes(model)) return problem(404, "model_not_found", `the model ${model} does not exist`);
  return undefined;
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
