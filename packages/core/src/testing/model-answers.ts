import type { IncomingMessage, ServerResponse } from "node:http";
import { hashText } from "../hash.ts";
import { seededRandom } from "../random.ts";

/** A chat request as the server reads it. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: unknown;
  /** Ceiling on output, under its old or its new name. */
  max_tokens?: number;
  max_completion_tokens?: number;
}

/** A chat completion as the server sends it, unless it is reshaped. */
export interface ChatCompletion {
  id: string;
  object: "chat.completion";
  created: number;
  model: string;
  choices: { index: number; message: { role: string; content: string }; finish_reason: string }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/** What a server answers. */
export interface Answer {
  status: number;
  /** Sent as JSON. */
  body: unknown;
  /** Sent as it is, in the place of `body`. */
  text?: string;
  headers?: Record<string, string>;
}

/** The body of a request as text. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** An error as OpenAI words it. */
export function problem(status: number, code: string, message: string): Answer {
  return { status, body: { error: { message, type: code, code } } };
}

/** Sends an answer. */
export function send(response: ServerResponse, { status, body, text = JSON.stringify(body), headers }: Answer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(text);
}

/** A chat completion, spoiled by the faults that concern what a model writes. */
export async function completion(
  request: ChatRequest,
  number: number,
  faults: ReadonlySet<Fault>,
  reply: (request: ChatRequest) => string | Promise<string> = defaultReply,
): Promise<ChatCompletion> {
  const content = spoil(await reply(request), faults);
  const promptTokens = Math.ceil(request.messages.reduce((sum, { content }) => sum + content.length, 0) / 4);
  const usage = { prompt_tokens: promptTokens, completion_tokens: Math.ceil(content.length / 4) };
  return {
    id: `chatcmpl-${faults.has("duplicate-id") ? "same" : number}`,
    object: "chat.completion",
    created: 0,
    model: request.model,
    choices: [
      { index: 0, message: { role: "assistant", content }, finish_reason: faults.has("cut-json") ? "length" : "stop" },
    ],
    usage: faults.has("no-usage")
      ? undefined
      : { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  };
}

function spoil(content: string, faults: ReadonlySet<Fault>): string {
  if (faults.has("refusal")) return "I'm sorry, but I can't help with that.";
  if (faults.has("wrong-schema")) return JSON.stringify({ title: "something else", items: [1, 2, 3] });
  return faults.has("cut-json") ? content.slice(0, Math.ceil(content.length / 2)) : content;
}

function defaultReply({ messages }: ChatRequest): string {
  const mark = hashText(messages.map(({ content }) => content).join("\n")).slice(0, 12);
  return JSON.stringify({
    question: `Which code word belongs to request ${mark}?`,
    answer: `It is ${mark.split("").reverse().join("")}.`,
  });
}

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

/** What a faulty server can do instead of answering well. */
export type Fault =
  /** 429, with a Retry-After in the form asked for. */
  | "rate-limit"
  /** 500, 502 or 503. */
  | "server-error"
  /** The connection is reset before any answer. */
  | "reset"
  /** The request is carried out, and the connection is reset before the answer. */
  | "lost-answer"
  /** No answer until the client gives up. */
  | "hang"
  /** The answer comes a few bytes at a time. */
  | "drip"
  /** The body breaks off in the middle. */
  | "cut-body"
  /** The model's JSON breaks off in the middle, in a whole body. */
  | "cut-json"
  /** The model's JSON has other keys than asked for. */
  | "wrong-schema"
  /** The model refuses. */
  | "refusal"
  /** Every reply carries the same id. */
  | "duplicate-id"
  /** The reply does not say how many tokens it took. */
  | "no-usage";

// What a model writes depends on what it was asked: these fall on the same requests whenever they come.
const ofContent: ReadonlySet<Fault> = new Set<Fault>([
  "cut-json",
  "wrong-schema",
  "refusal",
  "duplicate-id",
  "no-usage",
]);

/** The faults of one request: those of transport by its number, those of content by its body without the ceiling on output, so that a repeated run sees the same. */
export function chooseFaults(
  shares: Readonly<Partial<Record<Fault, number>>>,
  { seed, number, body }: { seed: number; number: number; body: string },
): Set<Fault> {
  const chosen = new Set<Fault>();
  const asked = body.replace(/"max(?:_completion)?_tokens":\d+,?/, "");
  for (const [fault, share] of Object.entries(shares) as [Fault, number][]) {
    const random = ofContent.has(fault) ? seededRandom(seed, fault, asked) : seededRandom(seed, fault, number);
    if (random.next() < share) chosen.add(fault);
  }
  return chosen;
}
