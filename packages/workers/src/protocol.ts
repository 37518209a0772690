import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type {
  EmbeddingModelV4CallOptions,
  JSONValue,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
} from "@ai-sdk/provider";
import { type ErrorCode, hashOf, jsonValue, RagInstructError, type Vectors } from "@rag-instruct/core";
import { APICallError } from "ai";
import type { Redis } from "ioredis";

/** The version of this package: workers and coordinators of different versions refuse each other. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** Which model a worker is to call. Holds the name of a key's variable, never the key. */
export interface ModelReference {
  name: string;
  /** Roots of OpenAI-compatible APIs; a worker may put its own in their place. */
  baseUrls?: string[];
  keyVariable?: string;
}

/** Which embedding model a worker is to run. */
export interface EmbedderReference {
  /** Folder, preset or hub id, as `onnxEmbedder` takes it. */
  model: string;
  /** Run the int8 graph. @default false */
  quantized?: boolean;
  /** Further options of `onnxEmbedder`. */
  graph?: string;
  preset?: string;
  pooling?: string;
  normalize?: boolean;
  prompts?: { query: string; passage: string };
  maxTokens?: number;
  batchSize?: number;
  /** The id that the worker's embedder must have. @default any */
  id?: string;
}

/** A call to a language model, as it crosses Redis. */
export interface GenerateRequest {
  kind: "generate";
  model: ModelReference;
  options: Omit<LanguageModelV4CallOptions, "abortSignal" | "tools" | "toolChoice">;
  /** Milliseconds for the call itself, counted from when a worker begins. */
  timeout: number;
}

/** A call to an embedding model behind an address, as it crosses Redis. */
export interface EmbedCallRequest {
  kind: "embed-call";
  model: ModelReference;
  options: Pick<EmbeddingModelV4CallOptions, "values" | "providerOptions">;
  /** Milliseconds for the call itself, counted from when a worker begins. */
  timeout: number;
}

/** Texts to embed, as they cross Redis. */
export interface EmbedRequest {
  kind: "embed";
  embedder: EmbedderReference;
  as: "query" | "passage";
  texts: string[];
}

/** What crosses Redis to a worker. */
export type WorkRequest = GenerateRequest | EmbedCallRequest | EmbedRequest;

/** What a worker takes: `calls` to models behind addresses, or texts to `embed` itself. Each has its queue. */
export type Lane = "calls" | "embed";

/** All lanes. */
export const lanes: readonly Lane[] = ["calls", "embed"];

/** The queue that a request goes to. */
export function laneOf({ kind }: WorkRequest): Lane {
  return kind === "embed" ? "embed" : "calls";
}

/** What came of a call to a language model. */
export type GenerateReply = Pick<LanguageModelV4GenerateResult, "content" | "finishReason" | "usage" | "warnings"> & {
  /** The endpoint's headers that tell of its limits. */
  headers?: Record<string, string>;
};

/** Vectors as the bytes of a Float32Array, row-major, in base64. */
export interface PackedVectors {
  dimensions: number;
  base64: string;
}

/** What came of a call to an embedding model. */
export interface EmbedCallReply extends PackedVectors {
  /** As the endpoint counted them. */
  tokens?: number;
  /** The endpoint's headers that tell of its limits. */
  headers?: Record<string, string>;
}

/** Vectors and the id of the embedder that made them. */
export interface EmbedReply extends PackedVectors {
  id: string;
  /** Texts of which only the beginning was embedded, where the embedder can tell. */
  cut?: number;
}

/** The reply to each kind of request. */
export type ReplyTo<R extends WorkRequest> = R extends GenerateRequest
  ? GenerateReply
  : R extends EmbedCallRequest
    ? EmbedCallReply
    : EmbedReply;

/** What became of a request. */
export type WorkResult = { ok: true; value: ReplyTo<WorkRequest> } | { ok: false; failure: RemoteFailure };

/** What a job holds: who asks, and the request itself or, when it is long, where it lies. */
export interface Job {
  run: string;
  payload: Payload;
}

/** JSON in place, or the key of a value in Redis. */
export type Payload = { inline: JSONValue } | { stored: string };

/** Bytes of JSON that a job or a result carries itself; longer ones are stored beside it. */
export const maxInline = 32 * 1024;

/** Milliseconds after which a worker or coordinator that gives no sign is taken for dead. */
export const deadAfter = 15_000;
/** Milliseconds between signs of life. */
export const beat = 3_000;
/** Seconds that results nobody fetched and requests nobody read stay in Redis. */
export const keepFor = 3_600;

/** Name of the queue of one lane. It holds the version, so that no worker of another version sees a job. */
export function queueName(lane: Lane): string {
  return `${lane}-${version}`;
}

/** Id of a request: the same request of a coordinator that was started again finds the job of the first. */
export function jobId(run: string, request: WorkRequest): string {
  return `j${hashOf([run, request])}`;
}

/** Refuses addresses that hold a password: jobs are read by everybody who reads Redis. */
export function withoutSecrets(reference: ModelReference): ModelReference {
  for (const url of reference.baseUrls ?? []) {
    const { username, password, host } = new URL(url);
    if (username !== "" || password !== "") {
      throw new RagInstructError(
        "bad-option",
        `the address of the model at ${host} holds a password, which would lie in Redis; give the key by an environment variable of the workers`,
      );
    }
  }
  return reference;
}

/** Vectors as they cross Redis. */
export function packVectors({ data, dimensions }: Pick<Vectors, "data" | "dimensions">): PackedVectors {
  return { dimensions, base64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64") };
}

/** The numbers of packed vectors, row-major. */
export function unpackVectors({ base64 }: PackedVectors): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

// What paces and retries calls; other headers may hold cookies.
const limitHeader = /^(?:retry-after(?:-ms)?|x-ratelimit-.*|ratelimit-.*|anthropic-ratelimit-.*)$/;
const maxBody = 2000;

/** A failure that crossed Redis; status and words are the endpoint's, cleaned of keys. */
export interface RemoteFailure {
  message: string;
  /** Present when the worker itself refused, or could not do it. */
  code?: ErrorCode;
  /** Redis no longer held the request when the worker began. */
  lost?: true;
  /** Present when an endpoint answered, or could not be reached. */
  call?: { status?: number; headers: Record<string, string>; body?: string; retryable: boolean };
}

/** The headers that tell of an endpoint's limits. */
export function limitHeaders(
  headers: Readonly<Record<string, string | undefined>> | undefined,
): Record<string, string> {
  const entries = Object.entries(headers ?? {}).filter(
    ([name, value]) => value !== undefined && limitHeader.test(name),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

/** An error as it may cross Redis: without the request and its headers, and without the secrets given. */
export function packFailure(error: unknown, secrets: readonly string[] = []): RemoteFailure {
  const clean = (text: string) => secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, "[key]"), text);
  const message = clean(error instanceof Error ? error.message : String(error));
  if (RagInstructError.is(error)) return { message, code: error.code };
  if (!APICallError.isInstance(error)) return { message };
  return {
    message,
    call: {
      status: error.statusCode,
      headers: limitHeaders(error.responseHeaders),
      body: error.responseBody === undefined ? undefined : clean(error.responseBody).slice(0, maxBody),
      retryable: error.isRetryable,
    },
  };
}

/** The error that the worker met, so that retries, pauses and the breaker decide as if the call had been made here. */
export function unpackFailure({ message, code, call }: RemoteFailure): Error {
  if (code) return new RagInstructError(code, message);
  if (!call) return new Error(message);
  return new APICallError({
    message,
    url: "",
    requestBodyValues: {},
    responseHeaders: call.headers,
    isRetryable: call.retryable,
    statusCode: call.status,
    responseBody: call.body,
    data: jsonValue(call.body),
  });
}

/** The error of work that no worker brought to its end. */
export function unfinished(reason: string): RagInstructError {
  return new RagInstructError("call-failed", `no worker finished the work: ${reason}`);
}

/** Keeps long values beside the queue, so that jobs and events stay small. */
export interface Payloads {
  /** Keeps a value that survives JSON. */
  keep(value: unknown): Promise<Payload>;
  /** The value; undefined when Redis no longer holds it. */
  read(payload: Payload): Promise<unknown>;
  /** Frees what `keep` stored. */
  free(payload: Payload): Promise<void>;
}

/**
 * Values up to {@link maxInline} stay in the payload, longer ones get a key that expires.
 * @internal
 */
export function redisPayloads(redis: Redis, { namespace }: { namespace: string }): Payloads {
  return {
    async keep(value) {
      const json = JSON.stringify(value);
      if (json.length <= maxInline) return { inline: JSON.parse(json) as JSONValue };
      const stored = `${namespace}:payload:${randomUUID()}`;
      await redis.set(stored, json, "EX", keepFor);
      return { stored };
    },
    async read(payload) {
      if ("inline" in payload) return payload.inline;
      const json = await redis.get(payload.stored);
      return json === null ? undefined : JSON.parse(json);
    },
    async free(payload) {
      if ("stored" in payload) await redis.del(payload.stored);
    },
  };
}
