import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { EmbeddingModel, LanguageModel } from "ai";
import { badOption } from "../errors.ts";

type LanguageModelV4 = Extract<LanguageModel, { specificationVersion: "v4" }>;
type EmbeddingModelV4 = Extract<EmbeddingModel, { specificationVersion: "v4" }>;

/** Where a model is called, and the variable that holds the key. */
export interface ModelPlace {
  /** Model id as the endpoint knows it. */
  name: string;
  /** Root of an OpenAI-compatible API. @default OpenAI's own */
  baseUrl?: string;
  /** Environment variable that holds the key. @default "OPENAI_API_KEY" */
  keyVariable?: string;
}

/** The language model at a place, asked by chat completions. Throws as {@link endpointKey}. @param apiKey @default that of the environment */
export function languageModelAt(place: ModelPlace, apiKey = endpointKey(place)): LanguageModelV4 {
  const { name, baseUrl } = place;
  if (baseUrl === undefined) return openaiAt(apiKey).chat(name);
  return createOpenAICompatible({ ...endpointAt(baseUrl, apiKey), supportsStructuredOutputs: true })(name);
}

/** The embedding model at a place. Throws as {@link endpointKey}. @param apiKey @default that of the environment */
export function embeddingModelAt(place: ModelPlace, apiKey = endpointKey(place)): EmbeddingModelV4 {
  const { name, baseUrl } = place;
  if (baseUrl === undefined) return openaiAt(apiKey).embedding(name);
  return createOpenAICompatible(endpointAt(baseUrl, apiKey)).embeddingModel(name);
}

/** The key of a place, from the environment. Throws `bad-option` where OpenAI's own endpoint is meant and it is missing. */
export function endpointKey({ baseUrl, keyVariable = "OPENAI_API_KEY" }: ModelPlace): string | undefined {
  const key = process.env[keyVariable] || undefined;
  if (key !== undefined || baseUrl !== undefined) return key;
  throw badOption(`${keyVariable} is not set; set it, or name a server of your own with --base-url`);
}

/** An address without a closing slash. */
export function endpointAddress(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "");
}

/** The host that is called, with its port. What OpenAI's own provider calls may be named by `OPENAI_BASE_URL`. */
export function endpointHost({ baseUrl = openaiAddress() }: Pick<ModelPlace, "baseUrl">): string {
  return new URL(baseUrl).host;
}

const openai = "https://api.openai.com/v1";

/** An empty variable, as a form without a value leaves it, names nothing. */
function openaiAddress(): string {
  return endpointAddress(process.env.OPENAI_BASE_URL || openai);
}

/** OpenAI's own provider, called after whatever is at its address, since ledgers know replies by that name. */
function openaiAt(apiKey: string | undefined) {
  const baseURL = openaiAddress();
  return createOpenAI({ apiKey: apiKey!, baseURL, name: baseURL === openai ? undefined : endpointName(baseURL) });
}

function endpointAt(baseUrl: string, apiKey: string | undefined) {
  return { name: endpointName(baseUrl), baseURL: endpointAddress(baseUrl), apiKey: apiKey || undefined };
}

/** The name of an endpoint in ledger keys: host and port, and the path where it is another than `/v1`. */
function endpointName(baseUrl: string): string {
  const { host, pathname, search } = new URL(endpointAddress(baseUrl));
  return `${host}${pathname === "/v1" || pathname === "/" ? "" : pathname}${search}`;
}
