import { APICallError } from "ai";
import { RagInstructError } from "../errors.ts";
import { retryAfter } from "./retry-after.ts";

/** What a failed call means for the calls to come. */
export type Failure =
  /** The endpoint is over its limit: slow down, then ask again. */
  | { kind: "overloaded"; wait: number | undefined; error: Error }
  /** May go better next time. */
  | { kind: "transient"; wait: number | undefined; error: Error }
  /** This request will never be answered; others may be. */
  | { kind: "rejected"; error: Error }
  /** No request will be answered: wrong key, no quota, unknown model. */
  | { kind: "hopeless"; error: Error };

/** Judges an error of the AI SDK or of fetch. Messages carry status and the endpoint's own words, never a key or a header. */
export function judgeFailure(error: unknown): Failure {
  if (RagInstructError.is(error)) return { kind: "rejected", error };
  if (!APICallError.isInstance(error)) return { kind: "transient", wait: undefined, error: asError(error) };
  const { statusCode: status, responseHeaders = {} } = error;
  const words = endpointWords(error);
  const clean = new RagInstructError(
    "call-failed",
    status === undefined ? words : `the endpoint answered ${status}: ${words}`,
  );
  const wait = retryAfter(responseHeaders);
  if (status === undefined) return { kind: "transient", wait, error: clean };
  if (status === 401 || status === 403) return hopeless("the endpoint refuses the key", clean);
  if (/insufficient_quota|billing|exceeded your current quota/i.test(words))
    return hopeless("the quota is used up", clean);
  if (status === 404) return hopeless("the endpoint does not know the model or the address", clean);
  if (status === 429 || status === 503 || status === 529) return { kind: "overloaded", wait, error: clean };
  if (status === 408 || status === 409 || status >= 500) return { kind: "transient", wait, error: clean };
  // A 200 whose body cannot be read is an answer cut off on the way.
  if (status < 400) return { kind: "transient", wait, error: clean };
  return { kind: "rejected", error: clean };
}

function hopeless(why: string, cause: RagInstructError): Failure {
  return { kind: "hopeless", error: new RagInstructError("breaker-open", `${why} (${cause.message})`, { cause }) };
}

function endpointWords(error: APICallError): string {
  const body = error.data as { error?: { message?: unknown; code?: unknown; type?: unknown } } | undefined;
  const said = [body?.error?.code, body?.error?.message].filter((part) => typeof part === "string" && part !== "");
  const words = said.length > 0 ? said.join(": ") : error.responseBody?.trim() || error.message;
  return words
    .replace(/\b(?:sk|key|Bearer)[-_ ][A-Za-z0-9._*-]{6,}/g, "[key]")
    .replace(/\s+/g, " ")
    .slice(0, 300);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
