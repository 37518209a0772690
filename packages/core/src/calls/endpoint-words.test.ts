import { APICallError } from "ai";
import { describe, expect, it } from "vitest";
import { type Failure, judgeFailure } from "./failure.ts";
import { spokenWait } from "./rate-headers.ts";

function judge(status: number | undefined, body: unknown, headers: Record<string, string> = {}): Failure {
  const responseBody = typeof body === "string" ? body : JSON.stringify(body);
  const url = "http://me:secret@127.0.0.1:4000/v1/chat/completions";
  return judgeFailure(
    new APICallError({
      message: "Bad",
      url,
      requestBodyValues: {},
      statusCode: status,
      responseHeaders: headers,
      responseBody,
    }),
  );
}
const error = (message: string, more: object = {}) => ({ error: { message, ...more } });
const document = "The billing house of 1802 had insufficient funds, and its invalid api key was no such model.";

describe("what a 429 means", () => {
  it.each([
    [
      "Gemini's words",
      [error("You exceeded your current quota, please check your plan and billing details.", { code: 429 })],
    ],
    [
      "Groq's",
      error("Rate limit reached. Upgrade at https://console.groq.com/settings/billing", {
        code: "rate_limit_exceeded",
      }),
    ],
    [
      "a proxy's that took the code away",
      error("You exceeded your current quota, please check your plan and billing details."),
    ],
    ["a credit that comes back", error("Insufficient credits this minute, try again in 20s")],
  ])("a limit by time, in %s", (_, body) => {
    expect(judge(429, body)).toMatchObject({ kind: "overloaded" });
  });

  it.each([
    [
      "OpenAI's code",
      error("You exceeded your current quota", { type: "insufficient_quota", code: "insufficient_quota" }),
    ],
    ["Moonshot's type", error("Your account is suspended", { type: "exceeded_current_quota_error" })],
    ["xAI's words", { code: "resource exhausted", error: "Your team has used all available credits" }],
  ])("a quota that is gone, by %s", (_, body) => {
    expect(judge(429, body)).toMatchObject({ kind: "hopeless", fault: "quota" });
  });

  it.each([
    ["Retry-After before all", { "retry-after": "7" }, error("try again in 3s"), 7000],
    ["RetryInfo", {}, [error("no", { details: [{ "@type": "x/google.rpc.RetryInfo", retryDelay: "1.66s" }] })], 1660],
    ["the message", {}, error("Rate limit reached. Please try again in 1.66s. Visit …"), 1660],
    [
      "a reset, where the limit is used up",
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "40" },
      error("no"),
      40_000,
    ],
    [
      "headers that the body repeats",
      {},
      error("no", { metadata: { headers: { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "40" } } }),
      40_000,
    ],
    [
      "nothing, where something is left",
      { "x-ratelimit-remaining": "4", "x-ratelimit-reset": "40" },
      error("no"),
      undefined,
    ],
    [
      "nothing, where there is no limit",
      { "x-ratelimit-remaining": "-1", "x-ratelimit-reset": "40" },
      error("no"),
      undefined,
    ],
  ])("waits by %s", (_, headers, body, wait) => {
    expect(judge(429, body, headers as unknown as Record<string, string>)).toMatchObject({ kind: "overloaded", wait });
  });
});

it("a 500 is a 500, whatever it says of a key or a quota", () => {
  for (const said of [
    error("Incorrect API key provided: sk-abc", { code: "invalid_api_key" }),
    error("litellm.AuthenticationError: invalid api key"),
    error("no more", { code: "insufficient_quota" }),
  ])
    expect(judge(500, said)).toMatchObject({ kind: "transient" });
});

describe("words that the prompt may have brought in", () => {
  it.each([
    [
      "a message that quotes it",
      error(`Input should be shorter than 4096 tokens. ${"What was sent: ".repeat(14)}${document}`),
    ],
    ["FastAPI's input", { detail: [{ type: "too_long", loc: ["body"], msg: "String too long", input: document }] }],
    ["a field beside the message", { error: { message: "bad parameter", param: document } }],
  ])("stop nothing: %s", (_, body) => {
    for (const status of [400, 413, 422]) expect(judge(status, body)).toMatchObject({ kind: "rejected" });
    expect(judge(500, body)).toMatchObject({ kind: "transient" });
  });
});

describe("what a 403 means", () => {
  it.each([
    ["a wrong key", error("Forbidden"), { kind: "hopeless", fault: "key" }],
    [
      "no credit",
      error("Your newly created team doesn't have any credits: no credits"),
      { kind: "hopeless", fault: "quota" },
    ],
    [
      "a moderated prompt",
      error("flagged", { metadata: { reasons: ["violence", "hate"] } }),
      { kind: "rejected", refuses: "prompt" },
    ],
    ["a content policy", error("Blocked by our content policy"), { kind: "rejected", refuses: "prompt" }],
    ["the page of a firewall", "<html><title>Blocked</title></html>", { kind: "rejected", refuses: "page" }],
  ])("%s", (_, body, expected) => {
    expect(judge(403, body)).toMatchObject(expected);
  });
  it("names the reasons and the page's title, and what was flagged is in no message", () => {
    const flagged = judge(403, error("flagged", { metadata: { reasons: ["violence"], flagged_input: document } }));
    expect(flagged.error.message).toBe(
      "the endpoint refuses this prompt (violence): the endpoint answered 403: flagged",
    );
    expect(judge(403, "<html><title>Blocked</title></html>").error.message).toContain('a page, "Blocked"');
  });
});

it("tells an address where nobody listens, without its password, from a connection that broke", () => {
  expect(judge(undefined, "")).toMatchObject({ kind: "transient", mayBePaid: true });
  const refused = new APICallError({
    message: "Cannot connect to API: ",
    cause: Object.assign(new Error(""), { code: "ECONNREFUSED" }),
    url: "http://me:secret@127.0.0.1:4000/v1/chat/completions",
    requestBodyValues: {},
  });
  expect(judgeFailure(refused)).toMatchObject({ nobodyAt: "http://127.0.0.1:4000", isOutage: true, mayBePaid: false });
});

it("names a certificate that is not trusted, which no second attempt mends", () => {
  const failed = new APICallError({
    message: "Cannot connect to API: self-signed certificate",
    cause: Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
    url: "https://127.0.0.1:4000/v1/chat/completions",
    requestBodyValues: {},
  });
  expect(judgeFailure(failed)).toMatchObject({
    kind: "hopeless",
    fault: "certificate",
    error: { message: expect.stringMatching(/NODE_EXTRA_CA_CERTS \(.*self-signed certificate/) },
  });
});

it.each([
  ["Please try again in 1.66s. Visit", 1660],
  ["try again in 7m54.336s.", 474_336],
  ["try again in 120ms", 120],
  ["Please retry after 6 seconds.", 6000],
  ["retry in 1 hour 5 minutes", 3_900_000],
  ["try again in 2 months", undefined],
  ["try again later", undefined],
])("reads %j", (words, milliseconds) => {
  const wait = spokenWait(words);
  if (milliseconds === undefined) expect(wait).toBeUndefined();
  else expect(wait).toBeCloseTo(milliseconds, 3);
});
