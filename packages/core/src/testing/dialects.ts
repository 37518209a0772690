import { type Answer, problem } from "./model-answers.ts";

/** Whose words and headers a server uses for its limits and refusals. */
export type Dialect = "openai" | "gemini" | "groq" | "openrouter";

const hour = 3_600_000;
const dayLimitReset = 10 * hour;

/** A limit by the minute or the second, in the words of each: most of them speak of billing, and only Groq sends a Retry-After. */
export function rateLimited(dialect: Dialect, seconds: number): Answer {
  switch (dialect) {
    case "gemini":
      return { status: 429, body: [geminiError(seconds)] };
    case "groq":
      return {
        ...problem(
          429,
          "rate_limit_exceeded",
          `Rate limit reached for model \`m\` on tokens per minute (TPM). Please try again in ${seconds - 0.34}s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing`,
        ),
        headers: { "retry-after": String(Math.ceil(seconds)) },
      };
    case "openai": {
      const message = `Rate limit reached for gpt-4o-mini on requests per min (RPM): Limit 3. Please try again in ${seconds}s. You can increase your rate limit by adding a payment method to your account at https://platform.openai.com/account/billing.`;
      return {
        status: 429,
        body: { error: { message, type: "requests", param: null, code: "rate_limit_exceeded" } },
        headers: {
          "x-ratelimit-limit-requests": "3",
          "x-ratelimit-remaining-requests": "0",
          "x-ratelimit-reset-requests": `${seconds}s`,
        },
      };
    }
    case "openrouter":
      return openRouterLimit("free-models-per-min", seconds * 1000);
  }
}

function geminiError(seconds: number): unknown {
  const type = (name: string) => ({ "@type": `type.googleapis.com/google.rpc.${name}` });
  return {
    error: {
      code: 429,
      message: `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. Please retry in ${seconds + 0.17}s.`,
      status: "RESOURCE_EXHAUSTED",
      details: [
        { ...type("Help"), links: [{ description: "Learn more about Gemini API quotas" }] },
        {
          ...type("QuotaFailure"),
          violations: [{ quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", quotaValue: "5" }],
        },
        { ...type("RetryInfo"), retryDelay: `${seconds}s` },
      ],
    },
  };
}

function openRouterLimit(name: string, reset: number): Answer {
  const headers = {
    "X-RateLimit-Limit": "50",
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": String(Math.round(Date.now() + reset)),
  };
  const message = `Rate limit exceeded: ${name}. Add 10 credits to unlock 1000 free model requests per day`;
  return { status: 429, body: { error: { message, code: 429, metadata: { headers } } }, headers };
}

interface DayOptions {
  perDay?: number;
  speaksLike?: Dialect;
}

/** What the headers of every answer say of the day's limit; OpenRouter says it only when the limit is used up. */
export function dayHeaders({ perDay, speaksLike }: DayOptions, answered: number): Record<string, string> {
  if (perDay === undefined || speaksLike === "openrouter") return {};
  return {
    "x-ratelimit-limit-requests": String(perDay),
    "x-ratelimit-remaining-requests": String(Math.max(0, perDay - answered - 1)),
    "x-ratelimit-reset-requests": `${dayLimitReset / hour}h0m0s`,
  };
}

/** The refusal of what comes after the day's limit. */
export function dayIsOver({ perDay, speaksLike }: DayOptions, answered: number): Answer | undefined {
  if (perDay === undefined || answered < perDay) return undefined;
  if (speaksLike === "openrouter") return openRouterLimit("free-models-per-day", dayLimitReset);
  return problem(429, "rate_limit_exceeded", "Rate limit reached on requests per day (RPD)");
}

/** A prompt that moderation refuses. */
export function moderated(dialect: Dialect | undefined): Answer {
  if (dialect !== "openrouter") {
    return problem(400, "content_policy_violation", "Your request was rejected by our safety system.");
  }
  const message = "Your chosen model requires moderation and your input was flagged";
  const metadata = { reasons: ["violence"], flagged_input: "the first words of the prompt", provider_name: "K" };
  return { status: 403, body: { error: { message, code: 403, metadata } } };
}

/** What a firewall sends whose rules the text of a prompt has met. */
export const firewallPage: Answer = {
  status: 403,
  body: undefined,
  text: "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1></body></html>",
  headers: { "content-type": "text/html" },
};

/** What a proxy sends while the server behind it loads. */
export const badGateway: Answer = {
  status: 502,
  body: undefined,
  text: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>",
  headers: { "content-type": "text/html" },
};
