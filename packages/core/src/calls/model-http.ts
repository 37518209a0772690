import type { LanguageModel } from "ai";
import { isLoopback } from "../check-outcome.ts";
import { isObject } from "../types.ts";

/** A model object of the AI SDK, which a bare id is not. */
export type ModelObject = Exclude<LanguageModel, string>;

/** The part of a provider's configuration that OpenAI's and OpenAI-compatible models of the AI SDK carry. */
interface ModelConfig {
  headers?: unknown;
  url?: unknown;
  fetch?: unknown;
}

function configOf(model: object): ModelConfig | undefined {
  const { config } = model as { config?: unknown };
  return isObject(config) ? config : undefined;
}

// From a twin to the model it was made of: what was learned of an endpoint holds for both.
const originals = new WeakMap<ModelObject, ModelObject>();

/** The model that a twin was made of; a model that is no twin is its own. */
export function originalOf(model: ModelObject): ModelObject {
  return originals.get(model) ?? model;
}

/** The same model with another way to its endpoint; undefined for one that does not reach it by HTTP as OpenAI's providers do. */
export function withFetch(
  model: ModelObject,
  change: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch,
): ModelObject | undefined {
  const config = configOf(model);
  if (typeof config?.url !== "function") return undefined;
  const twin = twinOf(model, { ...config, fetch: change(fetchOf(config)) });
  originals.set(twin, originalOf(model));
  return twin;
}

const patientTwins = new WeakMap<object, object>();

/**
 * The same model, language or embedding, for whose answers as long is waited as a call's signal allows; itself where it has a fetch of
 * its own, or does not reach its endpoint by HTTP as OpenAI's providers do.
 */
export function patientModel<M extends object>(model: M): M {
  const config = configOf(model);
  if (typeof config?.url !== "function" || config.fetch !== undefined) return model;
  const known = patientTwins.get(model) as M | undefined;
  const twin = known ?? twinOf(model, { ...config, fetch: patientFetch });
  patientTwins.set(model, twin);
  return twin;
}

function twinOf<M extends object>(model: M, config: ModelConfig): M {
  return Object.assign(Object.create(Object.getPrototypeOf(model)) as M, model, { config });
}

function fetchOf({ fetch }: ModelConfig): typeof globalThis.fetch {
  return (fetch as typeof globalThis.fetch | undefined) ?? patientFetch;
}

/** Whether a model's endpoint is on this machine, by its address or, where that cannot be seen, by a provider's name that begins with it. */
export function isOnLoopback(model: { provider: string; modelId: string }): boolean {
  return isLoopback(hostOf(model) ?? model.provider);
}

/** Whether a model runs in this process, as those of this project's own providers do: nobody charges for it, and it takes its time. */
export function runsHere({ provider }: { provider: string }): boolean {
  return provider.startsWith("rag-instruct.");
}

function hostOf(model: { modelId: string }): string | undefined {
  const { url } = configOf(model as ModelObject) ?? {};
  if (typeof url !== "function") return undefined;
  try {
    return new URL(String(url({ path: "/", modelId: model.modelId }))).hostname;
  } catch {
    return undefined;
  }
}

const secretHeader = /auth|key|token|secret|cookie|credential/i;

/** Whether a header's value is a secret, by the header's name. */
export function isSecretHeader(name: string): boolean {
  return secretHeader.test(name);
}

/** The secrets in headers, which may be shown nowhere. */
export function secretsIn(headers: unknown): string[] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    typeof value === "string" && isSecretHeader(name) ? [value, value.replace(/^\w+\s+/, "")] : [],
  );
}

/** The key that a model sends, as its headers hold it, so that it can be struck out of errors. Empty where they cannot be asked. */
export async function secretsOf(model: ModelObject): Promise<string[]> {
  const { headers } = configOf(model) ?? {};
  try {
    const given: unknown = await (typeof headers === "function" ? headers() : headers);
    return secretsIn(given);
  } catch {
    return [];
  }
}

/** What sends the requests of fetch: Node's own connections, a proxy's, or whatever took their place. */
interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

// Where undici, which is Node's fetch, keeps it; the number grows with the form of its handlers, which `onRequestStart` tells.
const [dispatcher1, dispatcher2] = ["undici.globalDispatcher.1", "undici.globalDispatcher.2"].map(Symbol.for);

function dispatcherFor(handler: object): Dispatcher | undefined {
  const known = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  const first = known[dispatcher1!];
  return "onRequestStart" in handler ? (known[dispatcher2!] ?? first) : first;
}

// In undici's options of a request 0 is no limit; without them it gives up after five minutes.
const patient: Dispatcher = {
  dispatch(options, handler) {
    const dispatcher = dispatcherFor(handler);
    if (!dispatcher) throw new Error("the fetch of this Node does not say who sends its requests");
    return dispatcher.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler);
  },
};

const ownFetch = globalThis.fetch;
const maxRedirects = 5;

/**
 * fetch, as patient as its caller: Node's own gives up an answer whose headers, or the next part of whose body, do not come within
 * five minutes, whatever its signal allows. Everything else stays, proxies among it. Where another fetch stands in the place of
 * Node's, it is that one. A redirect is followed where request and key can go along (307 and 308 to the same host), and is the answer
 * elsewhere.
 */
export const patientFetch: typeof fetch = async (url, init) => {
  const isOwn = globalThis.fetch === ownFetch;
  const given: RequestInit = { ...init, redirect: "manual" };
  const request = isOwn ? ({ ...given, dispatcher: patient } as RequestInit) : given;
  for (let at: string | URL | Request = url, hops = 0; ; hops++) {
    const response = await globalThis.fetch(at, request);
    const to = hops < maxRedirects ? movedTo(response, at) : undefined;
    if (to === undefined) return response;
    await response.body?.cancel();
    at = to;
  }
};

/** Where a request is to be sent once more as it is; undefined where it is not. */
function movedTo({ status, headers }: Response, from: string | URL | Request): URL | undefined {
  const location = headers.get("location");
  if ((status !== 307 && status !== 308) || location === null || from instanceof Request) return undefined;
  if (!URL.canParse(location, String(from))) return undefined;
  const to = new URL(location, from);
  return to.origin === new URL(from).origin ? to : undefined;
}
