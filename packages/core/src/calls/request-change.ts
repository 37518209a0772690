import type { generateText } from "ai";
import { RagInstructError } from "../errors.ts";
import { type ModelObject, withFetch } from "./model-http.ts";

/** What a provider is handed beside the prompt. */
type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]["providerOptions"]>;

/** What is changed in a request between the AI SDK and its endpoint: plain JSON, so that it can cross to workers. */
export interface RequestChange {
  /** Fields that are put over those of the body. */
  body?: Readonly<Record<string, unknown>>;
  /** The field that carries the ceiling on output, where it is not `max_tokens`. */
  outputField?: "max_completion_tokens";
}

/** The name under which a change travels in the provider options of a model that is asked elsewhere. */
const requestChangeName = "ragInstructRequest";

/** A model that carries changes of its requests to where they are sent. */
export interface CarriesChanges {
  readonly carriesRequestChanges: true;
}

/**
 * A model whose requests are changed, and what goes with each of them. Throws `bad-option` where fields of the body are given to a model
 * that does not reach its endpoint as OpenAI's providers do.
 */
export function changeRequests(
  model: ModelObject,
  change: RequestChange,
): { model: ModelObject; providerOptions?: ProviderOptions } {
  if (change.body === undefined && change.outputField === undefined) return { model };
  const changed = withFetch(
    model,
    (fetch) => (url, init) => fetch(url, { ...init, body: changeBody(init?.body, change) }),
  );
  if (changed) return { model: changed };
  if ("carriesRequestChanges" in model)
    return { model, providerOptions: { [requestChangeName]: { ...change } as ProviderOptions[string] } };
  if (change.body === undefined) return { model };
  const message = `${model.provider} ${model.modelId} takes no \`body\` in its settings; give it to the model object itself, or take a model of @ai-sdk/openai or @ai-sdk/openai-compatible`;
  throw new RagInstructError("bad-option", message);
}

/** Takes a change out of the provider options that a model asked elsewhere was handed: gives the change, and the options without it. */
export function takeChange(given: ProviderOptions | undefined): {
  change: RequestChange;
  providerOptions?: ProviderOptions;
} {
  const { [requestChangeName]: change = {}, ...providerOptions } = given ?? {};
  return { change, providerOptions: given && providerOptions };
}

function changeBody<B>(body: B, { body: fields, outputField }: RequestChange): B | string {
  if (typeof body !== "string") return body;
  const { max_tokens, ...rest } = JSON.parse(body) as Record<string, unknown>;
  const sent = max_tokens === undefined ? rest : { ...rest, [outputField ?? "max_tokens"]: max_tokens };
  return JSON.stringify({ ...sent, ...fields });
}
