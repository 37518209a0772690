import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { RagInstructError } from "@rag-instruct/core";
import { offlineModel } from "@rag-instruct/simulate";
import type { LanguageModel } from "ai";
import type { ModelChoice } from "./config.ts";

type ModelObject = Exclude<LanguageModel, string>;

/**
 * The model object of a choice. The endpoint's address becomes part of the provider's name, and with it of every ledger key.
 * Throws `bad-option` when OpenAI's own endpoint is meant and the key is missing.
 */
export function resolveModel(choice: ModelChoice): ModelObject {
  if (choice === "offline") return offlineModel();
  if (!("name" in choice)) return choice;
  const { name, baseUrl, keyVariable = "OPENAI_API_KEY" } = choice;
  const apiKey = process.env[keyVariable];
  if (baseUrl !== undefined) {
    return createOpenAICompatible({
      name: new URL(baseUrl).host,
      baseURL: baseUrl.replace(/\/+$/, ""),
      supportsStructuredOutputs: true,
      ...(apiKey ? { apiKey } : {}),
    })(name);
  }
  if (!apiKey) {
    throw new RagInstructError(
      "bad-option",
      `${keyVariable} is not set; set it, or name a server of your own with --base-url`,
    );
  }
  return createOpenAI({ apiKey }).chat(name);
}

/** What identifies a choice in a stage's key and in the manifest. No key is part of it. */
export function describeModel(model: ModelObject): string {
  return `${model.provider}/${model.modelId}`;
}
