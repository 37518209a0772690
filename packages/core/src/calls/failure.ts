import { AISDKError, APICallError, LoadAPIKeyError } from "ai";
import { RagInstructError } from "../errors.ts";
import { retryAfter } from "./rate-headers.ts";

interface Failed {
  error: Error;
  /** Whether the endpoint may have charged for the attempt. */
  mayBePaid: boolean;
  headers?: Readonly<Record<string, string>>;
}

interface Passing extends Failed {
  /** Milliseconds that the endpoint asks to wait. */
  wait: number | undefined;
}

/** What a failed call means for the calls to come. */
export type Failure =
  /** The endpoint is over its limit: slow down, then ask again. */
  | ({ kind: "overloaded" } & Passing)
  /** May go better next time. */
  | ({ kind: "transient" } & Passing)
  /** This request will never be answered; others may be. */
  | ({ kind: "rejected" } & Failed)
  /** No request will be answered, for what is wrong with one of these. */
  | ({ kind: "hopeless"; fault: "key" | "quota" | "model" | "settings" | "endpoint" } & Failed);

const quotaWords =
  /insufficient_quota|insufficient (?:balance|credit|funds)|billing|credit balance|exceeded your current quota|payment required/i;
const modelWords =
  /model_not_found|invalid_model|model\b.{0,80}\b(?:does not exist|not found|is not available|unknown)|(?:unknown|invalid|no such) model/i;
const keyWords = /invalid_api_key|incorrect api key|invalid api key|api key not valid/i;
// What undici says, with the value in it, when a key has a line break or another character that no header can hold.
const headerWords = /invalid header value|is an invalid.*header|header.*ByteString|ByteString/i;
const badHeader = "the key, or another header, holds characters that no header can carry";
// Mistakes of the caller that the AI SDK finds before anything is sent.
const callerMistakes =
  /^AI_(?:UnsupportedFunctionality|InvalidArgument|InvalidPrompt|NoSuchModel|LoadSetting|TypeValidation)Error$/;

/**
 * Judges an error of the AI SDK or of fetch. Messages carry status and the endpoint's own words; the error itself, which may hold
 * headers and request, is let go, and keys are struck out.
 */
export function judgeFailure(error: unknown, secrets: readonly string[] = []): Failure {
  // What is set wrongly is wrong for every call.
  if (RagInstructError.is(error, "bad-option")) return { kind: "hopeless", fault: "settings", mayBePaid: false, error };
  // Our own errors come from looking at an answer, or from waiting for one too long.
  if (RagInstructError.is(error)) return { kind: "rejected", mayBePaid: true, error };
  if (LoadAPIKeyError.isInstance(error))
    return hopeless("key", "there is no key", failed(redact(error.message, secrets)));
  if (APICallError.isInstance(error)) return judgeAnswer(error, secrets);
  const message = error instanceof Error ? error.message : String(error);
  if (headerWords.test(message)) {
    return hopeless("key", badHeader, undefined);
  }
  const clean = failed(redact(message, secrets));
  if (AISDKError.isInstance(error) && callerMistakes.test(error.name))
    return { kind: "rejected", mayBePaid: false, error: clean };
  return { kind: "transient", wait: undefined, mayBePaid: !wasNeverSent(error), error: clean };
}

function judgeAnswer(error: APICallError, secrets: readonly string[]): Failure {
  const { statusCode: status, responseHeaders: headers = {} } = error;
  const words = endpointWords(error);
  const said = redact(words, secrets).slice(0, 300);
  const clean = failed(status === undefined ? said : `the endpoint answered ${status}: ${said}`);
  const wait = retryAfter(headers);
  if (status === undefined) {
    if (headerWords.test(words)) return hopeless("key", badHeader, undefined);
    return { kind: "transient", wait, mayBePaid: !wasNeverSent(error), error: clean };
  }
  // Endpoints repeat the key in these answers, so their words are left out.
  if (status === 401 || status === 403 || keyWords.test(words)) {
    return hopeless("key", "the endpoint refuses the key", failed(`the endpoint answered ${status}`));
  }
  if (status === 402 || quotaWords.test(words)) return hopeless("quota", "the quota is used up", clean);
  if (status === 404) return hopeless("model", "the endpoint does not know the model or the address", clean);
  if (status === 400 && modelWords.test(words)) return hopeless("model", "the endpoint does not know the model", clean);
  if (status === 429 || status === 503 || status === 529) {
    return { kind: "overloaded", wait, mayBePaid: false, error: clean, headers };
  }
  const passes = status === 408 || status === 409 || status === 425 || status >= 500;
  if (passes) return { kind: "transient", wait, mayBePaid: status === 504, error: clean, headers };
  // A 200 whose body cannot be read is an answer cut off on the way.
  if (status < 400) return { kind: "transient", wait, mayBePaid: true, error: clean, headers };
  return { kind: "rejected", mayBePaid: false, error: clean, headers };
}

const unsentWords = /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)\b/;

/** Whether there never was a connection to send a request by, so that nothing can have been charged. */
function wasNeverSent(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (unsentWords.test(`${(at as NodeJS.ErrnoException).code ?? ""} ${at.message}`)) return true;
  }
  return false;
}

function failed(message: string): RagInstructError {
  return new RagInstructError("call-failed", message);
}

type Fault = Extract<Failure, { kind: "hopeless" }>["fault"];

function hopeless(fault: Fault, why: string, cause: RagInstructError | undefined): Failure {
  const message = cause ? `${why} (${cause.message})` : why;
  return {
    kind: "hopeless",
    fault,
    mayBePaid: false,
    error: new RagInstructError("breaker-open", message, cause ? { cause } : {}),
  };
}

function endpointWords(error: APICallError): string {
  const body = error.data as { error?: { message?: unknown; code?: unknown; type?: unknown } } | undefined;
  const { code, type, message } = body?.error ?? {};
  const said = [code ?? type, message].filter((part) => typeof part === "string" && part !== "");
  const words = said.length > 0 ? said.join(": ") : error.responseBody?.trim() || error.message;
  return words.replace(/\s+/g, " ");
}

const struckOut = "[key]";

const patterns: readonly RegExp[] = [
  /\b(?:Bearer|Basic)\s+\S+/gi,
  // Prefixes that vendors give their keys, whole or with their middle starred out.
  /\b(?:sk|pk|rk|gsk|hf|xai|nvapi|r8|fw|pplx|AIza|ghp|glpat)[-_]?[A-Za-z0-9._*-]{8,}/g,
  /(?<=[?&](?:[\w.-]*(?:key|token|secret|password)|code|sig(?:nature)?)=)[^&#\s"']+/gi,
  // Headers as they are printed.
  /(?<=\b(?:x-)?api[-_]?key["']?\s*[:=]\s*["']?)[^&\s"',;}]{4,}/gi,
  /(?<=:\/\/)[^/@\s]+(?=@)/g,
  // Anything long that mixes letters and digits, as keys do.
  /\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{28,}\b/g,
];

/** Strikes keys out of a text: those that are known, and whatever looks like one. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const known = secrets.reduce((rest, secret) => (secret.length < 4 ? rest : rest.replaceAll(secret, struckOut)), text);
  return patterns.reduce((rest, pattern) => rest.replace(pattern, struckOut), known);
}
