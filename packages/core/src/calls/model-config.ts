import { RagInstructError } from "../errors.ts";
import { isObject } from "../is-object.ts";
import type { AskRequest } from "./ask-request.ts";

/** The part of a provider's configuration that OpenAI's and OpenAI-compatible models of the AI SDK carry. */
interface ModelConfig {
  headers?: unknown;
  url?: unknown;
}

function configOf(model: AskRequest["model"]): ModelConfig | undefined {
  const { config } = model as { config?: unknown };
  return isObject(config) ? config : undefined;
}

const secretHeader = /auth|key|token|secret|cookie|credential/i;

/** The key that a model sends, as its headers hold it, so that it can be struck out of errors. Empty where they cannot be asked. */
export async function secretsOf(model: AskRequest["model"]): Promise<string[]> {
  const { headers } = configOf(model) ?? {};
  try {
    const given: unknown = await (typeof headers === "function" ? headers() : headers);
    return Object.entries(given ?? {}).flatMap(([name, value]) =>
      typeof value === "string" && secretHeader.test(name) ? [value, value.replace(/^\w+\s+/, "")] : [],
    );
  } catch {
    return [];
  }
}

/**
 * The same model with another way to its endpoint. Throws `bad-option` for a model that does not reach one by HTTP as
 * OpenAI's providers do.
 */
export function withFetch(model: AskRequest["model"], fetch: typeof globalThis.fetch): AskRequest["model"] {
  const config = configOf(model);
  if (typeof config?.url !== "function") {
    throw new RagInstructError(
      "bad-option",
      `${model.provider} ${model.modelId} cannot be asked through a batch API; take a model of @ai-sdk/openai or @ai-sdk/openai-compatible itself, or leave batch out`,
    );
  }
  const twin = Object.create(Object.getPrototypeOf(model)) as AskRequest["model"];
  return Object.assign(twin, model, { config: { ...config, fetch } });
}
