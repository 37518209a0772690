import type { APICallError } from "ai";
import { isObject } from "../is-object.ts";

/** What an endpoint says in an answer that is an error, wherever its dialect puts it. */
export interface EndpointError {
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
  /** The title of a page of HTML that came in the place of an answer; may be empty. */
  page: string | undefined;
}

/** Reads the error that an answer carries: OpenAI's form, Gemini's list, FastAPI's `detail`, a bare text, a page. */
export function readEndpointError({
  responseBody = "",
  responseHeaders = {},
  data,
  message,
}: APICallError): EndpointError {
  const text = responseBody.trim();
  const page = pageTitle(text);
  const body = first(parsed(text) ?? data);
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
