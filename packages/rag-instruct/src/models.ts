import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { RagInstructError } from "@rag-instruct/core";
import { offlineModel } from "@rag-instruct/simulate";
import type { LanguageModel } from "ai";
import type { Endpoint, ModelChoice } from "./config.ts";

type ModelObject = Exclude<LanguageModel, string>;

/**
 * The model object of a choice. The endpoint's address becomes part of the provider's name, and with it of every ledger key.
 * Throws `bad-option` when OpenAI's own endpoint is meant and the key is missing.
 */
export function resolveModel(choice: ModelChoice): ModelObject {
  if (choice === "offline") return offlineModel();
  if (!isEndpoint(choice)) return choice;
  return resolveEndpoint(choice);
}

/** The model object of an endpoint, with the key from the environment. Throws like {@link resolveModel}. */
export function resolveEndpoint(endpoint: Endpoint): LanguageModelV4 {
  return endpointModel(endpoint, endpointKey(endpoint));
}

function endpointModel({ name, baseUrl }: Endpoint, apiKey: string | undefined): LanguageModelV4 {
  if (baseUrl === undefined) return createOpenAI({ apiKey: apiKey! }).chat(name);
  return createOpenAICompatible({
    name: new URL(baseUrl).host,
    baseURL: endpointAddress(baseUrl),
    supportsStructuredOutputs: true,
    apiKey: apiKey || undefined,
  })(name);
}

/** Whether a choice names an endpoint, and is no model object. */
export function isEndpoint(choice: ModelChoice): choice is Endpoint {
  return typeof choice === "object" && "name" in choice && !("doGenerate" in choice);
}

/** The key of an endpoint, from the environment. Throws `bad-option` where OpenAI's own endpoint is meant and it is missing. */
export function endpointKey({ baseUrl, keyVariable = "OPENAI_API_KEY" }: Endpoint): string | undefined {
  const key = process.env[keyVariable] || undefined;
  if (key !== undefined || baseUrl !== undefined) return key;
  throw new RagInstructError(
    "bad-option",
    `${keyVariable} is not set; set it, or name a server of your own with --base-url`,
  );
}

/** An address without a closing slash. */
export function endpointAddress(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "");
}

/** The names of a choice's model. Where a key is needed to call it, none is needed to name it. */
export function nameModel(choice: ModelChoice): { provider: string; modelId: string } {
  const { provider, modelId } = isEndpoint(choice) ? endpointModel(choice, "none") : resolveModel(choice);
  return { provider, modelId };
}

/** What identifies a model in a stage's key and in the manifest. No key is part of it. */
export function describeModel({ provider, modelId }: { provider: string; modelId: string }): string {
  return `${provider}/${modelId}`;
}
