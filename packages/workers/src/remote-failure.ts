import { type ErrorCode, RagInstructError } from "@rag-instruct/core";
import { APICallError } from "ai";

// What paces and retries calls; other headers may hold cookies.
const limitHeader = /^(?:retry-after(?:-ms)?|x-ratelimit-.*|ratelimit-.*|anthropic-ratelimit-.*)$/;
const maxBody = 2000;

/** A failure that crossed Redis; status and words are the endpoint's, cleaned of keys. */
export interface RemoteFailure {
  message: string;
  /** Present when the worker itself refused, or could not do it. */
  code?: ErrorCode;
  /** Redis no longer held the request when the worker began. */
  lost?: true;
  /** Present when an endpoint answered, or could not be reached. */
  call?: { status?: number; headers: Record<string, string>; body?: string; retryable: boolean };
}

/** The headers that tell of an endpoint's limits. */
export function limitHeaders(
  headers: Readonly<Record<string, string | undefined>> | undefined,
): Record<string, string> {
  const entries = Object.entries(headers ?? {}).filter(
    ([name, value]) => value !== undefined && limitHeader.test(name),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

/** An error as it may cross Redis: without the request and its headers, and without the secrets given. */
export function packFailure(error: unknown, secrets: readonly string[] = []): RemoteFailure {
  const clean = (text: string) => secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, "[key]"), text);
  const message = clean(error instanceof Error ? error.message : String(error));
  if (RagInstructError.is(error)) return { message, code: error.code };
  if (!APICallError.isInstance(error)) return { message };
  return {
    message,
    call: {
      status: error.statusCode,
      headers: limitHeaders(error.responseHeaders),
      body: error.responseBody === undefined ? undefined : clean(error.responseBody).slice(0, maxBody),
      retryable: error.isRetryable,
    },
  };
}

/** The error that the worker met, so that retries, pauses and the breaker decide as if the call had been made here. */
export function unpackFailure({ message, code, call }: RemoteFailure): Error {
  if (code) return new RagInstructError(code, message);
  if (!call) return new Error(message);
  return new APICallError({
    message,
    url: "",
    requestBodyValues: {},
    responseHeaders: call.headers,
    isRetryable: call.retryable,
    statusCode: call.status,
    responseBody: call.body,
    data: call.body === undefined ? undefined : parsed(call.body),
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The error of work that no worker brought to its end. */
export function unfinished(reason: string): RagInstructError {
  return new RagInstructError("call-failed", `no worker finished the work: ${reason}`);
}
