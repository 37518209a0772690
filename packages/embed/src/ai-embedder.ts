import { type Embedder, mapOrdered, RagInstructError, tokensAtMost, type Vectors } from "@rag-instruct/core";
import type { Calls } from "@rag-instruct/core/calls";
import { importPeer } from "@rag-instruct/core/node";
import type { APICallError, EmbeddingModel } from "ai";
import type { Prompts } from "./model/model-config.ts";
import { checkCounts } from "./model/settings.ts";

type EmbedMany = typeof import("ai")["embedMany"];

/** Options of {@link aiEmbedder}. */
export interface AiEmbedderOptions {
  /** An embedding model object of the AI SDK. */
  model: Exclude<EmbeddingModel, string>;
  /** Dimensions of its vectors, checked in every reply. */
  dimensions: number;
  /** Texts in one call, or fewer where the model takes fewer: an endpoint that refuses so many is asked in parts. @default 64 */
  batchSize?: number;
  /** Calls at the same time. @default 4 */
  concurrency?: number;
  /** Texts put before queries and passages. @default nothing */
  prompts?: Prompts;
  /** Passed to the provider with each call. */
  providerOptions?: NonNullable<Parameters<EmbedMany>[0]["providerOptions"]>;
  /**
   * The run's paid calls: their ledger keeps the vectors, their rate and retries are shared with all other calls.
   * @default none: each call is made once, and retries are left to the caller
   */
  calls?: Calls;
}

/**
 * An embedder over any embedding model of the AI SDK (optional peer `ai`): OpenAI, or TEI, vLLM, Ollama by URL. Throws
 * `bad-option`, and `reply-unusable` with the texts when a reply has another number of vectors, other dimensions, a value that is not a
 * number or an unclear order, or when a call fails; with `calls`, failed calls throw as `perform` of `@rag-instruct/core/calls` says.
 */
export function aiEmbedder(options: AiEmbedderOptions): Embedder {
  const { model, dimensions, batchSize = 64, concurrency = 4, prompts = { query: "", passage: "" } } = options;
  checkCounts({ dimensions, batchSize, concurrency });
  const limit: CallLimit = { texts: Number.POSITIVE_INFINITY };
  const prompted = prompts.query || prompts.passage ? ` ${JSON.stringify(prompts)}` : "";
  /** The texts of each call, from their place among all. */
  async function batchesOf(texts: readonly string[], kind: "query" | "passage") {
    const size = Math.min(batchSize, (await model.maxEmbeddingsPerCall) ?? batchSize);
    return Array.from({ length: Math.ceil(texts.length / size) }, (_, i) => {
      const from = i * size;
      return { from, values: texts.slice(from, from + size).map((text) => prompts[kind] + text) };
    });
  }
  return {
    id: `ai ${model.provider}/${model.modelId} ${dimensions}${prompted}`,
    dimensions,
    async embed(texts, { kind, signal }): Promise<Vectors> {
      const { embedMany } = await importPeer("ai", () => import("ai"));
      // It asks models through the same peer.
      const { patientModel } = await import("@rag-instruct/core/calls");
      const asked = { ...options, model: patientModel(model) };
      const vectors: Vectors = { data: new Float32Array(texts.length * dimensions), count: texts.length, dimensions };
      const replies = mapOrdered(
        await batchesOf(texts, kind),
        async ({ from, values }, inner) => ({
          from,
          data: await embedBatch({ ...asked, values, from, signal: inner.signal, embedMany, limit }),
        }),
        { concurrency, signal },
      );
      for await (const { from, data } of replies) vectors.data.set(data, from * dimensions);
      return vectors;
    },
    async reuse(texts, { kind }) {
      for (const { values } of await batchesOf(texts, kind)) options.calls?.reuse(callOf({ ...options, values }));
    },
  };
}

/** By what the ledger knows a call, and what it is for. */
function callOf({
  model,
  dimensions,
  providerOptions = {},
  values,
}: Pick<BatchRequest, "model" | "dimensions" | "providerOptions" | "values">) {
  return { key: ["embed", model.provider, model.modelId, dimensions, providerOptions, values], purpose: "embed" };
}

interface BatchRequest extends AiEmbedderOptions {
  values: string[];
  /** Place of the first text among all. */
  from: number;
  signal: AbortSignal;
  embedMany: EmbedMany;
  limit: CallLimit;
}

/** What an endpoint takes at once, as its refusals have told. */
interface CallLimit {
  texts: number;
}

async function embedBatch(request: BatchRequest): Promise<Float32Array> {
  const { calls, model, values, from, signal } = request;
  if (!calls) {
    const { vectors } = await callInParts(request, signal).catch((cause: Error) => {
      if (signal.aborted || RagInstructError.is(cause)) throw cause;
      throw unusable(cause.message, { from, count: values.length }, cause);
    });
    return vectors;
  }
  const { isOnLoopback } = await import("@rag-instruct/core/calls");
  const packed = await calls.perform<string>({
    ...callOf(request),
    model: model.modelId,
    isLocal: isOnLoopback(model),
    worst: { inputTokens: tokensAtMost(...values), outputTokens: 0 },
    signal,
    async execute(abortSignal) {
      const { vectors, tokens } = await callInParts(request, abortSignal);
      return {
        value: Buffer.from(vectors.buffer).toString("base64"),
        usage: tokens ? { inputTokens: tokens, outputTokens: 0 } : {},
      };
    },
  });
  return new Float32Array(new Uint8Array(Buffer.from(packed, "base64")).buffer);
}

/** What came of some texts. */
interface EmbeddedTexts {
  vectors: Float32Array;
  tokens: number | undefined;
}

/**
 * Asks for all texts of a batch in one call, or in as many as the endpoint makes necessary. A batch stays one entry of the ledger either
 * way, so that a later run finds it whatever was learned of the endpoint in between.
 */
async function callInParts(request: BatchRequest, abortSignal: AbortSignal): Promise<EmbeddedTexts> {
  const { values, from, dimensions, limit } = request;
  const all: EmbeddedTexts = { vectors: new Float32Array(values.length * dimensions), tokens: 0 };
  for (let done = 0; done < values.length; ) {
    const part = values.slice(done, done + limit.texts);
    try {
      const { vectors, tokens } = await callOnce({ ...request, values: part, from: from + done }, abortSignal);
      all.vectors.set(vectors, done * dimensions);
      all.tokens = tokens === undefined || all.tokens === undefined ? undefined : all.tokens + tokens;
      done += part.length;
    } catch (error) {
      if (!refusesSize(error)) throw error;
      if (part.length === 1) throw tooLong(part[0]!, { from: from + done, error: error as Error });
      limit.texts = Math.min(limit.texts, Math.ceil(part.length / 2));
    }
  }
  return all;
}

// TEI answers 413 or, from other versions, 422 with "batch size 64 > maximum allowed batch size 32"; OpenAI 400 with "array too long".
// Words that mean something else cost a few calls more and end in the same error.
const sizeWords = /batch|too (?:many|long|large)|array|\bmax|at most|exceed|limit/i;

/** Whether an endpoint refuses a call for how much is in it. */
function refusesSize(error: unknown): boolean {
  const { statusCode, responseBody, message } = error as Partial<APICallError> & Error;
  if (statusCode === 413) return true;
  return (statusCode === 400 || statusCode === 422) && sizeWords.test(responseBody ?? message);
}

function tooLong(text: string, { from, error }: { from: number; error: Error }): RagInstructError {
  const what = `the endpoint refuses this text of ${text.length} characters (${error.message})`;
  return unusable(`${what}; make passages of fewer words, or let the server cut texts`, { from, count: 1 }, error);
}

/** Makes one call and checks the reply. */
async function callOnce(
  { model, values, from, dimensions, providerOptions, embedMany }: BatchRequest,
  abortSignal: AbortSignal,
): Promise<EmbeddedTexts> {
  const { embeddings, usage, responses } = await embedMany({
    model,
    values,
    abortSignal,
    maxParallelCalls: 1,
    maxRetries: 0,
    providerOptions,
  });
  checkReply(embeddings, { from, count: values.length, dimensions });
  const order = replyOrder(responses?.[0]?.body, values.length);
  if (!order)
    throw unusable("the index fields of the reply are not one place for each vector", { from, count: values.length });
  const vectors = new Float32Array(values.length * dimensions);
  for (const [i, embedding] of embeddings.entries()) vectors.set(embedding, order[i]! * dimensions);
  return { vectors, tokens: Number.isFinite(usage.tokens) ? usage.tokens : undefined };
}

interface Texts {
  from: number;
  count: number;
}

function checkReply(embeddings: readonly number[][], texts: Texts & { dimensions: number }): void {
  if (embeddings.length !== texts.count) throw unusable(`${embeddings.length} vectors came back`, texts);
  for (const embedding of embeddings) {
    if (embedding.length !== texts.dimensions) {
      throw unusable(`vectors of ${embedding.length} dimensions came back, not ${texts.dimensions}`, texts);
    }
    if (!embedding.every(Number.isFinite)) throw unusable("a value that is not a number came back", texts);
  }
}

function unusable(what: string, { from, count }: Texts, cause?: unknown): RagInstructError {
  return new RagInstructError("reply-unusable", `embedding texts ${from + 1} to ${from + count}: ${what}`, { cause });
}

/**
 * The place in the input of each vector of a reply: what the reply's own `index` fields say, as OpenAI's form has them, else the
 * order they come in. `undefined` where those fields name a place twice or none of the places.
 */
function replyOrder(body: unknown, count: number): number[] | undefined {
  const data = (body as { data?: unknown } | undefined)?.data;
  const items: { index?: unknown }[] = Array.isArray(data) ? data : [];
  const places = items.map((item) => item?.index);
  const asTheyCome = Array.from({ length: count }, (_, place) => place);
  if (items.length !== count || places.some((place) => place === undefined || place === null)) return asTheyCome;
  const isWhole = new Set(places).size === count && places.every((place) => asTheyCome.includes(place as number));
  return isWhole ? (places as number[]) : undefined;
}
