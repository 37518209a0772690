import type { FlexibleSchema, generateText, LanguageModel } from "ai";
import { RagInstructError } from "../errors.ts";
import { tokensAtMost } from "../tokens.ts";
import type { Deadline } from "./deadline.ts";
import { generate } from "./generate.ts";
import { secretsOf } from "./model-config.ts";
import type { PaidCall } from "./paid-call.ts";

/** Options of the AI SDK's generateText. */
export type GenerateTextOptions = Parameters<typeof generateText>[0];

/** A question to a language model. */
export interface AskRequest {
  /** A model object of the AI SDK, not a bare id. */
  model: Exclude<LanguageModel, string>;
  instructions?: string;
  prompt: string;
  /** Zod schema of the reply, sent as structured output where the model takes one. The reply is not checked against it here. */
  schema?: FlexibleSchema<unknown>;
  /** Name of the prompt's version. */
  version: string;
  /** Temperature, seed and the like, as the AI SDK names them; part of the key. */
  settings?: Pick<GenerateTextOptions, "maxOutputTokens" | "temperature" | "topP" | "seed" | "stopSequences">;
  /** Passed to the provider; part of the key. */
  providerOptions?: NonNullable<GenerateTextOptions["providerOptions"]>;
  /** Counts up to ask the same question once more, because the ledger would give the old reply again. @default 0 */
  repeat?: number;
  /** Shared by the calls of one task. @default a new one of the run's `deadline` */
  deadline?: Deadline;
  signal?: AbortSignal;
}

/** What a language model replied. */
export interface TextReply {
  text: string;
  finishReason: string;
}

// Under a budget every reply has a ceiling: this one, where the settings give none.
const outputCeiling = 4096;
// What a chat format and a schema add to the text of a prompt, at most.
const overheadTokens = 1024;
/** Everything that the reply depends on. */
function keyOf(request: AskRequest): unknown[] {
  const { model, instructions = null, prompt, version, settings = {}, providerOptions = {}, repeat = 0 } = request;
  return [model.provider, model.modelId, version, instructions, prompt, settings, providerOptions, repeat];
}

/** The options of the AI SDK that ask a request's question. */
function generateOptions(request: AskRequest, { needsCeiling }: { needsCeiling: boolean }) {
  const { model, instructions, prompt, settings, providerOptions } = request;
  return {
    model,
    prompt,
    maxRetries: 0,
    ...(needsCeiling ? { maxOutputTokens: outputCeiling } : {}),
    ...settings,
    ...(instructions === undefined ? {} : { instructions }),
    ...(providerOptions ? { providerOptions } : {}),
  };
}

/** A question as a paid call. Throws `bad-option` for a bare model id. */
export function askCall(request: AskRequest, { needsCeiling }: { needsCeiling: boolean }): PaidCall<TextReply> {
  const { model, schema, instructions = "", prompt, settings, deadline, signal } = request;
  if (typeof model === "string") {
    throw new RagInstructError("bad-option", `"${model}" is an id; hand in a model object, such as openai("${model}")`);
  }
  return {
    key: keyOf(request),
    model: model.modelId,
    worst: {
      inputTokens: tokensAtMost(instructions, prompt) + overheadTokens,
      outputTokens: settings?.maxOutputTokens ?? outputCeiling,
    },
    secrets: () => secretsOf(model),
    ...(deadline ? { deadline } : {}),
    ...(signal ? { signal } : {}),
    execute: (abortSignal) => generate(schema, { ...generateOptions(request, { needsCeiling }), abortSignal }),
  };
}
