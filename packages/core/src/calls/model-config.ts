import { isObject } from "../is-object.ts";
import type { AskRequest } from "./ask.ts";

/** The parts of a provider's configuration that OpenAI's and OpenAI-compatible models of the AI SDK carry. */
interface ModelConfig {
  headers?: unknown;
  fetch?: typeof fetch;
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
 * The same model with another `fetch`. Undefined where its provider does not let one be given, as all of the AI SDK that speak
 * HTTP do.
 */
export function withFetch(model: AskRequest["model"], replacement: typeof fetch): AskRequest["model"] | undefined {
  const config = configOf(model);
  if (!config?.headers) return undefined;
  return Object.create(model, { config: { value: { ...config, fetch: replacement } } }) as AskRequest["model"];
}
