/** What is left of one limit, and the milliseconds until it is reset. */
interface RateState {
  remaining: number;
  reset: number;
}

type Headers = Readonly<Record<string, string>>;

/**
 * What an endpoint's headers say of its limits: `x-ratelimit-remaining-requests` and `-tokens` (OpenAI, Groq, vLLM's proxies),
 * `anthropic-ratelimit-…`, `ratelimit-remaining` and `x-ratelimit-remaining`, and the fields of draft-ietf-httpapi-ratelimit-headers.
 * A limit whose reset is not told is left out: nothing says how long to wait.
 */
export function rateHeaders(headers: Headers, now = Date.now()): { requests?: RateState; tokens?: RateState } {
  const requests =
    stateOf(headers, "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", now) ??
    stateOf(headers, "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset", now) ??
    stateOf(headers, "ratelimit-remaining", "ratelimit-reset", now) ??
    stateOf(headers, "x-ratelimit-remaining", "x-ratelimit-reset", now) ??
    structuredState(headers.ratelimit);
  const tokens =
    stateOf(headers, "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", now) ??
    stateOf(headers, "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset", now) ??
    stateOf(headers, "anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset", now);
  const states: { requests?: RateState; tokens?: RateState } = {};
  if (requests) states.requests = requests;
  if (tokens) states.tokens = tokens;
  return states;
}

function stateOf(headers: Headers, remainingName: string, resetName: string, now: number): RateState | undefined {
  const remaining = Number.parseFloat(headers[remainingName] ?? "");
  const reset = resetTime(headers[resetName], now);
  // A negative number stands for no limit.
  return Number.isNaN(remaining) || remaining < 0 || reset === undefined ? undefined : { remaining, reset };
}

/** `"default";r=50;t=30`, or the earlier `limit=100, remaining=50, reset=30`. */
function structuredState(value: string | undefined): RateState | undefined {
  const remaining = value?.match(/\b(?:r|remaining)=(\d+)/)?.[1];
  const reset = value?.match(/\b(?:t|reset)=(\d+)/)?.[1];
  if (remaining === undefined || reset === undefined) return undefined;
  return { remaining: Number(remaining), reset: Number(reset) * 1000 };
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
// Above these a number counts from 1970.
const epochSeconds = 1e9;
const epochMilliseconds = 1e12;

/** Milliseconds from `6m0s`, `120ms`, `1.5s`, `30` (seconds), a time since 1970, or a date. Never negative. */
export function resetTime(value: string | undefined, now = Date.now()): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number > epochMilliseconds) return Math.max(0, number - now);
    return number > epochSeconds ? Math.max(0, number * 1000 - now) : number * 1000;
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d)\s*)+$/.test(text)) {
    return [...text.matchAll(/(?<!\d)(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
      (sum, [, amount, unit]) => sum + Number(amount) * units[unit as string]!,
      0,
    );
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * How long an endpoint asks to wait, in milliseconds: `retry-after-ms`, then `retry-after` in seconds or as an HTTP date
 * (RFC 9110, 10.2.3), or in the forms of a reset, which some endpoints put there: `2s`, a time since 1970. Undefined where it does not
 * say or the value makes no sense; never negative.
 */
export function retryAfter(headers: Readonly<Record<string, string>>, now = Date.now()): number | undefined {
  return numberFrom(headers["retry-after-ms"]) ?? resetTime(headers["retry-after"], now);
}

function numberFrom(value: string | undefined): number | undefined {
  if (value === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return undefined;
  return Number(value);
}

// "ms" before "m", or a millisecond is taken for a minute.
const spokenUnit = "ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?";
const spokenTime = new RegExp(
  String.raw`\b(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s*(?:${spokenUnit})(?![a-z])\s*)+)`,
  "i",
);
const spokenPart = new RegExp(String.raw`(?<!\d)(\d+(?:\.\d+)?)\s*(${spokenUnit})(?![a-z])`, "gi");

/** Milliseconds that an endpoint's message asks to wait: "try again in 1.66s", "in 7m54.3s", "retry after 6 seconds". */
export function spokenWait(message: string): number | undefined {
  const time = spokenTime.exec(message)?.[1];
  if (time === undefined) return undefined;
  return [...time.matchAll(spokenPart)].reduce((sum, [, amount, unit = "s"]) => {
    const isMilliseconds = /^m(?:s|illi)/i.test(unit);
    return sum + Number(amount) * units[isMilliseconds ? "ms" : unit[0]!.toLowerCase()]!;
  }, 0);
}
