import { tracingChannel } from "node:diagnostics_channel";
import { type FlexibleSchema, generateText, type LanguageModelUsage, NoObjectGeneratedError } from "ai";
import { badOption } from "../errors.ts";
import { tokensAbout, tokensAtMost } from "../text.ts";
import { batchCeiling, OutputLimits, outputFor, SchemaTrials } from "./endpoint-limits.ts";
import {
  isOnLoopback,
  type ModelObject,
  patientModel,
  runsHere,
  secretsIn,
  secretsOf,
  withFetch,
} from "./model-http.ts";
import type { CallResult, Deadline, PaidCall, WorstCase } from "./paid-call.ts";
import { billedUsage, type EndedReply, mendedAnswer, type ReplyEnd, readEnd } from "./read-reply.ts";
import { changeRequests, generateSettings, type ModelSettings, withoutSecrets } from "./settings.ts";

/** Options of the AI SDK's generateText. */
type GenerateTextOptions = Parameters<typeof generateText>[0];

/** A question to a language model. */
export interface AskRequest {
  model: ModelObject;
  instructions?: string;
  prompt: string;
  /** Zod schema of the reply, sent as structured output where the model takes one. The reply is not checked against it here. */
  schema?: FlexibleSchema<unknown>;
  /** Name of the prompt's version. */
  version: string;
  /** Temperature, ceiling, fields of the body and the like, over those of the run; part of the key. */
  settings?: ModelSettings;
  /** Passed to the provider; part of the key. */
  providerOptions?: NonNullable<GenerateTextOptions["providerOptions"]>;
  /** What it is for, as `Calls.spending` books it; no part of the key. @default "other" */
  purpose?: string;
  /** Counts up to ask the same question once more, because the ledger would give the old reply again. @default 0 */
  repeat?: number;
  /**
   * The reply that the ledger has cannot be used: asks for another one where it is of an earlier run and the run's `askAgain` allows,
   * else gives it once more. @default false
   */
  again?: boolean;
  /** Told before it is asked; not where the ledger has the reply. */
  onAsked?: () => void;
  /** Shared by the calls of one task. @default a new one of the run's `deadline` */
  deadline?: Deadline;
  signal?: AbortSignal;
}

/** What a language model replied. */
export interface TextReply {
  /** What was said; the arguments of a tool, where one was called instead. */
  text: string;
  finishReason: string;
  /** Why the text may not be what was asked for, and what helps; absent where the reply ended well. */
  end?: ReplyEnd;
  /** Runs in which it was asked for, where that is more than one. */
  asked?: number;
}

// What a chat format and a schema add to the text of a prompt, at most.
const overheadTokens = 1024;
/** Everything that the reply depends on. */
function keyOf(request: AskRequest): unknown[] {
  const { model, instructions = null, prompt, version, settings = {}, providerOptions = {}, repeat = 0 } = request;
  return [
    model.provider,
    model.modelId,
    version,
    instructions,
    prompt,
    withoutSecrets(settings),
    providerOptions,
    repeat,
  ];
}

/** The options of the AI SDK that ask a request's question. */
function generateOptions(request: AskRequest, ceiling: number): GenerateOptions {
  const { model, instructions, prompt, settings = {}, providerOptions } = request;
  return {
    model,
    prompt,
    maxRetries: 0,
    ...generateSettings(settings),
    maxOutputTokens: ceiling,
    body: settings.body,
    instructions,
    providerOptions,
  };
}

/** A question as a paid call, and the request that it comes to. */
export interface AskCall extends PaidCall<TextReply> {
  model: string;
  worst: WorstCase;
  /** Whether the reply that the ledger has cannot be used. */
  again: boolean;
  /** What asks it through a batch. */
  viaBatch: { model: ModelObject; capture(): Promise<CapturedRequest> };
  /** The call that asks it once more with a larger ceiling, for a reply that was cut at the usual one; undefined for any other reply. */
  afterCut(reply: TextReply): AskCall | undefined;
}

/** How a question is asked. */
interface AskOptions {
  /** Whether it goes through a batch. */
  isBatched: boolean;
  /** Tokens of the reply at most, instead of the usual ceiling. */
  raisedTo?: number;
}

/** A question as a paid call. Throws `bad-option` for a bare model id. */
export function askCall(request: AskRequest, { isBatched, raisedTo }: AskOptions): AskCall {
  const { model, purpose, schema, instructions = "", prompt, settings = {}, again = false } = request;
  const { onAsked, deadline, signal } = request;
  if (typeof model === "string") {
    throw badOption(`"${model}" is an id; hand in a model object, such as openai("${model}")`);
  }
  const limits = OutputLimits.of(model);
  const ceiling = settings.maxOutputTokens ?? raisedTo ?? (isBatched ? batchCeiling : limits.usual);
  const options = generateOptions(request, ceiling);
  let wasLowered = false;
  return {
    key: keyOf(request),
    model: model.modelId,
    purpose,
    isLocal: isOnLoopback(model),
    runsHere: runsHere(model),
    worst: {
      inputTokens: tokensAtMost(instructions, prompt) + overheadTokens,
      outputTokens: ceiling,
      guess: tokensAbout(instructions, prompt),
    },
    secrets: async () => [...secretsIn(settings.headers), ...(await secretsOf(model))],
    again,
    onAsked,
    deadline,
    signal,
    async execute(abortSignal, given) {
      const maxOutputTokens = Math.min(ceiling, given?.outputTokens ?? ceiling);
      wasLowered = maxOutputTokens < ceiling;
      const result = await generate(schema, { ...options, maxOutputTokens, abortSignal });
      if (raisedTo !== undefined && !isCut(result.value)) limits.needsMore();
      return result;
    },
    viaBatch: { model, capture: () => captureRequest(schema, options) },
    afterCut(reply) {
      // Having seen this one, a budget gives the next one more.
      if (wasLowered && isCut(reply)) return askCall(request, { isBatched, raisedTo });
      if (settings.maxOutputTokens !== undefined || raisedTo !== undefined || !isCut(reply)) return undefined;
      const raised = limits.above(ceiling, [instructions, prompt]);
      return raised === undefined ? undefined : askCall(request, { isBatched, raisedTo: raised });
    },
  };
}

/** Whether a reply ended at its ceiling. */
function isCut({ finishReason }: TextReply): boolean {
  return finishReason === "length";
}

/** What goes to the AI SDK for one question. */
type GenerateOptions = GenerateTextOptions & {
  model: ModelObject;
  prompt: string;
  instructions?: string;
  /** Fields of the request's body. */
  body?: ModelSettings["body"];
};

/** Asks once through the AI SDK, with the schema where the endpoint takes one. A text that does not fit it is a reply all the same. */
async function generate(
  schema: FlexibleSchema<unknown> | undefined,
  options: GenerateOptions,
): Promise<CallResult<TextReply>> {
  const known = SchemaTrials.of(options.model);
  if (!schema || known.isRefused) return generateFitted(options);
  const asked = await withSchema(schema, options);
  try {
    const reply = await generateFitted(asked);
    known.noteTaken(schema as object);
    return reply;
  } catch (error) {
    return known.askWithout(error, schema as object, () => generateFitted(options));
  }
}

// One refusal each can teach the name of the ceiling's field, the most output, the size of the context, and that our guess of the
// tokens was too low.
const maxRefusals = 4;

/** Asks once, with the ceiling that the endpoint takes. */
async function generateFitted(options: GenerateOptions): Promise<CallResult<TextReply>> {
  const limits = OutputLimits.of(options.model);
  const texts = [options.instructions ?? "", options.prompt];
  let ceiling = fitted(options);
  for (let refusals = 0; ; refusals++) {
    try {
      return await generateReply({ ...options, maxOutputTokens: ceiling });
    } catch (error) {
      if (options.output && SchemaTrials.of(options.model).noteRefusal(error)) throw error;
      const lower = ceiling === undefined || refusals === maxRefusals ? undefined : limits.learn(error, ceiling, texts);
      if (lower === undefined) throw error;
      ceiling = lower;
    }
  }
}

/** The ceiling of a request, as far as its endpoint is known to bear it. */
function fitted({ model, instructions = "", prompt, maxOutputTokens }: GenerateOptions): number | undefined {
  return maxOutputTokens === undefined
    ? undefined
    : OutputLimits.of(model).fit(maxOutputTokens, [instructions, prompt]);
}

/** Adds the schema, unless the model's endpoint has refused one. */
async function withSchema(
  schema: FlexibleSchema<unknown> | undefined,
  options: GenerateOptions,
): Promise<GenerateOptions> {
  return schema && !SchemaTrials.of(options.model).isRefused
    ? { ...options, output: await outputFor(schema) }
    : options;
}

/** One call of the AI SDK. An answer that it does not take for its metadata is mended and read: it is paid for. */
export async function generateReply(options: GenerateOptions): Promise<CallResult<TextReply>> {
  try {
    return await generateOnce(options);
  } catch (error) {
    const mended = mendedAnswer(error);
    if (!mended) throw error;
    const { body, headers } = mended;
    const model = withFetch(options.model, () => async () => new Response(JSON.stringify(body), { headers }));
    if (!model) throw error;
    return generateOnce({ ...options, model }).catch(() => {
      throw error;
    });
  }
}

/** One call of the AI SDK, whose text is a reply whether it fits the schema or not. */
async function generateOnce({ body, ...options }: GenerateOptions): Promise<CallResult<TextReply>> {
  const { outputField } = OutputLimits.of(options.model);
  const { model, providerOptions } = changeRequests(options.model, { body, outputField });
  const carried = providerOptions ? { ...options.providerOptions, ...providerOptions } : options.providerOptions;
  const asked = { ...options, model: patientModel(model), providerOptions: carried };
  try {
    return toReply(await generateText({ telemetry: { isEnabled: isObserved() }, ...asked }), model);
  } catch (error) {
    // The text is what was paid for: whether it can be repaired is for the caller to say.
    if (!NoObjectGeneratedError.isInstance(error) || error.text === undefined) throw error;
    return toReply(
      {
        text: error.text,
        finishReason: error.finishReason ?? "other",
        usage: error.usage,
        response: error.response as { headers?: Record<string, string> } | undefined,
      },
      model,
    );
  }
}

// Telemetry takes about a tenth of a call's time even where nobody listens, so it is switched off then.
const telemetryChannel = tracingChannel("ai:telemetry");

/** Whether anybody listens to the AI SDK's telemetry: registered with it, or on its channel. */
function isObserved(): boolean {
  const registered = globalThis.AI_SDK_TELEMETRY_INTEGRATIONS?.length ?? 0;
  return registered > 0 || telemetryChannel.hasSubscribers !== false;
}

/** A reply of the AI SDK, as far as it is read. */
interface SdkReply extends EndedReply {
  usage: LanguageModelUsage | undefined;
  response: { headers?: Record<string, string> | undefined } | undefined;
}

function toReply(result: SdkReply, model: ModelObject): CallResult<TextReply> {
  const usage = billedUsage(result.usage, { mayBeFree: runsHere(model) });
  const { outputTokens } = usage;
  const headers = result.response?.headers;
  const { finishReason, rawFinishReason, reasoningText, toolCalls } = result;
  const ended = { text: result.text, finishReason, rawFinishReason, reasoningText, toolCalls, outputTokens };
  return {
    value: { ...readEnd(ended), finishReason },
    usage,
    headers,
  };
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
  const model = viaFetch(options.model, async (url, init) => {
    captured = {
      url: String(url),
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: String(init?.body),
    };
    throw new Error("captured");
  });
  const asked = await withSchema(schema, { ...options, maxOutputTokens: fitted(options) });
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
  const model = viaFetch(original, async () => new Response(JSON.stringify(body), { status, headers }));
  return generateReply({ model, prompt: "-", maxRetries: 0 });
}

/** The same model with a stand-in for its endpoint. Throws `bad-option` for a model that does not reach one by HTTP as OpenAI's providers do. */
function viaFetch(model: ModelObject, fetch: typeof globalThis.fetch): ModelObject {
  const twin = withFetch(model, () => fetch);
  if (twin) return twin;
  const message = `${model.provider} ${model.modelId} cannot be asked through a batch API; take a model of @ai-sdk/openai or @ai-sdk/openai-compatible itself, or leave batch out`;
  throw badOption(message);
}
