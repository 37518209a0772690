import {
  APICallError,
  type FlexibleSchema,
  generateText,
  type LanguageModel,
  NoObjectGeneratedError,
  Output,
} from "ai";
import { RagInstructError } from "../errors.ts";
import { tokensAtMost } from "../tokens.ts";
import type { Usage } from "./ledger.ts";
import type { PaidCall } from "./paid-call.ts";

type GenerateTextOptions = Parameters<typeof generateText>[0];

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

/** Asks through `perform`; the key holds everything that the reply depends on. */
export function executeAsk(
  request: AskRequest,
  { perform, needsCeiling }: { perform: (call: PaidCall<TextReply>) => Promise<TextReply>; needsCeiling: boolean },
): Promise<TextReply> {
  const { model, instructions, prompt, schema, version, settings, providerOptions, repeat = 0, signal } = request;
  if (typeof model === "string") {
    throw new RagInstructError("bad-option", `"${model}" is an id; hand in a model object, such as openai("${model}")`);
  }
  return perform({
    key: [
      model.provider,
      model.modelId,
      version,
      instructions ?? null,
      prompt,
      settings ?? {},
      providerOptions ?? {},
      repeat,
    ],
    model: model.modelId,
    worst: {
      inputTokens: tokensAtMost(instructions ?? "", prompt) + overheadTokens,
      outputTokens: settings?.maxOutputTokens ?? outputCeiling,
    },
    ...(signal ? { signal } : {}),
    execute: (abortSignal) =>
      generate(schema, {
        model,
        prompt,
        maxRetries: 0,
        abortSignal,
        ...(needsCeiling ? { maxOutputTokens: outputCeiling } : {}),
        ...settings,
        ...(instructions === undefined ? {} : { instructions }),
        ...(providerOptions ? { providerOptions } : {}),
      }),
  });
}

// Models whose endpoint has refused a schema once.
const schemaless = new WeakSet<object>();

type GenerateOptions = GenerateTextOptions & { model: AskRequest["model"]; prompt: string };

async function generate(
  schema: AskRequest["schema"],
  options: GenerateOptions,
): Promise<{ value: TextReply; usage: Usage }> {
  if (!schema || schemaless.has(options.model)) return toReply(await generateText(options));
  try {
    return toReply(await generateText({ ...options, output: Output.object({ schema }) }));
  } catch (error) {
    // The text is what was paid for: whether it can be repaired is for the caller to say.
    if (NoObjectGeneratedError.isInstance(error) && error.text !== undefined) {
      return toReply({ text: error.text, finishReason: error.finishReason ?? "other", usage: error.usage });
    }
    if (!refusesSchema(error)) throw error;
    schemaless.add(options.model);
    return toReply(await generateText(options));
  }
}

function refusesSchema(error: unknown): boolean {
  if (!APICallError.isInstance(error) || (error.statusCode !== 400 && error.statusCode !== 422)) return false;
  return /response_format|json_schema|structured|guided/i.test(`${error.message} ${error.responseBody ?? ""}`);
}

function toReply(result: {
  text: string;
  finishReason: string;
  usage: { inputTokens: number | undefined; outputTokens: number | undefined } | undefined;
}): { value: TextReply; usage: Usage } {
  const usage: Usage = {};
  if (result.usage?.inputTokens !== undefined) usage.inputTokens = result.usage.inputTokens;
  if (result.usage?.outputTokens !== undefined) usage.outputTokens = result.usage.outputTokens;
  return { value: { text: result.text, finishReason: result.finishReason }, usage };
}
