import { tracingChannel } from "node:diagnostics_channel";
import {
  APICallError,
  asSchema,
  type FlexibleSchema,
  generateText,
  jsonSchema,
  NoObjectGeneratedError,
  Output,
} from "ai";
import type { AskRequest, GenerateTextOptions, TextReply } from "./ask-request.ts";
import type { Usage } from "./ledger.ts";
import type { CallResult } from "./paid-call.ts";

/** What goes to the AI SDK for one question. */
export type GenerateOptions = GenerateTextOptions & { model: AskRequest["model"]; prompt: string };

type JsonOutput = ReturnType<typeof Output.object>;

// Models whose endpoint has refused a schema once.
const schemaless = new WeakSet<object>();
// Turning a schema to JSON Schema costs more than the rest of a call.
const outputs = new WeakMap<object, JsonOutput>();

/** Asks once through the AI SDK, with the schema where the endpoint takes one. A text that does not fit it is a reply all the same. */
export async function generate(
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
export async function withSchema(
  schema: FlexibleSchema<unknown> | undefined,
  options: GenerateOptions,
): Promise<GenerateOptions> {
  return schema && !schemaless.has(options.model) ? { ...options, output: await outputFor(schema) } : options;
}

/** Whether an endpoint's error says that it takes no schema; from then on none is sent to it. */
export function notesSchemaRefusal(model: AskRequest["model"], error: unknown): boolean {
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
