import { openAsBlob } from "node:fs";
import { APICallError } from "ai";
import { badOption } from "../../errors.ts";
import { readLines } from "../../node/open-text.ts";
import { isObject, jsonValue } from "../../types.ts";
import type { CapturedRequest } from "../ask.ts";
import { patientFetch } from "../model-http.ts";

/** How far a batch is, in OpenAI's words. */
export type BatchStatus =
  | "validating"
  | "failed"
  | "in_progress"
  | "finalizing"
  | "completed"
  | "expired"
  | "cancelling"
  | "cancelled";

/** A batch as the endpoint tells of it. */
export interface Batch {
  id: string;
  status: BatchStatus;
  created_at?: number;
  output_file_id?: string | null;
  error_file_id?: string | null;
  errors?: { data?: BatchError[] | null } | null;
  request_counts?: { total?: number; completed?: number; failed?: number } | null;
  metadata?: Record<string, string> | null;
}

/** What the endpoint found wrong with a batch as a whole, or with one line of its file. */
interface BatchError {
  code?: string | null;
  message?: string | null;
  /** Counts from 1. */
  line?: number | null;
}

/** The calls of OpenAI's batch API. What is not answered well throws the AI SDK's APICallError. */
export interface BatchApi {
  /** Address of the requests in a batch, such as /v1/chat/completions. */
  path: string;
  upload(file: string, options: { name: string; signal: AbortSignal }): Promise<string>;
  create(options: { fileId: string; name: string; window: string; signal: AbortSignal }): Promise<Batch>;
  /** A batch by the name in its metadata, among those created since; undefined where there is none. */
  find(name: string, options: { since: number; signal: AbortSignal }): Promise<Batch | undefined>;
  /** Undefined where the endpoint does not know it. */
  get(id: string, signal: AbortSignal): Promise<Batch | undefined>;
  cancel(id: string, signal: AbortSignal): Promise<void>;
  /** The lines of a file that are not blank; undefined for one that is no answer to anything. Throws where the endpoint has no such file. */
  answers(fileId: string, signal: AbortSignal): AsyncIterable<BatchAnswer | undefined>;
  removeFile(id: string, signal: AbortSignal): Promise<void>;
}

/** Name under which a batch's metadata holds ours. */
const nameField = "rag_instruct_batch";
const endpoints = /\/(?:chat\/completions|responses)$/;
// Clocks differ between here and there.
const clockSlack = 3600;

/** The batch API beside the address that a captured request goes to, asked with the same headers. Throws `bad-option` for another address. */
export function openBatchApi({ url, headers }: Pick<CapturedRequest, "url" | "headers">): BatchApi {
  const address = new URL(url);
  const [suffix] = address.pathname.match(endpoints) ?? [];
  if (suffix === undefined) {
    throw badOption(`${address.pathname} has no batch API beside it; it takes chat completions and responses`);
  }
  const root = `${address.origin}${address.pathname.slice(0, -suffix.length)}`;
  const { "content-type": _, "content-length": __, ...shared } = headers;

  async function send(path: string, init: RequestInit, known: readonly number[] = []): Promise<Response> {
    const to = new URL(`${root}${path}`);
    for (const [name, value] of address.searchParams) to.searchParams.set(name, value);
    const response = await patientFetch(to, { ...init, headers: { ...shared, ...init.headers } });
    if (response.ok || known.includes(response.status)) return response;
    throw await failed(response, `${root}${path}`);
  }
  async function sendJson<T>(path: string, init: RequestInit): Promise<T> {
    return (await readJson(await send(path, init), `${root}${path}`)) as T;
  }
  const post = (body: unknown, signal: AbortSignal): RequestInit => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  return {
    path: `/v1${suffix}`,
    async upload(file, { name, signal }) {
      const form = new FormData();
      form.set("purpose", "batch");
      form.set("file", await openAsBlob(file), `${name}.jsonl`);
      return idOf(await sendJson("/files", { method: "POST", body: form, signal }), "the uploaded file");
    },
    async create({ fileId, name, window, signal }) {
      const metadata = { [nameField]: name };
      const request = { input_file_id: fileId, endpoint: `/v1${suffix}`, completion_window: window, metadata };
      const batch = await sendJson<Batch>("/batches", post(request, signal));
      idOf(batch, "the batch");
      return batch;
    },
    async find(name, { since, signal }) {
      for (let after = ""; ; ) {
        const list = `/batches?limit=100${after && `&after=${encodeURIComponent(after)}`}`;
        const page = await sendJson<{ data?: Batch[]; has_more?: boolean }>(list, { signal });
        const found = page.data?.find(({ metadata }) => metadata?.[nameField] === name);
        const last = page.data?.at(-1);
        // The newest come first.
        if (found || !page.has_more || !last || (last.created_at ?? since) < since - clockSlack) return found;
        after = last.id;
      }
    },
    async get(id, signal) {
      const response = await send(`/batches/${encodeURIComponent(id)}`, { signal }, [404]);
      if (response.ok) return (await readJson(response, `${root}/batches/${id}`)) as Batch;
      await response.body?.cancel();
      return undefined;
    },
    async cancel(id, signal) {
      // 400 and 409: it has ended meanwhile.
      const response = await send(
        `/batches/${encodeURIComponent(id)}/cancel`,
        { method: "POST", signal },
        [400, 404, 409],
      );
      await response.body?.cancel();
    },
    async *answers(fileId, signal) {
      const response = await send(`/files/${encodeURIComponent(fileId)}/content`, { signal });
      yield* readAnswers(response);
    },
    async removeFile(id, signal) {
      await (await send(`/files/${encodeURIComponent(id)}`, { method: "DELETE", signal }, [404])).body?.cancel();
    },
  };
}

function idOf(answer: unknown, what: string): string {
  if (isObject(answer) && typeof answer.id === "string") return answer.id;
  throw new Error(`the endpoint gave no id for ${what}`);
}

async function readJson(response: Response, url: string): Promise<unknown> {
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    throw callError(response, { url, body, message: `no JSON: ${body.slice(0, 200)}` });
  }
}

async function failed(response: Response, url: string): Promise<APICallError> {
  const body = await response.text().catch(() => "");
  return callError(response, { url, body, message: response.statusText });
}

function callError(response: Response, { url, body, message }: { url: string; body: string; message: string }) {
  return new APICallError({
    message,
    url,
    requestBodyValues: {},
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody: body,
    data: jsonValue(body),
  });
}

/** What became of one request, as a batch's output and error files tell it. */
export interface BatchAnswer {
  custom_id: string;
  /** What the model's endpoint answered; null where it was never asked. */
  response?: { status_code: number; body: unknown } | null;
  /** Why it was never asked, such as `batch_expired`. */
  error?: { code?: string | null; message?: string | null } | null;
}

/** Reads a batch's file line by line as it comes, with a byte order mark or without. */
async function* readAnswers(response: Response): AsyncGenerator<BatchAnswer | undefined> {
  for await (const { text } of readLines(chunksOf(response))) {
    const json = text?.trim();
    if (json !== "") yield parse(json);
  }
}

async function* chunksOf({ body }: Response): AsyncGenerator<Buffer> {
  for await (const chunk of body ?? []) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function parse(text: string | undefined): BatchAnswer | undefined {
  const value = jsonValue(text);
  return isObject(value) && typeof value.custom_id === "string" ? (value as unknown as BatchAnswer) : undefined;
}
