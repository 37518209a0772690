import { RagInstructError, tokensAtMost } from "@rag-instruct/core";
import { type Calls, patientFetch, type TextReply } from "@rag-instruct/core/calls";
import { APICallError, type LanguageModel } from "ai";

/** Ways to draw answers by name; the published evaluation drew at temperature 0.5, top-p 0.9, 500 new tokens (eval_sglang.py and README). */
export const samplings = {
  greedy: { temperature: 0, maxOutputTokens: 500 },
  published: { temperature: 0.5, topP: 0.9, maxOutputTokens: 500 },
} as const satisfies Record<string, Sampling>;

/** What answers: a model object of the AI SDK, asked by chat, or a server that continues raw prompts. */
export type AnsweringModel = Exclude<LanguageModel, string> | CompletionModel;

/** Part of the ledger key: raise it when what is asked changes for the same prompt. */
const version = "evaluate-1";

/** How to ask one prompt through the run's paid calls. Throws `bad-option` for a model given by its id and for an unknown sampling. */
export function createAsker({
  model,
  calls,
  sampling,
  seed,
}: {
  model: AnsweringModel;
  calls: Calls;
  sampling: keyof typeof samplings | Sampling;
  seed: number | undefined;
}): (prompt: string, signal: AbortSignal) => Promise<TextReply> {
  if (typeof model === "string") {
    throw new RagInstructError("bad-option", `"${model}" is an id; hand in a model object, or { baseURL, model }`);
  }
  const settings = settingsOf(sampling, seed);
  if (!("baseURL" in model)) {
    return (prompt, signal) => calls.ask({ model, prompt, version, purpose: "answer", settings, signal });
  }
  return async (prompt, signal) => {
    const raw = model.renderChat ? await model.renderChat(prompt) : prompt;
    return calls.perform<TextReply>({
      key: ["completions", model.id ?? model.baseURL, model.model, version, raw, settings],
      model: model.model,
      purpose: "answer",
      worst: { inputTokens: tokensAtMost(raw), outputTokens: settings.maxOutputTokens },
      signal,
      execute: async (inner) => {
        const { usage, ...value } = await complete(model, { prompt: raw, sampling: settings, signal: inner });
        return { value, usage };
      },
    });
  };
}

function settingsOf(sampling: keyof typeof samplings | Sampling, seed: number | undefined): Sampling {
  const chosen: Sampling = typeof sampling === "string" ? samplings[sampling] : sampling;
  if (chosen) return { ...chosen, seed: seed ?? chosen.seed };
  throw new RagInstructError(
    "bad-option",
    `there is no sampling "${String(sampling)}"; there are ${Object.keys(samplings).join(", ")}`,
  );
}

/** A server that continues raw prompts: SGLang, vLLM, llama.cpp or any other with OpenAI's `/v1/completions`. */
export interface CompletionModel {
  /** Address up to and with `/v1`. */
  baseURL: string;
  /** Name under which the server knows the model; SGLang takes `default`. */
  model: string;
  apiKey?: string;
  /** Name of the server in the ledger, where its address changes from run to run as `serveModel`'s does. @default baseURL */
  id?: string;
  /**
   * Puts a prompt into the model's chat template; without it the prompt is sent as it is.
   * `openChatTemplate` of `@rag-instruct/format` reads the template of a model folder.
   */
  renderChat?: (prompt: string) => string | Promise<string>;
}

/** How answers are drawn. */
export interface Sampling {
  /** 0 takes the likeliest token at each step. */
  temperature: number;
  topP?: number;
  maxOutputTokens: number;
  seed?: number;
}

/** One raw completion. Throws the AI SDK's `APICallError`, which the paid calls know how to judge. */
async function complete(
  { baseURL, model, apiKey }: CompletionModel,
  { prompt, sampling, signal }: { prompt: string; sampling: Sampling; signal: AbortSignal },
): Promise<{ text: string; finishReason: string; usage: { inputTokens?: number; outputTokens?: number } }> {
  const url = `${baseURL.replace(/\/$/, "")}/completions`;
  const requestBodyValues = {
    model,
    prompt,
    temperature: sampling.temperature,
    max_tokens: sampling.maxOutputTokens,
    top_p: sampling.topP,
    seed: sampling.seed,
  };
  const headers = new Headers({ "content-type": "application/json" });
  if (apiKey) headers.set("authorization", `Bearer ${apiKey}`);
  const response = await patientFetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify(requestBodyValues),
    signal,
  });
  const responseBody = await response.text();
  const failed = (message: string) =>
    new APICallError({
      message,
      url,
      requestBodyValues,
      statusCode: response.status,
      responseHeaders: Object.fromEntries(response.headers),
      responseBody,
    });
  if (!response.ok) throw failed(response.statusText || "no completion");
  const reply = parseReply(responseBody);
  if (!reply) throw failed("the reply is not a completion: choices[0].text is missing");
  return reply;
}

// As the published evaluation does: some servers write the end of the sequence out.
function withoutEndMark(text: string): string {
  return text.replaceAll("</s>", "").replace(/^ /, "");
}

function parseReply(body: string) {
  let reply: { choices?: { text?: unknown; finish_reason?: unknown }[]; usage?: Record<string, unknown> };
  try {
    reply = JSON.parse(body);
  } catch {
    return undefined;
  }
  const choice = reply?.choices?.[0];
  if (typeof choice?.text !== "string") return undefined;
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = reply.usage ?? {};
  return {
    text: withoutEndMark(choice.text),
    finishReason: typeof choice.finish_reason === "string" ? choice.finish_reason : "other",
    usage: {
      inputTokens: typeof inputTokens === "number" ? inputTokens : undefined,
      outputTokens: typeof outputTokens === "number" ? outputTokens : undefined,
    },
  };
}
