import type { LanguageModelUsage } from "ai";
import type { Usage } from "./ledger.ts";

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
  try {
    JSON.parse(bare);
    return bare;
  } catch {
    return undefined;
  }
}

/** What of a usage is looked at. */
type Counted = Partial<Pick<LanguageModelUsage, "inputTokens" | "outputTokens" | "inputTokenDetails" | "raw">>;

/**
 * What an endpoint bills, by the usage that it states. Some leave thinking out of the output and count it in the total alone: what the
 * total holds beyond the prompt is output.
 */
export function billedUsage(stated: Counted | undefined): Usage {
  const usage: Usage = {};
  const inputTokens = counted(stated?.inputTokens);
  const outputTokens = counted(stated?.outputTokens);
  const total = counted(stated?.raw?.total_tokens) ?? 0;
  const cached = counted(stated?.inputTokenDetails?.cacheReadTokens) ?? 0;
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  if (outputTokens !== undefined) usage.outputTokens = Math.max(outputTokens, total - (inputTokens ?? total));
  if (cached > 0 && cached <= (inputTokens ?? 0)) usage.cachedInputTokens = cached;
  return usage;
}

/** A count that can be one: endpoints send negative numbers and fractions too. */
function counted(tokens: unknown): number | undefined {
  return typeof tokens === "number" && Number.isInteger(tokens) && tokens >= 0 ? tokens : undefined;
}
