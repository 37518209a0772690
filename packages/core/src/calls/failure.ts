import { AISDKError, APICallError, LoadAPIKeyError } from "ai";
import { RagInstructError } from "../errors.ts";
import { isObject, jsonValue } from "../types.ts";
import { rateHeaders, retryAfter, spokenWait } from "./rate-headers.ts";
import { isNoCompletion } from "./read-reply.ts";
import { redact } from "./redact.ts";

interface Failed {
  error: Error;
  /** Whether the endpoint may have charged for the attempt. */
  mayBePaid: boolean;
  /** Present when an endpoint answered. */
  headers?: Readonly<Record<string, string>>;
}

interface Passing extends Failed {
  /** Milliseconds that the endpoint asks to wait. */
  wait: number | undefined;
  /** The endpoint as a whole does not answer: it loads, restarts, or is gone. */
  isOutage?: boolean;
  /** The answer took longer than fetch, or a gateway, waits for one. */
  isTimeout?: boolean;
  /** The answer came whole and holds no reply of a model: each further attempt might be charged. */
  isNoAnswer?: boolean;
}

/** What a failed call means for the calls to come. */
export type Failure =
  /** The endpoint is over its limit: slow down, then ask again. `isToldWhen` where it said for how long, `isLimit` where the limit is the caller's (429). */
  | ({ kind: "overloaded"; isToldWhen: boolean; isLimit: boolean } & Passing)
  /** May go better next time. `nobodyAt` is the address where no server listens. */
  | ({ kind: "transient"; nobodyAt?: string } & Passing)
  /**
   * This request will never be answered; others may be. `refuses` says that it is so for its prompt: `prompt` in the endpoint's own
   * words, `page` where a firewall before it sent a page.
   */
  | ({ kind: "rejected"; refuses?: "prompt" | "page" } & Failed)
  /** No request will be answered, since what `fault` names is wrong. */
  | ({ kind: "hopeless"; fault: "key" | "quota" | "model" | "settings" | "certificate" | "endpoint" } & Failed);

// Codes are an endpoint's own; words are looked at only where no code and no status decides.
const quotaCodes =
  /^(?:insufficient_(?:user_)?quota|billing_hard_limit_reached|billing_not_active|insufficient_(?:balance|credits?|funds)|credit_balance_too_low|payment_required|exceeded_current_quota_error)$/;
const quotaWords =
  /insufficient[_ ](?:quota|balance|credits?|funds)|credit balance|billing[_ ]hard[_ ]limit|(?:out of|no|all available) credits|payment required/i;
const modelCodes = /^(?:model_not_found|invalid_model)$/;
const modelWords =
  /model_not_found|invalid_model|model\b.{0,80}\b(?:does not exist|not found|is not available|unknown)|(?:unknown|invalid|no such|not a valid) model/i;
const keyCodes = /^(?:invalid_api_key|api_key_invalid)$/;
const keyWords = /invalid_api_key|incorrect api key|invalid api key|api key not valid/i;
// The model wrote no JSON this time.
const unluckyCodes = /^json_validate_failed$/;
const promptCodes =
  /^(?:content_filter|content_policy_violation|responsibleaipolicyviolation|moderation_blocked|data_inspection_failed|datainspectionfailed)$/;
const promptWords = /\b(?:moderation|flagged|content[ _]policy|content[ _]filter|content violates|usage guidelines)/i;
// A message tells what is wrong in its first words; what follows may quote the prompt.
const firstWords = 200;
// What undici says, with the value in it, when a key has a line break or another character that no header can hold.
const headerWords = /invalid header value|is an invalid.*header|header.*ByteString|ByteString/i;
const badHeader = "the key, or another header, holds characters that no header can carry";
// What fetch says of an address to which it never sends anything: a port it blocks (the fetch standard's "bad port"), no scheme, no URL.
const addressWords = /\bbad port\b|\bunknown scheme\b|\bfailed to parse URL\b|\binvalid URL\b/i;
const badAddress = "no request can be sent to this address; mend the base URL";
// Mistakes of the caller that the AI SDK finds before anything is sent.
const callerMistakes =
  /^AI_(?:UnsupportedFunctionality|InvalidArgument|InvalidPrompt|NoSuchModel|LoadSetting|TypeValidation)Error$/;

const emptyAnswers = /^AI_(?:InvalidResponseData|EmptyResponseBody)Error$/;

/**
 * Judges an error of the AI SDK or of fetch. Messages carry status and the endpoint's own words; the error itself, which may hold
 * headers and request, is let go, and keys are struck out.
 */
export function judgeFailure(error: unknown, secrets: readonly string[] = []): Failure {
  // What is set wrongly is wrong for every call.
  if (RagInstructError.is(error, "bad-option")) return { kind: "hopeless", fault: "settings", mayBePaid: false, error };
  // What stands between here and the endpoint has failed.
  if (RagInstructError.is(error, "server-failed"))
    return { kind: "hopeless", fault: "endpoint", mayBePaid: false, error };
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
  if (error instanceof TypeError && addressWords.test(message)) return hopeless("settings", badAddress, clean);
  // The AI SDK has looked into an answer that came.
  if (AISDKError.isInstance(error) && emptyAnswers.test(error.name))
    return { kind: "transient", wait: undefined, isNoAnswer: true, mayBePaid: true, error: clean, headers: {} };
  if (AISDKError.isInstance(error) && callerMistakes.test(error.name))
    return { kind: "rejected", mayBePaid: false, error: clean };
  return { kind: "transient", wait: undefined, mayBePaid: !wasNeverSent(error), error: clean };
}

function judgeAnswer(error: APICallError, secrets: readonly string[]): Failure {
  const { statusCode: status } = error;
  const said = readEndpointError(error);
  const { codes, headers } = said;
  const words = [codes[0], said.message].filter(Boolean).join(": ");
  const shown = redact(words, secrets).slice(0, 300);
  if (status === undefined) return judgeUnanswered(error, { words, shown });
  const clean = failed(`the endpoint answered ${status}: ${shown}`);
  const opening = said.message.slice(0, firstWords);
  // A server that failed says nothing of key or account, whatever it quotes.
  const has = (pattern: RegExp) => status < 500 && codes.some((code) => pattern.test(code));
  if (status >= 300 && status < 400) return sentElsewhere(error, status);
  const refusal = refusalOf(status, said, { opening, clean, secrets });
  if (refusal) return { kind: "rejected", mayBePaid: false, headers, ...refusal };
  const isWorded = status === 400 || status === 403;
  if (status === 402 || has(quotaCodes) || (isWorded && quotaWords.test(opening))) {
    return hopeless("quota", "the quota is used up", clean);
  }
  // Endpoints repeat a wrong key in these answers, so their words are left out.
  if (status === 401 || has(keyCodes) || ((status === 400 || status === 403) && keyWords.test(opening))) {
    const why = secrets.length > 0 ? "the endpoint refuses the key" : "the endpoint wants a key, and none was sent";
    return hopeless("key", why, failed(`the endpoint answered ${status}`));
  }
  if (status === 403) return hopeless("key", "the endpoint refuses the key, or what it may do", clean);
  if (status === 404 || status === 405 || status === 410) {
    const answered = failed(`${addressOf(error.url)} answered ${status}: ${shown}`);
    return hopeless("model", "the endpoint does not know the model or the address", answered);
  }
  if (status === 400 && (has(modelCodes) || modelWords.test(opening))) {
    return hopeless("model", "the endpoint does not know the model", clean);
  }
  if (isNoCompletion(error)) {
    const found = failed(`the endpoint answered ${status} with what is no answer of a model: ${shown || "nothing"}`);
    return { kind: "transient", wait: undefined, isNoAnswer: true, mayBePaid: true, error: found, headers };
  }
  return judgePassing(status, said, clean);
}

/** A redirect, which fetch would follow without the prompt, or without the key, so that it is not followed. */
function sentElsewhere({ url, responseHeaders: { location = "" } = {} }: APICallError, status: number): Failure {
  const to = URL.canParse(location, url) ? addressOf(new URL(location, url).href) : "nowhere";
  const base = to.endsWith(completionsPath) ? `; set the base URL to ${to.slice(0, -completionsPath.length)}` : "";
  const clean = failed(`${addressOf(url)} answered ${status}`);
  return hopeless("settings", `the endpoint sends its callers elsewhere, to ${to}${base}`, clean);
}

const completionsPath = "/chat/completions";

/** What may go better later, and what is wrong with one request. */
function judgePassing(status: number, said: EndpointError, clean: RagInstructError): Failure {
  const { headers } = said;
  const toldWait = retryAfter(headers) ?? longest(said.wait, spokenWait(said.message));
  if (status === 429 || status === 503 || status === 529) {
    // Credit that is gone comes as a 429 too; an endpoint that says when to come back has a limit by time.
    if (status === 429 && toldWait === undefined && quotaWords.test(said.message.slice(0, firstWords))) {
      return hopeless("quota", "the quota is used up", clean);
    }
    const wait = toldWait ?? (status === 429 ? usedUpFor(headers) : undefined);
    const isOutage = status === 503;
    const told = { wait, isToldWhen: !!wait, isLimit: status === 429 };
    return { kind: "overloaded", ...told, isOutage, mayBePaid: false, error: clean, headers };
  }
  const isUnlucky = said.codes.some((code) => unluckyCodes.test(code));
  const passes = isUnlucky || status === 408 || status === 409 || status === 425 || status >= 500;
  if (passes) {
    const isOutage = status === 502 || status === 504 || (status >= 520 && status <= 530);
    const isTimeout = status === 408 || status === 504 || status === 524;
    const mayBePaid = isUnlucky || status === 504 || status === 524;
    return { kind: "transient", wait: toldWait, isOutage, isTimeout, mayBePaid, error: clean, headers };
  }
  // A 200 whose body cannot be read is an answer cut off on the way.
  if (status < 400) return { kind: "transient", wait: toldWait, mayBePaid: true, error: clean, headers };
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

function longest(...waits: (number | undefined)[]): number | undefined {
  const told = waits.filter((wait) => wait !== undefined);
  return told.length > 0 ? Math.max(...told) : undefined;
}

/** Milliseconds until a limit that the headers call used up is reset. */
function usedUpFor(headers: Readonly<Record<string, string>>): number | undefined {
  const usedUp = Object.values(rateHeaders(headers)).filter(({ remaining }) => remaining < 1);
  return longest(...usedUp.map(({ reset }) => reset));
}

/** Whether an answer refuses the prompt alone, which says nothing of the key: moderation, or the page of a firewall. */
function refusalOf(
  status: number,
  { codes, moderation, page }: EndpointError,
  { opening, clean, secrets }: { opening: string; clean: RagInstructError; secrets: readonly string[] },
): { refuses: "prompt" | "page"; error: RagInstructError } | undefined {
  if (status !== 400 && status !== 403) return undefined;
  const refused = (refuses: "prompt" | "page", why: string) => ({
    refuses,
    error: new RagInstructError("prompt-refused", why, { cause: clean }),
  });
  const isModerated =
    moderation !== undefined ||
    codes.some((code) => promptCodes.test(code)) ||
    (status === 403 && page === undefined && promptWords.test(opening));
  if (isModerated) {
    const reasons = moderation === undefined ? "" : ` (${redact(moderation, secrets).slice(0, 100)})`;
    return refused("prompt", `the endpoint refuses this prompt${reasons}: ${clean.message}`);
  }
  if (status !== 403 || page === undefined) return undefined;
  const title = page === "" ? "" : `, ${JSON.stringify(redact(page, secrets).slice(0, 100))}`;
  return refused("page", `a firewall before the endpoint refuses this prompt: it answered 403 with a page${title}`);
}

// Names of a host that is not there, and of a host where nothing listens.
const nobodyCodes = /\b(?:ECONNREFUSED|ENOTFOUND)\b/;
// A network that is away for a while.
const outageCodes = /\b(?:EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)\b/;

// What fetch gives up by itself, after five minutes.
const timeoutCodes = /\bUND_ERR_(?:HEADERS|BODY)_TIMEOUT\b/;

const certificateCodes =
  /\b(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERR_TLS_CERT_ALTNAME_INVALID)\b/;
const badCertificate =
  "the certificate of the endpoint is not trusted; name the file of who signed it in NODE_EXTRA_CA_CERTS";

/** Judges a call that no endpoint answered. */
function judgeUnanswered(error: APICallError, { words, shown }: { words: string; shown: string }): Failure {
  if (headerWords.test(words)) return hopeless("key", badHeader, undefined);
  const { cause } = error;
  const code = isObject(cause) && typeof cause.code === "string" ? cause.code : "";
  const told = `${code} ${words}`;
  const clean = failed(shown);
  if (addressWords.test(words)) return hopeless("settings", badAddress, clean);
  if (certificateCodes.test(told)) return hopeless("certificate", badCertificate, clean);
  if (nobodyCodes.test(told)) {
    const nobodyAt = originOf(error.url);
    return { kind: "transient", wait: undefined, isOutage: true, nobodyAt, mayBePaid: false, error: clean };
  }
  const isOutage = outageCodes.test(told);
  const isTimeout = timeoutCodes.test(told);
  return { kind: "transient", wait: undefined, isOutage, isTimeout, mayBePaid: !wasNeverSent(error), error: clean };
}

/** An address without what may be secret in it. */
function addressOf(url: string): string {
  if (!URL.canParse(url)) return "the address of the model";
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "the address of the model";
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

/** What an endpoint says in an answer that is an error, wherever its dialect puts it. */
interface EndpointError {
  /** `code`, `type` and `status` of the body, in lower case, as far as they are words. */
  codes: string[];
  /** The endpoint's own message; the whole body, which may hold the prompt, only where nothing in it is known to be one. */
  message: string;
  /** Headers of the answer, and those that a gateway repeats in the body. */
  headers: Readonly<Record<string, string>>;
  /** Milliseconds that the body asks to wait. */
  wait: number | undefined;
  /** Why a moderation refused the prompt, where the body says that one did. */
  moderation: string | undefined;
  /** The title of a page of HTML that came instead of an answer; may be empty. */
  page: string | undefined;
}

/** Reads the error that an answer carries: OpenAI's form, Gemini's list, FastAPI's `detail`, a bare text, a page. */
function readEndpointError({ responseBody = "", responseHeaders = {}, data, message }: APICallError): EndpointError {
  const text = responseBody.trim();
  const page = pageTitle(text);
  const body = first(jsonValue(text) ?? data);
  const error = errorOf(body);
  const { metadata } = error;
  const said = page === undefined ? (messageOf(error, body) ?? (text || message)) : page || message;
  return {
    codes: [error.code, error.type, error.status, isObject(body) ? body.code : undefined]
      .filter((code) => typeof code === "string")
      .map((code) => code.toLowerCase()),
    message: said.replace(/\s+/g, " "),
    headers: { ...headersIn(metadata), ...responseHeaders },
    wait: retryDelay(error.details),
    moderation: moderationIn(metadata),
    page,
  };
}

/** Gemini's endpoint for OpenAI's clients answers with a list of one error. */
function first(body: unknown): unknown {
  return Array.isArray(body) ? body[0] : body;
}

type Fields = Readonly<Record<string, unknown>>;

/** The object that carries the error: `error`, or the body itself, as vLLM has it. */
function errorOf(body: unknown): Fields {
  if (!isObject(body)) return {};
  return isObject(body.error) ? body.error : body;
}

function messageOf({ message, detail }: Fields, body: unknown): string | undefined {
  const own = isObject(body) ? body.error : undefined;
  for (const words of [message, own, detail]) if (typeof words === "string" && words !== "") return words;
  // A fault of validation: `input` beside `msg` may be the prompt.
  const faults = Array.isArray(detail) ? detail : [];
  const words = faults.flatMap((fault) => (isObject(fault) && typeof fault.msg === "string" ? [fault.msg] : []));
  return words.length > 0 ? words.join("; ") : undefined;
}

function headersIn(metadata: unknown): Record<string, string> {
  const headers = isObject(metadata) && isObject(metadata.headers) ? metadata.headers : {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** The reasons in OpenRouter's metadata of a moderated prompt. */
function moderationIn(metadata: unknown): string | undefined {
  if (!isObject(metadata) || !(Array.isArray(metadata.reasons) || "flagged_input" in metadata)) return undefined;
  const reasons = Array.isArray(metadata.reasons)
    ? metadata.reasons.filter((reason) => typeof reason === "string")
    : [];
  return reasons.join(", ") || "flagged";
}

/** `retryDelay` of a google.rpc.RetryInfo: a Duration, which JSON writes as `2s` or `1.66s`. */
function retryDelay(details: unknown): number | undefined {
  for (const detail of Array.isArray(details) ? details : []) {
    const delay = isObject(detail) && typeof detail.retryDelay === "string" ? detail.retryDelay : "";
    const seconds = /^(\d+(?:\.\d+)?)s$/.exec(delay)?.[1];
    if (seconds !== undefined) return Number(seconds) * 1000;
  }
  return undefined;
}

function pageTitle(text: string): string | undefined {
  if (!/^(?:<!doctype html|<html|<head|<body|<h1)/i.test(text)) return undefined;
  const title = /<(title|h1)[^>]*>([^<]*)/i.exec(text)?.[2] ?? "";
  return title.replace(/\s+/g, " ").trim();
}
