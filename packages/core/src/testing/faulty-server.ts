import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hashOf } from "../hash.ts";
import type { Closable } from "../plug-points.ts";
import { seededRandom } from "../random.ts";
import { type Clock, systemClock } from "../waiting.ts";
import { type ApiRequest, type BatchPlay, batchEndpoints } from "./batch-endpoints.ts";
import { type Dialect, dayHeaders, dayIsOver, failedGeneration, firewallPage, wordsOf } from "./dialects.ts";
import {
  type Answer,
  asksModel,
  asResponse,
  type ChatCompletion,
  type ChatRequest,
  chatOf,
  chooseFaults,
  completion,
  type Fault,
  problem,
  readBody,
  responsesPath,
  send,
} from "./model-answers.ts";

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
  /** Answers every request of a number that it divides 429, whatever the pace, as a gateway with too few servers does. @default none */
  refusesEvery?: number;
  /** Requests that it works on at the same time; others wait, and are worked on whether their client is still there or not. @default all */
  atOnce?: number;
  /** Headers that say what is left of `perSecond`, as OpenAI, Anthropic or the IETF draft have them. @default none */
  rateHeaders?: RateHeaderStyle;
  /** Headers of everything it answers, such as those of a gateway that repeats another limit. @default none */
  headers?: Readonly<Record<string, string>>;
  /**
   * Answers every request with this error, such as `{ status: 402, code: "billing", message: "no credit" }`; a function says so for
   * each request to a model. @default none
   */
  refuse?: Refusal | ((request: ChatRequest) => Refusal | undefined);
  /**
   * Whose words and headers its limits and refusals have: those of rates, moderation, schemas, keys, models and outages. Groq's kind also
   * answers 400 with what was written where that should be JSON and is none. @default "openai", with the limits of `retryAfter` and `rateHeaders`
   */
  speaksLike?: Dialect;
  /** Answers before the limit of the day is used up, which is whole again in ten hours; more are answered 429. @default no limit */
  perDay?: number;
  /** The prompts that its moderation refuses. @default none */
  moderates?: (request: ChatRequest) => boolean;
  /** The prompts that a firewall before it refuses with a page. @default none */
  firewall?: (request: ChatRequest) => boolean;
  /** Milliseconds since its start between which everything is answered as by a proxy before a server that loads, or by that. @default none */
  outage?: { from: number; to: number };
  /** Milliseconds before an answer. @default 0 */
  latency?: number;
  /** The only key it accepts; others get a 401. @default any */
  apiKey?: string;
  /** The models it knows and lists at `/models`; others get a 404. @default any, and a list without entries */
  models?: readonly string[];
  /** Whether it takes a `response_format`, refuses it in the words of `speaksLike`, or answers this error to it. @default "taken" */
  schema?: "taken" | "refused" | Refusal;
  /** Changes a good chat completion before it is sent, as other servers shape it. @default nothing */
  reshape?: (completion: ChatCompletion) => unknown;
  /** How it plays the batch API: files, batches, their ends and faults. @default every batch is completed at the fourth look */
  batch?: BatchPlay;
  /**
   * Told of every request when it has come, and once more when it is carried out and not answered yet; a test can end its client
   * at either moment.
   */
  intercept?: (request: { method: string; path: string; moment: "come" | "carried-out" }) => void | Promise<void>;
  /** Where it listens. @default a free port */
  port?: number;
  /** @default 1 */
  seed?: number;
  /** Where arrivals, limits and latency read the time. @default the machine's */
  clock?: Clock;
}

/** An error as OpenAI's API words it. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
}

/** What the server has seen, counted on its own side. */
export interface ServerCounts {
  requests: number;
  /** Requests answered with a model's text, in batches too. */
  answered: number;
  /** Distinct requests that were answered; one that is asked again with or without a response format is the same. */
  distinct: number;
  /** Most requests at the same time. */
  peak: number;
  statuses: Record<number, number>;
  faults: Partial<Record<Fault, number>>;
  /** Batches made, and files held. */
  batches: number;
  files: number;
  /** Milliseconds since the start at which each request came. */
  arrivals: number[];
}

/** A server on loopback that speaks OpenAI's chat completions, responses and batches, badly where it is told to. */
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
  const counts: Omit<ServerCounts, "batches" | "files" | "distinct"> = {
    requests: 0,
    answered: 0,
    peak: 0,
    statuses: {},
    faults: {},
    arrivals: [],
  };
  const { seed = 1, models, batch: play = {}, intercept, clock = systemClock } = options;
  const seen = new Set<string>();
  const start = clock.now();
  let active = 0;
  const work = workInOrder(options);
  async function complete(path: string, body: string, faults: ReadonlySet<Fault>): Promise<Answer> {
    const request = chatOf(path, body);
    seen.add(hashOf({ ...request, response_format: null }));
    const made = await completion(request, ++counts.answered, faults, options.reply);
    const isJsonWanted = request.response_format !== undefined;
    const failed = failedGeneration(options.speaksLike, { reply: made.choices[0]!.message.content, isJsonWanted });
    if (failed) return failed;
    if (path.endsWith(responsesPath)) return { status: 200, body: asResponse(made) };
    return { status: 200, body: options.reshape ? options.reshape(made) : made };
  }
  const batches = batchEndpoints({
    play,
    seed,
    models,
    async answer(request, url) {
      const body = JSON.stringify(request);
      const refused = refuseChat(url, body, options);
      if (refused) return refused;
      return complete(url, body, chooseFaults(options.faults ?? {}, { seed, number: counts.answered, body }));
    },
  });
  async function carryOut(request: ApiRequest, faults: ReadonlySet<Fault>): Promise<Answer> {
    const { method, path, body } = request;
    if (method === "POST" && asksModel(path)) return complete(path, body, faults);
    return (await batches.handle(request)) ?? problem(404, "not_found", `no such address: ${path}`);
  }

  const server = createServer(async (incoming, response) => {
    if (incoming.method === "GET" && incoming.url?.endsWith("/models")) {
      return send(response, { status: 200, body: listOf(models) });
    }
    const number = ++counts.requests;
    counts.arrivals.push(clock.now() - start);
    counts.peak = Math.max(counts.peak, ++active);
    response.on("close", () => {
      active--;
      counts.statuses[response.statusCode] = (counts.statuses[response.statusCode] ?? 0) + 1;
    });
    const request = await readRequest(incoming).catch(() => undefined);
    if (!request) return;
    const { method, path, body } = request;
    await intercept?.({ method, path, moment: "come" });
    for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
    const window = windowOf(counts.arrivals, options);
    for (const [name, value] of Object.entries(window.headers)) response.setHeader(name, value);
    for (const [name, value] of Object.entries(dayHeaders(options, counts.answered))) response.setHeader(name, value);
    const isRefused = window.isOver || (options.refusesEvery !== undefined && number % options.refusesEvery === 0);
    const isAway =
      options.outage && clock.now() - start >= options.outage.from && clock.now() - start < options.outage.to;
    const refused = isAway
      ? wordsOf(options.speaksLike).loading
      : (refuse(incoming, request, options) ??
        dayIsOver(options, counts.answered) ??
        (isRefused ? rateLimit(options) : undefined));
    if (refused) return send(response, refused);
    const faults = chooseFaults(options.faults ?? {}, { seed, number, body });
    for (const fault of faults) counts.faults[fault] = (counts.faults[fault] ?? 0) + 1;
    if (options.latency) await clock.sleep(work.begin(clock.now()));
    if (breakConnection(incoming, response, faults)) return;
    const answer = failureOf(faults, number, options) ?? (await carryOut(request, faults));
    await intercept?.({ method, path, moment: "carried-out" });
    if (faults.has("lost-answer")) incoming.socket.resetAndDestroy();
    else if (faults.has("drip")) await drip(response, answer);
    else send(response, answer);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const faulty: FaultyServer = {
    url: `http://127.0.0.1:${port}/v1`,
    counts: () => structuredClone({ ...counts, distinct: seen.size, batches: batches.batches, files: batches.files }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    [Symbol.asyncDispose]: () => faulty.close(),
  };
  return faulty;
}

/** Works on so many requests at the same time, in the order in which they came. */
function workInOrder({ latency = 0, atOnce }: Pick<FaultyServerOptions, "latency" | "atOnce">) {
  const freeFrom = Array.from({ length: atOnce ?? 0 }, () => 0);
  return {
    /** Milliseconds until the answer to a request that comes now. */
    begin(now: number): number {
      if (freeFrom.length === 0) return latency;
      const first = freeFrom.indexOf(Math.min(...freeFrom));
      freeFrom[first] = Math.max(now, freeFrom[first]!) + latency;
      return freeFrom[first]! - now;
    },
  };
}

function listOf(models: readonly string[] = []): unknown {
  return { object: "list", data: models.map((id) => ({ id, object: "model", created: 0, owned_by: "library" })) };
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://127.0.0.1");
  return {
    method: incoming.method ?? "GET",
    path: pathname.replace(/^\/v1/, ""),
    query: searchParams,
    contentType: incoming.headers["content-type"] ?? "",
    body: await readBody(incoming),
  };
}

function refuse(
  { headers: { authorization } }: IncomingMessage,
  { path, body }: ApiRequest,
  options: FaultyServerOptions,
): Answer | undefined {
  const { apiKey, refuse: refusal } = options;
  if (apiKey !== undefined && authorization !== `Bearer ${apiKey}`) {
    return wordsOf(options.speaksLike).key(authorization ?? "none");
  }
  if (typeof refusal === "object") return problem(refusal.status, refusal.code, refusal.message);
  return asksModel(path) ? refuseChat(path, body, options) : undefined;
}

function refuseChat(path: string, body: string, options: FaultyServerOptions): Answer | undefined {
  const { models, schema, refuse, speaksLike } = options;
  const words = wordsOf(speaksLike);
  const request = chatOf(path, body);
  if (options.firewall?.(request)) return firewallPage;
  if (options.moderates?.(request)) return words.moderation;
  const { model, response_format } = request;
  const refusal = typeof refuse === "function" ? refuse(request) : undefined;
  if (refusal) return problem(refusal.status, refusal.code, refusal.message);
  if (typeof schema === "object" && response_format) return problem(schema.status, schema.code, schema.message);
  if (schema === "refused" && response_format) {
    return path.endsWith(responsesPath)
      ? problem(400, "invalid_request_error", "text.format is not supported")
      : words.schema;
  }
  if (models && !models.includes(model)) return words.model(model);
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

function rateLimit(options: FaultyServerOptions): Answer {
  const { retryAfter = "seconds", retryAfterSeconds: seconds = 1, speaksLike } = options;
  if (speaksLike) return wordsOf(speaksLike).limit(seconds);
  const headers: Record<string, string> = {};
  if (retryAfter === "seconds") headers["retry-after"] = String(seconds);
  if (retryAfter === "milliseconds") headers["retry-after-ms"] = String(seconds * 1000);
  if (retryAfter === "date") headers["retry-after"] = new Date(Date.now() + seconds * 1000).toUTCString();
  return { ...problem(429, "rate_limit_exceeded", "too many requests"), headers };
}

async function drip(
  response: ServerResponse,
  { status, body, text = JSON.stringify(body), headers }: Answer,
): Promise<void> {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  for (let at = 0; at < text.length && !response.destroyed; at += 64) {
    response.write(text.slice(at, at + 64));
    await systemClock.sleep(2);
  }
  response.end();
}

/** Whose names a server uses for what is left of its rate limit. */
export type RateHeaderStyle = "openai" | "anthropic" | "standard";

const windowLength = 1000;

/** What the requests of the last second leave of the limit, and how headers put it. */
function windowOf(
  arrivals: readonly number[],
  { perSecond, rateHeaders }: { perSecond?: number; rateHeaders?: RateHeaderStyle },
): { isOver: boolean; headers: Record<string, string> } {
  if (perSecond === undefined) return { isOver: false, headers: {} };
  const now = arrivals.at(-1)!;
  let within = 0;
  for (let i = arrivals.length - 1; i >= 0 && arrivals[i]! > now - windowLength; i--) within++;
  const remaining = Math.max(0, perSecond - within);
  return { isOver: within > perSecond, headers: rateHeaders ? headersOf(rateHeaders, perSecond, remaining) : {} };
}

/** Limit, remaining and reset: the last request leaves the window when a whole window has passed. */
function headersOf(style: RateHeaderStyle, limit: number, remaining: number): Record<string, string> {
  const [prefix, suffix, reset] = {
    openai: ["x-ratelimit-", "-requests", `${windowLength}ms`],
    anthropic: ["anthropic-ratelimit-requests-", "", new Date(Date.now() + windowLength).toISOString()],
    standard: ["ratelimit-", "", String(windowLength / 1000)],
  }[style] as [string, string, string];
  const name = (what: string) => `${prefix}${what}${suffix}`;
  return { [name("limit")]: String(limit), [name("remaining")]: String(remaining), [name("reset")]: reset };
}
