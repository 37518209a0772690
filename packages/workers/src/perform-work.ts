import type { EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import { type Embedder, RagInstructError } from "@rag-instruct/core";
import { generateChanged } from "./balanced-model.ts";
import {
  type EmbedCallReply,
  type EmbedCallRequest,
  type EmbedderReference,
  type EmbedReply,
  type EmbedRequest,
  type GenerateReply,
  type GenerateRequest,
  limitHeaders,
  type ModelReference,
  packVectors,
  type ReplyTo,
  type WorkRequest,
} from "./protocol.ts";

/** What a worker opens; here keys come in. */
export interface Openers {
  /** Makes the model that a reference names. */
  openModel: (reference: ModelReference) => LanguageModelV4;
  /** Makes the embedding model behind an address that a reference names. @default none: such calls are refused */
  openEmbeddingModel?: (reference: ModelReference) => EmbeddingModelV4;
  /** Makes the embedder that a reference names. */
  openEmbedder: (reference: EmbedderReference) => Promise<Embedder>;
}

/** Makes what does a worker's work: models and embedders are opened once, at the first job that names them. */
export function performWork(openers: Openers): (request: WorkRequest) => Promise<ReplyTo<WorkRequest>> {
  const modelOf = once(openers.openModel);
  const embeddingModelOf = once(openers.openEmbeddingModel ?? refuseEmbedding);
  const embedderOf = once(openers.openEmbedder);
  return async (request) => {
    if (request.kind === "generate") return generate(request, modelOf(request.model));
    if (request.kind === "embed-call") return embedCall(request, embeddingModelOf(request.model));
    return embed(request, embedderOf);
  };
}

async function generate({ options, timeout }: GenerateRequest, model: LanguageModelV4): Promise<GenerateReply> {
  const { content, finishReason, usage, warnings, response } = await withinTime(timeout, (abortSignal) =>
    generateChanged(model, { ...options, abortSignal }),
  );
  return { content, finishReason, usage, warnings, headers: headersOf(response) };
}

async function embedCall({ options, timeout }: EmbedCallRequest, model: EmbeddingModelV4): Promise<EmbedCallReply> {
  const { embeddings, usage, response } = await withinTime(timeout, (abortSignal) =>
    model.doEmbed({ ...options, abortSignal }),
  );
  const dimensions = embeddings[0]?.length ?? 0;
  if (embeddings.some(({ length }) => length !== dimensions)) {
    throw new RagInstructError("reply-unusable", "the endpoint gave vectors of different dimensions");
  }
  const packed = packVectors({ data: Float32Array.from(embeddings.flat()), dimensions });
  return { ...packed, tokens: usage ? usage.tokens : undefined, headers: headersOf(response) };
}

function refuseEmbedding(): never {
  throw new RagInstructError("bad-option", "this worker calls no embedding models");
}

async function withinTime<T>(timeout: number, call: (signal: AbortSignal) => PromiseLike<T>): Promise<T> {
  const signal = AbortSignal.timeout(timeout);
  try {
    return await call(signal);
  } catch (error) {
    throw signal.aborted ? new Error(`no answer within ${timeout / 1000} s`) : error;
  }
}

function headersOf(
  response: { headers?: Readonly<Record<string, string | undefined>> } | undefined,
): Record<string, string> | undefined {
  const headers = limitHeaders(response?.headers);
  return Object.keys(headers).length > 0 ? headers : undefined;
}

async function embed(
  { embedder: reference, as, texts }: EmbedRequest,
  embedderOf: (reference: EmbedderReference) => Promise<Embedder>,
): Promise<EmbedReply> {
  const { id: wanted, ...model } = reference;
  const embedder = await embedderOf(model);
  if (wanted !== undefined && embedder.id !== wanted) {
    throw new RagInstructError(
      "model-mismatch",
      `the run embeds with ${wanted}, and this worker's model ${reference.model} is ${embedder.id}`,
    );
  }
  const { id, dimensions } = embedder;
  if (texts.length === 0) return { id, ...packVectors({ data: new Float32Array(0), dimensions }) };
  const vectors = await embedder.embed(texts, { kind: as });
  return { id, ...packVectors(vectors), cut: vectors.cut };
}

/** Opens what each reference names once; what could not be opened is tried again. */
function once<R, T>(open: (reference: R) => T): (reference: R) => T {
  const opened = new Map<string, T>();
  return (reference) => {
    const name = JSON.stringify(reference);
    const known = opened.get(name);
    if (known !== undefined) return known;
    const made = open(reference);
    opened.set(name, made);
    if (made instanceof Promise) made.catch(() => opened.delete(name));
    return made;
  };
}
