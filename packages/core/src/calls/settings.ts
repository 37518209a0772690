import type { generateText } from "ai";
import { isSecretHeader, type ModelObject } from "./model-http.ts";
import { changeRequests } from "./request-change.ts";

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

/** Settings as a ledger key and files may hold them: without headers that hold a secret, because a renewed secret must not change the key. */
export function withoutSecrets<S extends Pick<ModelSettings, "headers">>({ headers, ...settings }: S): S {
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
