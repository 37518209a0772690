import type { ChatCompletion, ChatRequest } from "./chat-answers.ts";

/** A request to `/responses` as the server reads it. */
export interface ResponsesRequest {
  model: string;
  input: string | { role: string; content: string | { text?: string }[] }[];
  instructions?: string;
  text?: { format?: { type: string } };
}

export const responsesPath = "/responses";

/** Whether a path is one on which a model is asked. */
export const asksModel = (path: string): boolean => path.endsWith("/chat/completions") || path.endsWith(responsesPath);

/** The chat request that a body asks, on whichever of the two paths it came. */
export function chatOf(path: string, body: string): ChatRequest {
  const request = JSON.parse(body);
  return path.endsWith(responsesPath) ? asChat(request as ResponsesRequest) : (request as ChatRequest);
}

function asChat({ model, input, instructions, text }: ResponsesRequest): ChatRequest {
  const asked = typeof input === "string" ? [{ role: "user", content: input }] : input;
  const messages = asked.map(({ role, content }) => ({
    role,
    content: typeof content === "string" ? content : content.map(({ text = "" }) => text).join("\n"),
  }));
  if (instructions !== undefined) messages.unshift({ role: "system", content: instructions });
  const format = text?.format?.type === "text" ? undefined : text?.format;
  return { model, messages, response_format: format };
}

/** A chat completion in the shape of `/responses`. */
export function asResponse({ id, model, created, choices, usage }: ChatCompletion): unknown {
  const isCut = choices.some(({ finish_reason }) => finish_reason === "length");
  return {
    id: id.replace("chatcmpl", "resp"),
    object: "response",
    created_at: created,
    model,
    error: null,
    status: isCut ? "incomplete" : "completed",
    incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
    output: choices.map(({ index, message: { role, content } }) => ({
      type: "message",
      id: `msg_${index}`,
      role,
      status: isCut ? "incomplete" : "completed",
      content: [{ type: "output_text", text: content, annotations: [] }],
    })),
    usage: usage
      ? {
          input_tokens: usage.prompt_tokens,
          output_tokens: usage.completion_tokens,
          total_tokens: usage.total_tokens,
        }
      : undefined,
  };
}
