import { tracingChannel } from "node:diagnostics_channel";
import {
  APICallError,
  asSchema,
  type FlexibleSchema,
  generateText,
  jsonSchema,
  type LanguageModel,
  NoObjectGeneratedError,
  Output,
} from "ai";
import { RagInstructError } from "../errors.ts";
import { isObject } from "../is-object.ts";
import { tokensAtMost } from "../text.ts";
import type { Usage } from "./ledger.ts";
import type { CallResult, Deadline, PaidCall, WorstCase } from "./paid-call.ts";

/** Options of the AI SDK's generateText. */
type GenerateTextOptions = Parameters<typeof generateText>[0];

/** A model object of the AI SDK, which a bare id is not. */
export type ModelObject = Exclude<LanguageModel, string>;

/** A question to a language model. */
export interface AskRequest {
  model: ModelObject;
  instructions?: string;
  prompt: string;
  /** Zod schema of the reply, sent as structured output where the model takes one. The reply is not checked against it here. */
  schema?: FlexibleSchema<unknown>;
  /** Name of the prompt's version. */
  version: string;
  /** Temperature, seed and the like, as the AI SDK names them; part of the key. */
  settings?: Pick<GenerateTextOptions, "maxOutputTokens" | "temperature" | "topP" | "seed" | "stopSequences">;
  /** Passed to the provider; part of the key. */
  providerOptions?: NonNullable<GenerateTextOptions["providerOptions"]>;
  /** Counts up to ask the same question once more, because the ledger would give the old reply again. @default 0 */
  repeat?: number;
  /** Shared by the calls of one task. @default a new one of the run's `deadline` */
  deadline?: Deadline;
  signal?: AbortSignal;
}

/** What a language model replied. */
export interface TextReply {
  text: string;
  finishReason: string;
}

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
  viaBatch: { model: ModelObject; capture(): Promise<CapturedRequest> };
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

/** What goes to the AI SDK for one question. */
type GenerateOptions = GenerateTextOptions & { model: ModelObject; prompt: string };

type JsonOutput = ReturnType<typeof Output.object>;

// Models whose endpoint has refused a schema once.
const schemaless = new WeakSet<object>();
// Turning a schema to JSON Schema costs more than the rest of a call.
const outputs = new WeakMap<object, JsonOutput>();

/** Asks once through the AI SDK, with the schema where the endpoint takes one. A text that does not fit it is a reply all the same. */
async function generate(
  schema: FlexibleSchema<unknown> | undefined,
  options: GenerateOptions,
): Promise<CallResult<TextReply>> {
  const asked = await withSchema(schema, options);
  try {
    return await generateReply(asked);
  } catch (error) {
    if (!asked.output || !notesSchemaRefusal(options.model, error)) throw error;
    return generateReply(options);
  }
}

/** Adds the schema, unless the model's endpoint has refused one. */
async function withSchema(
  schema: FlexibleSchema<unknown> | undefined,
  options: GenerateOptions,
): Promise<GenerateOptions> {
  return schema && !schemaless.has(options.model) ? { ...options, output: await outputFor(schema) } : options;
}

/** Whether an endpoint's error says that it takes no schema; from then on none is sent to it. */
export function notesSchemaRefusal(model: ModelObject, error: unknown): boolean {
  if (!APICallError.isInstance(error) || (error.statusCode !== 400 && error.statusCode !== 422)) return false;
  if (
    !/response_format|text\.format|json_schema|structured|guided/i.test(`${error.message} ${error.responseBody ?? ""}`)
  )
    return false;
  schemaless.add(model);
  return true;
}

/** One call of the AI SDK, whose text is a reply whether it fits the schema or not. */
export async function generateReply(options: GenerateOptions): Promise<CallResult<TextReply>> {
  try {
    return toReply(await generateText({ telemetry: { isEnabled: isObserved() }, ...options }));
  } catch (error) {
    // The text is what was paid for: whether it can be repaired is for the caller to say.
    if (!NoObjectGeneratedError.isInstance(error) || error.text === undefined) throw error;
    return toReply({
      text: error.text,
      finishReason: error.finishReason ?? "other",
      usage: error.usage,
      response: error.response as { headers?: Record<string, string> } | undefined,
    });
  }
}

// Events cost a tenth of a call, whether anybody listens or not.
const telemetryChannel = tracingChannel("ai:telemetry");

/** Whether anybody listens to the AI SDK's telemetry: registered with it, or on its channel. */
function isObserved(): boolean {
  const registered = globalThis.AI_SDK_TELEMETRY_INTEGRATIONS?.length ?? 0;
  return registered > 0 || telemetryChannel.hasSubscribers !== false;
}

async function outputFor(schema: FlexibleSchema<unknown>): Promise<JsonOutput> {
  const known = outputs.get(schema as object);
  if (known) return known;
  const output = Output.object({ schema: jsonSchema(await asSchema(schema).jsonSchema) }) as JsonOutput;
  outputs.set(schema as object, output);
  return output;
}

function toReply(result: {
  text: string;
  finishReason: string;
  usage: { inputTokens: number | undefined; outputTokens: number | undefined } | undefined;
  response: { headers?: Record<string, string> | undefined } | undefined;
}): CallResult<TextReply> {
  const usage: Usage = {};
  const inputTokens = counted(result.usage?.inputTokens);
  const outputTokens = counted(result.usage?.outputTokens);
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  if (outputTokens !== undefined) usage.outputTokens = outputTokens;
  const headers = result.response?.headers;
  return {
    value: { text: result.text, finishReason: result.finishReason },
    usage,
    headers,
  };
}

/** A count that can be one: endpoints send negative numbers and fractions too. */
function counted(tokens: number | undefined): number | undefined {
  return tokens !== undefined && Number.isInteger(tokens) && tokens >= 0 ? tokens : undefined;
}

/** A request as the AI SDK would send it. */
export interface CapturedRequest {
  url: string;
  headers: Record<string, string>;
  /** JSON. */
  body: string;
}

/** The request that a question comes to, taken from the AI SDK at the moment of sending. */
async function captureRequest(
  schema: FlexibleSchema<unknown> | undefined,
  options: GenerateOptions,
): Promise<CapturedRequest> {
  let captured: CapturedRequest | undefined;
  const model = withFetch(options.model, async (url, init) => {
    captured = {
      url: String(url),
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: String(init?.body),
    };
    throw new Error("captured");
  });
  const asked = await withSchema(schema, options);
  try {
    await generateReply({ ...asked, model });
  } catch (error) {
    if (captured) return captured;
    throw error;
  }
  throw new Error("the AI SDK sent no request");
}

/** What an answer means, as the AI SDK reads it; throws what a call that is answered so throws. */
export function readAnswer(
  original: ModelObject,
  { status, body }: { status: number; body: unknown },
): Promise<CallResult<TextReply>> {
  const headers = { "content-type": "application/json" };
  const model = withFetch(original, async () => new Response(JSON.stringify(body), { status, headers }));
  return generateReply({ model, prompt: "-", maxRetries: 0 });
}

/** The part of a provider's configuration that OpenAI's and OpenAI-compatible models of the AI SDK carry. */
interface ModelConfig {
  headers?: unknown;
  url?: unknown;
}

function configOf(model: ModelObject): ModelConfig | undefined {
  const { config } = model as { config?: unknown };
  return isObject(config) ? config : undefined;
}

const secretHeader = /auth|key|token|secret|cookie|credential/i;

/** The key that a model sends, as its headers hold it, so that it can be struck out of errors. Empty where they cannot be asked. */
async function secretsOf(model: ModelObject): Promise<string[]> {
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
function withFetch(model: ModelObject, fetch: typeof globalThis.fetch): ModelObject {
  const config = configOf(model);
  if (typeof config?.url !== "function") {
    throw new RagInstructError(
      "bad-option",
      `${model.provider} ${model.modelId} cannot be asked through a batch API; take a model of @ai-sdk/openai or @ai-sdk/openai-compatible itself, or leave batch out`,
    );
  }
  const twin = Object.create(Object.getPrototypeOf(model)) as ModelObject;
  return Object.assign(twin, model, { config: { ...config, fetch } });
}
