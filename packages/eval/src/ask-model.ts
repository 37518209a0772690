import { RagInstructError, tokensAtMost } from "@rag-instruct/core";
import type { Calls, TextReply } from "@rag-instruct/core/calls";
import type { LanguageModel } from "ai";
import { type CompletionModel, complete, type Sampling } from "./completion-model.ts";

/** Ways to draw answers by name; the published evaluation drew at temperature 0.5, top-p 0.9, 500 new tokens (eval_sglang.py and README). */
export const samplings = {
  greedy: { temperature: 0, maxOutputTokens: 500 },
  published: { temperature: 0.5, topP: 0.9, maxOutputTokens: 500 },
} as const satisfies Record<string, Sampling>;

/** What answers: a model object of the AI SDK, asked by chat, or a server that continues raw prompts. */
export type AnsweringModel = Exclude<LanguageModel, string> | CompletionModel;

/** Part of the ledger key: raise it when what is asked changes for the same prompt. */
const version = "evaluate-1";

/** How to ask one prompt through the run's paid calls. Throws `bad-option` for a model or a sampling that is none. */
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
  const settings: Sampling = { ...samplingOf(sampling), ...(seed === undefined ? {} : { seed }) };
  if (!("baseURL" in model)) {
    return (prompt, signal) => calls.ask({ model, prompt, version, settings, signal });
  }
  return async (prompt, signal) => {
    const raw = model.renderChat ? await model.renderChat(prompt) : prompt;
    return calls.perform<TextReply>({
      key: ["completions", model.id ?? model.baseURL, model.model, version, raw, settings],
      model: model.model,
      worst: { inputTokens: tokensAtMost(raw), outputTokens: settings.maxOutputTokens },
      signal,
      execute: async (inner) => {
        const { usage, ...value } = await complete(model, { prompt: raw, sampling: settings, signal: inner });
        return { value, usage };
      },
    });
  };
}

function samplingOf(sampling: keyof typeof samplings | Sampling): Sampling {
  const chosen = typeof sampling === "string" ? samplings[sampling] : sampling;
  if (chosen) return chosen;
  throw new RagInstructError(
    "bad-option",
    `there is no sampling "${String(sampling)}"; there are ${Object.keys(samplings).join(", ")}`,
  );
}
