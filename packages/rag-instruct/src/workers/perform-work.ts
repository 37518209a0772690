import type { LanguageModelV4 } from "@ai-sdk/provider";
import { type Embedder, RagInstructError } from "@rag-instruct/core";
import type {
  EmbedderReference,
  EmbedReply,
  EmbedRequest,
  GenerateReply,
  GenerateRequest,
  ModelReference,
  WorkRequest,
} from "./protocol.ts";
import { limitHeaders } from "./remote-failure.ts";

/** Makes what does a worker's work: models and embedders are opened once, at the first job that names them. */
export function performWork({
  openModel,
  openEmbedder,
}: {
  openModel: (reference: ModelReference) => LanguageModelV4;
  openEmbedder: (reference: EmbedderReference) => Promise<Embedder>;
}): (request: WorkRequest) => Promise<GenerateReply | EmbedReply> {
  const modelOf = once(openModel);
  const embedderOf = once(openEmbedder);
  return (request) =>
    request.kind === "generate" ? generate(request, modelOf(request.model)) : embed(request, embedderOf);
}

async function generate({ options, timeout }: GenerateRequest, model: LanguageModelV4): Promise<GenerateReply> {
  const abortSignal = AbortSignal.timeout(timeout);
  const late = () => new Error(`no answer within ${timeout / 1000} s`);
  try {
    const { content, finishReason, usage, warnings, response } = await model.doGenerate({ ...options, abortSignal });
    const headers = limitHeaders(response?.headers);
    return { content, finishReason, usage, warnings, ...(Object.keys(headers).length > 0 ? { headers } : {}) };
  } catch (error) {
    throw abortSignal.aborted ? late() : error;
  }
}

async function embed(
  { embedder: reference, as, texts }: EmbedRequest,
  embedderOf: (reference: EmbedderReference) => Promise<Embedder>,
): Promise<EmbedReply> {
  const embedder = await embedderOf(reference);
  if (embedder.id !== reference.id) {
    throw new RagInstructError(
      "model-mismatch",
      `the run embeds with ${reference.id}, and this worker's model ${reference.model} is ${embedder.id}`,
    );
  }
  const { data, dimensions } = await embedder.embed(texts, { kind: as });
  return { dimensions, base64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64") };
}

function once<R, T>(open: (reference: R) => T): (reference: R) => T {
  const opened = new Map<string, T>();
  return (reference) => {
    const name = JSON.stringify(reference);
    const known = opened.get(name);
    if (known !== undefined) return known;
    const made = open(reference);
    opened.set(name, made);
    return made;
  };
}
