import { describe, expect, it } from "vitest";
import { rateHeaders, resetTime, retryAfter } from "./rate-headers.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

describe("resetTime", () => {
  it.each([
    ["1s", 1000],
    ["6m0s", 360_000],
    ["120ms", 120],
    ["1h2m3.5s", 3_723_500],
    ["7.66s", 7660],
    ["0s", 0],
    ["30", 30_000],
    ["0.5", 500],
    [String(now / 1000 + 5), 5000],
    [String(now + 5), 5],
    ["2026-01-01T00:00:07Z", 7000],
    ["2025-01-01T00:00:07Z", 0],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("reads %j as %j milliseconds", (text, milliseconds) => expect(resetTime(text, now)).toBe(milliseconds));
});

describe("rateHeaders", () => {
  it.each([
    ["OpenAI", { "x-ratelimit-remaining-requests": "4", "x-ratelimit-reset-requests": "1s" }, { requests: [4, 1000] }],
    [
      "tokens",
      { "x-ratelimit-remaining-tokens": "900", "x-ratelimit-reset-tokens": "6m0s" },
      { tokens: [900, 360_000] },
    ],
    [
      "Anthropic",
      {
        "anthropic-ratelimit-requests-remaining": "3",
        "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:02Z",
        "anthropic-ratelimit-input-tokens-remaining": "70",
        "anthropic-ratelimit-input-tokens-reset": "2026-01-01T00:00:03Z",
      },
      { requests: [3, 2000], tokens: [70, 3000] },
    ],
    ["plain names", { "ratelimit-remaining": "0", "ratelimit-reset": "12" }, { requests: [0, 12_000] }],
    [
      "x- names",
      { "x-ratelimit-remaining": "9", "x-ratelimit-reset": String(now / 1000 + 1) },
      { requests: [9, 1000] },
    ],
    ["the newest draft", { ratelimit: '"default";r=50;t=30' }, { requests: [50, 30_000] }],
    ["an earlier draft", { ratelimit: "limit=100, remaining=5, reset=2" }, { requests: [5, 2000] }],
    ["no reset", { "x-ratelimit-remaining-requests": "4" }, {}],
    ["nonsense", { "x-ratelimit-remaining-requests": "many", "x-ratelimit-reset-requests": "1s" }, {}],
  ])("reads %s", (_, headers, expected) => {
    const read = Object.entries(rateHeaders(headers as unknown as Record<string, string>, now));
    expect(Object.fromEntries(read.map(([what, { remaining, reset }]) => [what, [remaining, reset]]))).toEqual(
      expected,
    );
  });
});

describe("retryAfter", () => {
  it.each([
    ["2", 2000],
    ["0.5", 500],
    ["2s", 2000],
    ["1m30s", 90_000],
    [String(now / 1000 + 5), 5000],
    ["2026-01-01T00:00:07Z", 7000],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["a minute", undefined],
  ])("reads %j as %j milliseconds", (value, wait) => expect(retryAfter({ "retry-after": value }, now)).toBe(wait));
});
