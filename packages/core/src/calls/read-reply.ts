import { APICallError, type LanguageModelUsage } from "ai";
import { isObject, jsonValue } from "../types.ts";
import type { Usage } from "./ledger.ts";
import { completionIn } from "./odd-bodies.ts";

/** What kept a model from saying what it was asked for, by the way in which its reply ended. */
export type ReplyEndReason =
  /** All of its output went into thinking. */
  | "only-thinking"
  /** It reached the ceiling of its output. */
  | "cut-off"
  /** The endpoint's filter took it away. */
  | "content-filter"
  /** The model refused, in the field that is made for it. */
  | "refusal"
  /** The model called a tool. */
  | "tool-call"
  /** The server took the whole of it for reasoning. */
  | "reasoning-only"
  /** Nothing was said, for no reason given. */
  | "empty-reply";

/** How a reply ended other than well, and what to do about it. */
export interface ReplyEnd {
  reason: ReplyEndReason;
  /** What happened and what helps, in a sentence. */
  detail: string;
}

/** What the AI SDK says of a reply. */
export interface EndedReply {
  text: string;
  finishReason: string;
  /** The endpoint's own word for it. */
  rawFinishReason?: string;
  reasoningText?: string;
  outputTokens?: number;
  toolCalls?: readonly { toolName: string; input: unknown }[];
}

const refusalShown = 200;

/**
 * The text of a reply, wherever the endpoint put it: the arguments of a tool that was called, and an object that stands in the
 * reasoning alone, are read. `end` says why the text may not be what was asked for; it is absent where the reply ended well.
 */
export function readEnd(reply: EndedReply): { text: string; end?: ReplyEnd } {
  const { text, finishReason, rawFinishReason, reasoningText = "", toolCalls = [] } = reply;
  const isEmpty = text.trim() === "";
  if (finishReason === "content-filter") {
    const isRefusal = !isEmpty && rawFinishReason !== "content_filter";
    return { text, end: isRefusal || rawFinishReason === "refusal" ? refused(text) : ends["content-filter"] };
  }
  if (finishReason === "length") return { text, end: isEmpty ? onlyThinking(reply.outputTokens) : ends["cut-off"] };
  if (!isEmpty) return { text };
  const [call] = toolCalls;
  if (call) return { text: argumentsOf(call.input), end: calledTool(call.toolName) };
  if (reasoningText.trim() === "") return { text, end: ends["empty-reply"] };
  return { text: wholeObject(reasoningText) ?? text, end: ends["reasoning-only"] };
}

const ends = {
  "cut-off": {
    reason: "cut-off",
    detail: "the reply reached the ceiling of its output; raise maxOutputTokens",
  },
  "content-filter": {
    reason: "content-filter",
    detail:
      "the endpoint's content filter took the reply away; relax its filter, or take another endpoint for such documents",
  },
  "reasoning-only": {
    reason: "reasoning-only",
    detail:
      "the server took the whole reply for reasoning; start it without a reasoning parser, or switch thinking off (enable_thinking: false)",
  },
  "empty-reply": {
    reason: "empty-reply",
    detail: "the model said nothing; look at the chat template and the stop words of its server",
  },
} as const satisfies Record<string, ReplyEnd>;

function onlyThinking(tokens: number | undefined): ReplyEnd {
  const all = tokens === undefined ? "all tokens" : `all ${tokens} tokens`;
  const help = "raise maxOutputTokens, lower the reasoning effort, or switch thinking off (enable_thinking: false)";
  return { reason: "only-thinking", detail: `${all} of the output went into thinking; ${help}` };
}

function refused(text: string): ReplyEnd {
  const words = text.replace(/\s+/g, " ").trim().slice(0, refusalShown);
  return { reason: "refusal", detail: words === "" ? "the model refuses" : `the model refuses: ${words}` };
}

function calledTool(name: string): ReplyEnd {
  const help = "start the server without automatic tool calls, or take another model";
  return {
    reason: "tool-call",
    detail: `the model called a tool, "${name.slice(0, 60)}", that it was not given; ${help}`,
  };
}

function argumentsOf(input: unknown): string {
  return typeof input === "string" ? input : (JSON.stringify(input) ?? "");
}

/** The text, where it is one JSON object and nothing else, in a fence or not. */
function wholeObject(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^```(?:json)?/i, "")
    .replace(/```$/, "")
    .trim();
  if (!bare.startsWith("{") || !bare.endsWith("}")) return undefined;
  return jsonValue(bare) === undefined ? undefined : bare;
}

/** What of a usage is looked at. */
type Counted = Partial<Pick<LanguageModelUsage, "inputTokens" | "outputTokens" | "inputTokenDetails" | "raw">>;

/**
 * What an endpoint bills, by the usage that it states. Some leave thinking out of the output and count it in the total alone: what the
 * total holds beyond the prompt is output. No prompt has no token: a zero, which the AI SDK puts for what it does not find too, says
 * that nobody counted, so that a reply which is charged for never passes for a free one.
 * @param options.mayBeFree the model runs in this process, where zero means what it says. @default false
 */
export function billedUsage(stated: Counted | undefined, { mayBeFree = false }: { mayBeFree?: boolean } = {}): Usage {
  const usage: Usage = {};
  const raw = stated?.raw;
  const total = counted(raw?.total_tokens) ?? 0;
  const stand = total > 0 || mayBeFree ? 0 : undefined;
  const inputTokens = counted(stated?.inputTokens) || counted(raw?.input_tokens) || stand;
  const outputTokens = counted(stated?.outputTokens) || counted(raw?.output_tokens) || 0;
  const cached = counted(stated?.inputTokenDetails?.cacheReadTokens) ?? 0;
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  const all = Math.max(outputTokens, total - (inputTokens ?? total));
  if (all > 0 || inputTokens !== undefined) usage.outputTokens = all;
  if (cached > 0 && cached <= (inputTokens ?? 0)) usage.cachedInputTokens = cached;
  return usage;
}

/** A count that can be one: endpoints send negative numbers and fractions too. */
function counted(tokens: unknown): number | undefined {
  return typeof tokens === "number" && Number.isInteger(tokens) && tokens >= 0 ? tokens : undefined;
}

/** A chat completion as it should be, with the headers that came with it. */
interface MendedAnswer {
  body: unknown;
  headers: Record<string, string>;
}

/**
 * A chat completion that the AI SDK does not take although it is complete: its role is "" or "model", `created` a string, `id` a
 * number, tokens are counted in strings, `reasoning` is an object, or it comes as the events of a stream, between comments or beside
 * other lines. It is paid for, so what was said is read, and what else it holds is put into the form it should have or left out. So is
 * what a model wrote that its endpoint holds back for not being JSON, or not of the schema: whether it can be read is for the caller to say.
 *
 * @returns undefined where the error is another one, or the answer says nothing
 */
export function mendedAnswer(error: unknown): MendedAnswer | undefined {
  if (!APICallError.isInstance(error) || !error.responseBody) return undefined;
  const text = failedGeneration(error);
  if (text) return { body: completionOf(text), headers: headersOf(error.responseHeaders) };
  return isAnswer(error) ? mendedCompletion(error) : undefined;
}

/** Whether the endpoint says that it has carried out what was asked. */
function isAnswer({ statusCode = 0 }: APICallError): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/**
 * Whether what came as an answer is whole and no answer at all: a page, nothing, an object of another kind. What was cut on the way may
 * go better next time, and so may what says itself that it is an error.
 */
export function isNoCompletion(error: APICallError): boolean {
  if (!isAnswer(error)) return false;
  const { responseBody: body, cause } = error;
  // What fetch could not unpack has no body.
  if (body === undefined) return cause instanceof Error && badPacking.test(`${cause.message} ${String(cause.cause)}`);
  const value = jsonValue(body);
  if (value === undefined) return !/^\s*[[{]/.test(body);
  return !(isObject(value) && ("error" in value || "choices" in value));
}

const badPacking = /incorrect header check|invalid (?:block|stored|code|distance)|Decompression failed|Z_\w+_ERROR/i;

/**
 * What a model wrote that Groq's endpoint answers with an error for (`json_validate_failed`); "" where it does not say, and undefined
 * for any other error.
 */
export function failedGeneration({ statusCode, responseBody = "" }: APICallError): string | undefined {
  if (statusCode !== 400 && statusCode !== 422) return undefined;
  const body = jsonValue(responseBody);
  const error: unknown = isObject(body) ? body.error : undefined;
  if (!isObject(error) || error.code !== "json_validate_failed") return undefined;
  return typeof error.failed_generation === "string" ? error.failed_generation.trim() : "";
}

function completionOf(content: string): unknown {
  return { choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] };
}

function mendedCompletion(error: APICallError): MendedAnswer | undefined {
  const body = completionIn(error.responseBody ?? "");
  if (!isObject(body) || !Array.isArray(body.choices)) return undefined;
  const choices = body.choices.slice(0, 1).map(mendedChoice);
  if (choices.length === 0 || choices.includes(undefined)) return undefined;
  return {
    body: { id: textOf(body.id), model: textOf(body.model), choices, usage: mendedUsage(body.usage) },
    headers: headersOf(error.responseHeaders),
  };
}

function mendedChoice(choice: unknown): unknown {
  if (!isObject(choice)) return undefined;
  // As a completion of text has it.
  const message: unknown = choice.message ?? (typeof choice.text === "string" ? { content: choice.text } : undefined);
  if (!isObject(message)) return undefined;
  const content = textOf(message.content) ?? (isObject(message.content) ? JSON.stringify(message.content) : undefined);
  const reasoning = textOf(message.reasoning_content) ?? textOf(message.reasoning);
  const toolCalls = mendedToolCalls(message.tool_calls);
  const refusal = textOf(message.refusal);
  // Without any of these there is no answer, and it is asked again.
  if ([content, reasoning, toolCalls, refusal].every((part) => part === undefined)) return undefined;
  return {
    index: 0,
    message: {
      role: "assistant",
      content: content ?? null,
      reasoning_content: reasoning,
      refusal,
      tool_calls: toolCalls,
    },
    finish_reason: typeof choice.finish_reason === "string" ? choice.finish_reason : undefined,
  };
}

/** A text, a number, or the texts of a part or of a list of parts. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) {
    const texts = value.map((part) => (isObject(part) || typeof part === "string" ? textOf(part) : undefined));
    const said = texts.filter((text) => text !== undefined);
    return said.length > 0 ? said.join("") : undefined;
  }
  if (!isObject(value)) return undefined;
  const inner = value.text ?? value.content ?? value.summary;
  return typeof inner === "string" ? inner : undefined;
}

function mendedToolCalls(value: unknown): unknown[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const calls = value.flatMap((call, index) => {
    const given: unknown = isObject(call) ? call.function : undefined;
    if (!isObject(call) || !isObject(given) || given.arguments === undefined) return [];
    const said = typeof given.arguments === "string" ? given.arguments : JSON.stringify(given.arguments);
    return [
      {
        id: textOf(call.id) ?? String(index),
        type: "function",
        function: { name: textOf(given.name) ?? "", arguments: said },
      },
    ];
  });
  return calls.length > 0 ? calls : undefined;
}

const counts = ["prompt_tokens", "completion_tokens", "total_tokens"];
const details = ["prompt_tokens_details", "completion_tokens_details"];

function mendedUsage(value: unknown): Record<string, unknown> | undefined {
  if (!isObject(value)) return undefined;
  const inner = details.map((name) => {
    const member: unknown = value[name];
    return [name, isObject(member) ? countsIn(member, Object.keys(member)) : undefined] as const;
  });
  return { ...countsIn(value, counts), ...Object.fromEntries(inner) };
}

/** Those members that are counts, as numbers. */
function countsIn(object: Record<string, unknown>, names: readonly string[]): Record<string, number> {
  const numbers = names.map((name) => [name, countOf(object[name])] as const);
  return Object.fromEntries(numbers.filter((entry): entry is readonly [string, number] => entry[1] !== undefined));
}

function countOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** What is said of limits; not what is said of the body, which is another one now. */
function headersOf(headers: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !/^(?:content-|transfer-encoding)/i.test(name));
  return { ...Object.fromEntries(kept), "content-type": "application/json" };
}
