import type { IncomingMessage, ServerResponse } from "node:http";
import { hashText } from "../hash.ts";
import type { Fault } from "./faults.ts";

/** A chat request as the server reads it. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: unknown;
}

/** A chat completion as the server sends it. */
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
