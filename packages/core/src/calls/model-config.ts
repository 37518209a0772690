import { isObject } from "../is-object.ts";
import type { AskRequest } from "./ask-request.ts";

/** The part of a provider's configuration that OpenAI's and OpenAI-compatible models of the AI SDK carry. */
interface ModelConfig {
  headers?: unknown;
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
