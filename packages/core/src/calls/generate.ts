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
  if (!schema || schemaless.has(options.model)) return toReply(await generateText(options));
  try {
    return toReply(await generateText({ ...options, output: await outputFor(schema) }));
  } catch (error) {
    // The text is what was paid for: whether it can be repaired is for the caller to say.
    if (NoObjectGeneratedError.isInstance(error) && error.text !== undefined) {
      return toReply({
        text: error.text,
        finishReason: error.finishReason ?? "other",
        usage: error.usage,
        response: error.response as { headers?: Record<string, string> } | undefined,
      });
    }
    if (!refusesSchema(error)) throw error;
    schemaless.add(options.model);
    return toReply(await generateText(options));
  }
}

async function outputFor(schema: FlexibleSchema<unknown>): Promise<JsonOutput> {
  const known = outputs.get(schema as object);
  if (known) return known;
  const output = Output.object({ schema: jsonSchema(await asSchema(schema).jsonSchema) }) as JsonOutput;
  outputs.set(schema as object, output);
  return output;
}

function refusesSchema(error: unknown): boolean {
  if (!APICallError.isInstance(error) || (error.statusCode !== 400 && error.statusCode !== 422)) return false;
  return /response_format|json_schema|structured|guided/i.test(`${error.message} ${error.responseBody ?? ""}`);
}

function toReply(result: {
  text: string;
  finishReason: string;
  usage: { inputTokens: number | undefined; outputTokens: number | undefined } | undefined;
  response: { headers?: Record<string, string> | undefined } | undefined;
}): CallResult<TextReply> {
  const usage: Usage = {};
  if (result.usage?.inputTokens !== undefined) usage.inputTokens = result.usage.inputTokens;
  if (result.usage?.outputTokens !== undefined) usage.outputTokens = result.usage.outputTokens;
  const headers = result.response?.headers;
  return {
    value: { text: result.text, finishReason: result.finishReason },
    usage,
    ...(headers ? { headers } : {}),
  };
}
