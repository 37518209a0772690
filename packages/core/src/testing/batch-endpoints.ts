import {
  type BatchEnd,
  type BatchPlay,
  type BatchRequestLine,
  faultsOfFile,
  linesOf,
  type PlayedBatch,
  playBatch,
} from "./batch-play.ts";
import { type Answer, problem } from "./chat-answers.ts";

/** A request to the batch API. */
export interface ApiRequest {
  method: string;
  /** Below the base URL, without a query. */
  path: string;
  query: URLSearchParams;
  contentType: string;
  body: string;
}

/** Options of {@link batchEndpoints}. */
export interface BatchEndpointsOptions {
  play: BatchPlay;
  seed: number;
  models: readonly string[] | undefined;
  /** Answers one request of a batch to this address, and counts it. */
  answer(body: BatchRequestLine["body"], url: string): Promise<Answer>;
}

/** Files and batches as OpenAI has them. */
export interface BatchEndpoints {
  readonly files: number;
  readonly batches: number;
  /** Undefined where the address is none of the batch API. */
  handle(request: ApiRequest): Promise<Answer | undefined>;
}

interface StoredFile {
  name: string;
  content: string;
}

/** Plays `/files` and `/batches` in memory; a batch comes one step further at every look at it. */
export function batchEndpoints({ play, seed, models, answer }: BatchEndpointsOptions): BatchEndpoints {
  const files = new Map<string, StoredFile>();
  const batches: PlayedBatch[] = [];
  let made = 0;
  const { looks = 4, ends = ["completed"], bytes = 200_000_000, requests = 50_000 } = play;

  function store(name: string, content: string): string {
    const id = `file-${++made}`;
    files.set(id, { name, content });
    return id;
  }
  function create(body: string): Answer {
    const { input_file_id, endpoint, completion_window, metadata = null } = JSON.parse(body);
    const file = files.get(input_file_id);
    if (!file) return problem(400, "invalid_request_error", `no such file: ${input_file_id}`);
    const number = batches.length + 1;
    const end: BatchEnd = ends[Math.min(number, ends.length) - 1]!;
    const errors = faultsOfFile(file.content, { endpoint, models, requests });
    if (end === "too-many")
      errors.push({ code: "token_limit_exceeded", message: "Enqueued token limit reached.", line: null });
    if (end === "failed") errors.push({ code: "invalid_request", message: "This line was not liked.", line: 1 });
    const batch: PlayedBatch = {
      id: `batch_${number}`,
      number,
      created_at: Math.floor(Date.now() / 1000),
      endpoint,
      completion_window,
      input_file_id,
      metadata,
      looks: 0,
      end,
      isCancelling: false,
      isEnded: false,
      errors,
      total: errors.length > 0 ? 0 : linesOf(file.content).length,
      completed: 0,
      failed: 0,
    };
    batches.push(batch);
    return { status: 200, body: describe(batch) };
  }
  function statusOf(batch: PlayedBatch): string {
    if (batch.isEnded) return batch.errors.length > 0 ? "failed" : batch.isCancelling ? "cancelled" : batch.end;
    if (batch.isCancelling) return "cancelling";
    if (batch.looks <= 1) return "validating";
    return batch.looks >= looks - 1 ? "finalizing" : "in_progress";
  }
  async function look(batch: PlayedBatch): Promise<Answer> {
    batch.looks++;
    if (!batch.isEnded && (batch.looks >= looks || (batch.isCancelling && batch.looks > 1) || batch.errors.length > 0))
      await finish(batch);
    return { status: 200, body: describe(batch) };
  }
  async function finish(batch: PlayedBatch): Promise<void> {
    batch.isEnded = true;
    if (batch.errors.length > 0) return;
    const { output, errors } = await playBatch(batch, linesOf(files.get(batch.input_file_id)!.content), {
      play,
      seed,
      answer,
    });
    Object.assign(batch, { completed: output.length, failed: errors.length });
    if (output.length > 0) batch.output_file_id = store("output.jsonl", `${output.join("\n")}\n`);
    if (errors.length > 0) batch.error_file_id = store("errors.jsonl", `${errors.join("\n")}\n`);
  }
  function describe(batch: PlayedBatch) {
    const {
      number: _,
      looks: __,
      end: ___,
      isCancelling: ____,
      isEnded,
      total,
      completed,
      failed,
      errors,
      ...shown
    } = batch;
    return {
      object: "batch",
      ...shown,
      status: statusOf(batch),
      errors: isEnded && errors.length > 0 ? { object: "list", data: errors } : null,
      request_counts: { total, completed, failed },
    };
  }
  function list(query: URLSearchParams): Answer {
    const newestFirst = batches.toReversed();
    const after = query.get("after");
    const from = after === null ? 0 : newestFirst.findIndex(({ id }) => id === after) + 1;
    const page = newestFirst.slice(from, from + Number(query.get("limit") ?? 20));
    return {
      status: 200,
      body: { object: "list", data: page.map(describe), has_more: from + page.length < newestFirst.length },
    };
  }
  async function upload({ body, contentType }: ApiRequest): Promise<Answer> {
    const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
    const file = form.get("file");
    if (form.get("purpose") !== "batch" || !(file instanceof File)) {
      return problem(400, "invalid_request_error", "a file and the purpose batch are needed");
    }
    if (file.size > bytes) return problem(413, "file_too_large", `the file has more than ${bytes} bytes`);
    const id = store(file.name, await file.text());
    return { status: 200, body: { id, object: "file", bytes: file.size, filename: file.name, purpose: "batch" } };
  }
  async function one(batch: PlayedBatch | undefined, { method, path }: ApiRequest): Promise<Answer> {
    if (!batch) return problem(404, "not_found", `no such batch: ${path}`);
    if (method === "GET") return look(batch);
    if (batch.isEnded) return problem(409, "conflict", "the batch has ended");
    batch.isCancelling = true;
    return { status: 200, body: describe(batch) };
  }
  return {
    get files() {
      return files.size;
    },
    get batches() {
      return batches.length;
    },
    async handle(request) {
      const { method, path, query, body } = request;
      if (method === "POST" && path === "/files") return upload(request);
      if (method === "POST" && path === "/batches") return create(body);
      if (method === "GET" && path === "/batches") return list(query);
      const [, batchId] = path.match(/^\/batches\/([^/]+)(?:\/cancel)?$/) ?? [];
      if (batchId !== undefined)
        return one(
          batches.find(({ id }) => id === batchId),
          request,
        );
      const [, fileId, content] = path.match(/^\/files\/([^/]+)(\/content)?$/) ?? [];
      if (fileId === undefined) return undefined;
      const file = files.get(fileId);
      if (!file) return problem(404, "not_found", `no such file: ${fileId}`);
      if (method === "DELETE") files.delete(fileId);
      return content
        ? { status: 200, body: undefined, text: file.content }
        : { status: 200, body: { id: fileId, object: "file" } };
    },
  };
}
