import { APICallError } from "ai";

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
export async function complete(
  { baseURL, model, apiKey }: CompletionModel,
  { prompt, sampling, signal }: { prompt: string; sampling: Sampling; signal: AbortSignal },
): Promise<{ text: string; finishReason: string; usage: { inputTokens?: number; outputTokens?: number } }> {
  const url = `${baseURL.replace(/\/$/, "")}/completions`;
  const requestBodyValues = {
    model,
    prompt,
    temperature: sampling.temperature,
    max_tokens: sampling.maxOutputTokens,
    ...(sampling.topP === undefined ? {} : { top_p: sampling.topP }),
    ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
  };
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
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
  if (!reply) throw failed("the reply is no completion: expected choices[0].text");
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
      ...(typeof inputTokens === "number" ? { inputTokens } : {}),
      ...(typeof outputTokens === "number" ? { outputTokens } : {}),
    },
  };
}
