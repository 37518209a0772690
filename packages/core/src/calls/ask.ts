import { RagInstructError } from "../errors.ts";
import { tokensAtMost } from "../tokens.ts";
import type { AskRequest, TextReply } from "./ask-request.ts";
import { type CapturedRequest, captureRequest } from "./batch/http-exchange.ts";
import { generate } from "./generate.ts";
import { secretsOf } from "./model-config.ts";
import type { PaidCall, WorstCase } from "./paid-call.ts";

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
    maxOutputTokens: needsCeiling ? outputCeiling : undefined,
    ...settings,
    instructions,
    providerOptions,
  };
}

/** A question as a paid call, and the request that it comes to. */
export interface AskCall extends PaidCall<TextReply> {
  model: string;
  worst: WorstCase;
  /** What asks it through a batch. */
  viaBatch: { model: AskRequest["model"]; capture(): Promise<CapturedRequest> };
}

/** A question as a paid call. Throws `bad-option` for a bare model id. */
export function askCall(request: AskRequest, { needsCeiling }: { needsCeiling: boolean }): AskCall {
  const { model, schema, instructions = "", prompt, settings, deadline, signal } = request;
  if (typeof model === "string") {
    throw new RagInstructError("bad-option", `"${model}" is an id; hand in a model object, such as openai("${model}")`);
  }
  const options = generateOptions(request, { needsCeiling });
  return {
    key: keyOf(request),
    model: model.modelId,
    worst: {
      inputTokens: tokensAtMost(instructions, prompt) + overheadTokens,
      outputTokens: settings?.maxOutputTokens ?? outputCeiling,
    },
    secrets: () => secretsOf(model),
    deadline,
    signal,
    execute: (abortSignal) => generate(schema, { ...options, abortSignal }),
    viaBatch: { model, capture: () => captureRequest(schema, options) },
  };
}
