import { type Answer, problem } from "./model-answers.ts";

/** Whose words and headers a server uses for its limits and refusals. */
export type Dialect = (typeof dialects)[number];

/** Every {@link Dialect}, for tests that hold for all of them. */
export const dialects = [
  "openai",
  "azure",
  "gemini",
  "groq",
  "openrouter",
  "xai",
  "vllm",
  "llamacpp",
  "ollama",
] as const;

/** How an endpoint words what it answers other than well; the statuses and forms are those that its users report. */
interface DialectWords {
  /** Too many requests: whole again after so many seconds. */
  limit(seconds: number): Answer;
  /** A prompt that its moderation refuses. */
  moderation: Answer;
  /** A request with a schema, from one that takes none. */
  schema: Answer;
  /** A wrong key. */
  key(given: string): Answer;
  /** A model that it does not have. */
  model(id: string): Answer;
  /** What comes while it loads or is started anew. */
  loading: Answer;
}

const hour = 3_600_000;
const dayLimitReset = 10 * hour;

/** What a proxy sends while the server behind it loads. */
const badGateway: Answer = {
  status: 502,
  body: undefined,
  text: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>",
  headers: { "content-type": "text/html" },
};

const openai: DialectWords = {
  limit(seconds) {
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
  },
  moderation: problem(400, "content_policy_violation", "Your request was rejected by our safety system."),
  schema: problem(400, "invalid_request_error", "response_format is not supported"),
  key: (given) => problem(401, "invalid_api_key", `Incorrect API key provided: ${given}`),
  model: (id) => problem(404, "model_not_found", `the model ${id} does not exist`),
  loading: badGateway,
};

const azure: DialectWords = {
  ...openai,
  limit: (seconds) => ({
    status: 429,
    body: {
      error: {
        code: "429",
        message: `Requests to the ChatCompletions_Create Operation have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after ${seconds} seconds. Please go here if you would like to further increase the default rate limit and quota.`,
      },
    },
    headers: { "retry-after": String(Math.ceil(seconds)) },
  }),
  moderation: {
    status: 400,
    body: {
      error: {
        message:
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_result: { violence: { filtered: true, severity: "medium" } },
        },
      },
    },
  },
  key: () => ({
    status: 401,
    body: {
      error: { code: "401", message: "Access denied due to invalid subscription key or wrong API endpoint." },
    },
  }),
  model: () => ({
    status: 404,
    body: {
      error: { code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." },
    },
  }),
};

/** An error of Google's, which its endpoint for OpenAI's clients puts into a list. */
function google(code: number, status: string, { message, details }: { message: string; details?: unknown[] }): Answer {
  return { status: code, body: [{ error: { code, message, status, details } }] };
}

const googleType = (name: string) => ({ "@type": `type.googleapis.com/google.rpc.${name}` });

const gemini: DialectWords = {
  ...openai,
  limit: (seconds) =>
    google(429, "RESOURCE_EXHAUSTED", {
      message: `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. Please retry in ${seconds + 0.17}s.`,
      details: [
        { ...googleType("Help"), links: [{ description: "Learn more about Gemini API quotas" }] },
        {
          ...googleType("QuotaFailure"),
          violations: [{ quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", quotaValue: "5" }],
        },
        { ...googleType("RetryInfo"), retryDelay: `${seconds}s` },
      ],
    }),
  schema: google(400, "INVALID_ARGUMENT", {
    message:
      "Invalid JSON payload received. Unknown name \"additionalProperties\" at 'generation_config.response_schema': Cannot find field.",
  }),
  key: () =>
    google(400, "INVALID_ARGUMENT", {
      message: "API key not valid. Please pass a valid API key.",
      details: [{ ...googleType("ErrorInfo"), reason: "API_KEY_INVALID", domain: "googleapis.com" }],
    }),
  model: (id) =>
    google(404, "NOT_FOUND", {
      message: `models/${id} is not found for API version v1main, or is not supported for generateContent.`,
    }),
};

const groq: DialectWords = {
  ...openai,
  limit: (seconds) => ({
    ...problem(
      429,
      "rate_limit_exceeded",
      `Rate limit reached for model \`m\` on tokens per minute (TPM). Please try again in ${seconds - 0.34}s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing`,
    ),
    headers: { "retry-after": String(Math.ceil(seconds)) },
  }),
};

function openRouterLimit(name: string, reset: number): Answer {
  const headers = {
    "X-RateLimit-Limit": "50",
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": String(Math.round(Date.now() + reset)),
  };
  const message = `Rate limit exceeded: ${name}. Add 10 credits to unlock 1000 free model requests per day`;
  return { status: 429, body: { error: { message, code: 429, metadata: { headers } } }, headers };
}

const openrouter: DialectWords = {
  ...openai,
  limit: (seconds) => openRouterLimit("free-models-per-min", seconds * 1000),
  moderation: {
    status: 403,
    body: {
      error: {
        message: "Your chosen model requires moderation and your input was flagged",
        code: 403,
        metadata: { reasons: ["violence"], flagged_input: "the first words of the prompt", provider_name: "K" },
      },
    },
  },
  key: () => ({ status: 401, body: { error: { message: "No auth credentials found", code: 401 } } }),
  model: (id) => ({ status: 400, body: { error: { message: `${id} is not a valid model ID`, code: 400 } } }),
};

const xaiProblem = (status: number, code: string, error: string): Answer => ({ status, body: { code, error } });

const xai: DialectWords = {
  ...openai,
  limit: () =>
    xaiProblem(
      429,
      "Some resource has been exhausted",
      "Too many requests for team 1a2b3c and model m. Your team's rate limit is: Requests per Second (actual/limit): 9/8.",
    ),
  moderation: xaiProblem(
    403,
    "The caller does not have permission to execute the specified operation",
    "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_VIOLENCE",
  ),
  schema: xaiProblem(
    400,
    "Client specified an invalid argument",
    "Invalid request content: the model does not support this response format.",
  ),
  key: () =>
    xaiProblem(
      400,
      "Client specified an invalid argument",
      "Incorrect API key provided: xa***ey. You can obtain an API key from https://console.x.ai.",
    ),
  model: (id) =>
    xaiProblem(
      404,
      "Some requested entity was not found",
      `The model ${id} does not exist or your team does not have access to it.`,
    ),
};

const vllmProblem = (code: number, type: string, message: string): Answer => ({
  status: code,
  body: { object: "error", message, type, param: null, code },
});

const vllm: DialectWords = {
  ...openai,
  limit: () => vllmProblem(503, "ServiceUnavailable", "The server is overloaded, please try again later."),
  schema: vllmProblem(400, "BadRequestError", "The provided JSON schema contains features not supported by xgrammar."),
  key: () => ({ status: 401, body: { error: "Unauthorized" } }),
  model: (id) => vllmProblem(404, "NotFoundError", `The model \`${id}\` does not exist.`),
};

const llamaProblem = (code: number, type: string, message: string): Answer => ({
  status: code,
  body: { error: { code, message, type } },
});

const llamacpp: DialectWords = {
  ...openai,
  limit: () => llamaProblem(503, "unavailable_error", "no slot available"),
  schema: llamaProblem(400, "invalid_request_error", "Failed to initialize samplers: failed to parse grammar"),
  key: () => llamaProblem(401, "authentication_error", "Invalid API Key"),
  model: (id) => llamaProblem(404, "not_found_error", `model '${id}' not found`),
  loading: llamaProblem(503, "unavailable_error", "Loading model"),
};

const ollama: DialectWords = {
  ...openai,
  limit: () => ({ status: 503, body: { error: "server busy, please try again.  maximum pending requests exceeded" } }),
  schema: {
    status: 500,
    body: { error: { message: "failed to load model vocabulary required for format", type: "api_error" } },
  },
  model: (id) => ({
    status: 404,
    body: {
      error: { message: `model "${id}" not found, try pulling it first`, type: "api_error", param: null, code: null },
    },
  }),
};

const words: Readonly<Record<Dialect, DialectWords>> = {
  openai,
  azure,
  gemini,
  groq,
  openrouter,
  xai,
  vllm,
  llamacpp,
  ollama,
};

/** The words of a dialect, OpenAI's where none is named. */
export function wordsOf(dialect: Dialect = "openai"): DialectWords {
  return words[dialect];
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

/** Groq's answer in the place of a reply that should be JSON and is none; undefined where there is nothing to say. */
export function failedGeneration(
  dialect: Dialect | undefined,
  { reply, isJsonWanted }: { reply: string; isJsonWanted: boolean },
): Answer | undefined {
  if (dialect !== "groq" || !isJsonWanted || isJson(reply)) return undefined;
  const message = "Failed to generate JSON. Please adjust your prompt. See 'failed_generation' for more details.";
  const error = { message, type: "invalid_request_error", code: "json_validate_failed", failed_generation: reply };
  return { status: 400, body: { error } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What a firewall sends whose rules the text of a prompt has met. */
export const firewallPage: Answer = {
  status: 403,
  body: undefined,
  text: "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1></body></html>",
  headers: { "content-type": "text/html" },
};
