import type { generateText } from "ai";
import { badOption } from "../errors.ts";
import { isSecretHeader, type ModelObject, withFetch } from "./model-http.ts";

/** Options of the AI SDK's generateText. */
type GenerateTextOptions = Parameters<typeof generateText>[0];

/** How a model is asked. All of it is part of the ledger key, but for headers that hold a secret. */
export interface ModelSettings
  extends Pick<GenerateTextOptions, "maxOutputTokens" | "temperature" | "topP" | "seed" | "stopSequences"> {
  /** How much a reasoning model thinks, as its endpoint names it. */
  reasoningEffort?: GenerateTextOptions["reasoning"];
  /** Headers of every request, beside those that the model sends itself. */
  headers?: Readonly<Record<string, string>>;
  /**
   * Fields of the request's JSON body, put over those that are sent otherwise: whatever an endpoint takes that nobody else has a name
   * for, such as `{ enable_thinking: false }`. Needs a model that reaches its endpoint as OpenAI's providers do.
   */
  body?: Readonly<Record<string, unknown>>;
}

/** The settings of one request over those of its run. */
export function mergeSettings(run: ModelSettings | undefined, request: ModelSettings | undefined): ModelSettings {
  const merged: ModelSettings = { ...run, ...request };
  if (run?.headers && request?.headers) merged.headers = { ...run.headers, ...request.headers };
  if (run?.body && request?.body) merged.body = { ...run.body, ...request.body };
  return merged;
}

/**
 * Settings, where there are any, as a ledger key and files may hold them: without headers that hold a secret, because a renewed secret
 * must not change the key.
 */
export function withoutSecrets<S extends Pick<ModelSettings, "headers"> | undefined>(given: S): S {
  if (given === undefined) return given;
  const { headers, ...settings } = given;
  const open = Object.entries(headers ?? {}).filter(([name]) => !isSecretHeader(name));
  return (open.length > 0 ? { ...settings, headers: Object.fromEntries(open) } : settings) as S;
}

/** Options of the AI SDK's generateText that ask a model under settings, without any ledger. Throws `bad-option` as `openCalls` does. */
export function optionsUnder(
  model: ModelObject,
  settings: ModelSettings = {},
): Omit<ModelSettings, "reasoningEffort" | "body"> &
  Pick<GenerateTextOptions, "reasoning" | "providerOptions"> & { model: ModelObject } {
  return { ...generateSettings(settings), ...changeRequests(model, { body: settings.body }) };
}

/** Settings as the AI SDK takes them; the body is not among them. */
export function generateSettings({ reasoningEffort, body: _body, ...settings }: ModelSettings) {
  return { ...settings, reasoning: reasoningEffort };
}

/** What a provider is handed beside the prompt. */
type ProviderOptions = NonNullable<GenerateTextOptions["providerOptions"]>;

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
  throw badOption(message);
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
