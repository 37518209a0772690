import { generateText, jsonSchema, NoObjectGeneratedError, Output } from "ai";
import { isObject } from "../is-object.ts";
import { type Failure, judgeFailure } from "./failure.ts";
import type { ModelObject } from "./model-http.ts";
import { type ModelSettings, optionsUnder } from "./settings.ts";

const maxWait = 30_000;
const maxReplyTokens = 200;
const prompt = 'Reply with the JSON object {"ready": true} and nothing else.';
const schema = jsonSchema<{ ready: boolean }>({
  type: "object",
  properties: { ready: { type: "boolean" } },
  required: ["ready"],
  additionalProperties: false,
});

/** What {@link probeModel} found. */
export type ModelProbe =
  /** It answered; `schema` says whether the endpoint takes a JSON schema, and whether the model kept to it. */
  { seconds: number; schema: "followed" | "ignored" | "refused" } | { failure: Failure };

/**
 * Asks a model for a few tokens, without any ledger, and once more without a schema where the endpoint refuses the first request.
 * Waits half a minute at most. Throws only what the signal gives.
 */
export async function probeModel(
  model: ModelObject,
  { settings, signal }: { settings?: ModelSettings; signal?: AbortSignal } = {},
): Promise<ModelProbe> {
  const timeout = AbortSignal.timeout(maxWait);
  const start = performance.now();
  const answered = (schema: "followed" | "ignored" | "refused"): ModelProbe => ({
    seconds: (performance.now() - start) / 1000,
    schema,
  });
  const ask = async (output?: ReturnType<typeof Output.object<{ ready: boolean }>>) => {
    await generateText({
      ...optionsUnder(model, settings),
      maxOutputTokens: settings?.maxOutputTokens ?? maxReplyTokens,
      prompt,
      output,
      maxRetries: 0,
      abortSignal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  };
  try {
    await ask(Output.object({ schema }));
    return answered("followed");
  } catch (error) {
    signal?.throwIfAborted();
    if (NoObjectGeneratedError.isInstance(error)) return answered("ignored");
    const failure = judgeFailure(error);
    if (failure.kind !== "rejected") return { failure };
  }
  // The endpoint refuses the request, perhaps for its schema alone.
  try {
    await ask();
    return answered("refused");
  } catch (error) {
    signal?.throwIfAborted();
    return { failure: judgeFailure(error) };
  }
}

const maxListWait = 5_000;

/** Ids of the models that an OpenAI-compatible server says it has; undefined where it does not say, or does not answer within 5 s. */
export async function listModels(
  baseUrl: string,
  { apiKey, signal }: { apiKey?: string; signal?: AbortSignal } = {},
): Promise<string[] | undefined> {
  const timeout = AbortSignal.timeout(maxListWait);
  try {
    const response = await fetch(`${baseUrl.replace(/\/+$/, "")}/models`, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const body: unknown = response.ok ? await response.json() : undefined;
    const list = isObject(body) && Array.isArray(body.data) ? body.data : undefined;
    return list?.flatMap((each: unknown) => (isObject(each) && typeof each.id === "string" ? [each.id] : []));
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
