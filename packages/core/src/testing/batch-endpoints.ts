import { seededRandom } from "../random.ts";
import { type Answer, type ChatRequest, problem, type ResponsesRequest } from "./model-answers.ts";

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
interface BatchEndpointsOptions {
  play: BatchPlay;
  seed: number;
  models: readonly string[] | undefined;
  /** Answers one request of a batch to this address, and counts it. */
  answer(body: BatchRequestLine["body"], url: string): Promise<Answer>;
}

/** Files and batches as OpenAI has them. */
interface BatchEndpoints {
  readonly files: number;
  readonly batches: number;
  /** Undefined where the address is none of the batch API. */
  handle(request: ApiRequest): Promise<Answer | undefined>;
}

interface StoredFile {
  name: string;
  content: string;
  /** Times that it is not known yet. */
  unknown: number;
}

/** Plays `/files` and `/batches` in memory; a batch comes one step further at every look at it. */
export function batchEndpoints({ play, seed, models, answer }: BatchEndpointsOptions): BatchEndpoints {
  const files = new Map<string, StoredFile>();
  const batches: PlayedBatch[] = [];
  let made = 0;
  const { looks = 4, ends = ["completed"], bytes = 200_000_000, requests = 50_000, unknown = 0 } = play;
  const { reshape = (content) => content } = play;

  function store(name: string, content: string, unknown = 0): string {
    const id = `file-${++made}`;
    files.set(id, { name, content, unknown });
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
      unknown,
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
    if (output.length > 0) batch.output_file_id = store("output.jsonl", reshape(`${output.join("\n")}\n`), unknown);
    if (errors.length > 0) batch.error_file_id = store("errors.jsonl", reshape(`${errors.join("\n")}\n`), unknown);
  }
  function describe(batch: PlayedBatch) {
    const {
      number: _,
      looks: __,
      unknown: _____,
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
    if (!batch || (method === "GET" && batch.unknown-- > 0)) return problem(404, "not_found", `no such batch: ${path}`);
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
      if (!file || (content && file.unknown-- > 0)) return problem(404, "not_found", `no such file: ${fileId}`);
      if (method === "DELETE") files.delete(fileId);
      return content
        ? { status: 200, body: undefined, text: file.content }
        : { status: 200, body: { id: fileId, object: "file" } };
    },
  };
}

/** How a batch ends. `too-many` fails it because too many tokens are enqueued already. */
export type BatchEnd = "completed" | "expired" | "failed" | "cancelled" | "too-many";

/** How a server plays the batch API. */
export interface BatchPlay {
  /** Looks at a batch until it has ended. @default 4: validating, in_progress, finalizing, completed */
  looks?: number;
  /** How batches end, in the order in which they are made; the last entry holds for all further ones. @default ["completed"] */
  ends?: readonly BatchEnd[];
  /** Share of requests that a batch answers with a 500, in its error file. @default 0 */
  lineErrors?: number;
  /** Share of requests that neither file of a batch speaks of. @default 0 */
  missing?: number;
  /** Most requests in a file. @default 50000 */
  requests?: number;
  /** Most bytes of a file. @default 200000000 */
  bytes?: number;
  /** Looks at a new batch, and downloads of a new file of answers, that are answered 404, as from a part that has not heard of it. @default 0 */
  unknown?: number;
  /** Changes the content of a file of answers. @default nothing */
  reshape?: (content: string) => string;
}

/** One request of a batch's file. */
interface BatchRequestLine {
  custom_id: string;
  method: string;
  url: string;
  body: ChatRequest | ResponsesRequest;
}

/** A batch as the server keeps it. */
interface PlayedBatch {
  id: string;
  number: number;
  created_at: number;
  endpoint: string;
  completion_window: string;
  input_file_id: string;
  metadata: Record<string, string> | null;
  looks: number;
  /** Looks that do not find it yet. */
  unknown: number;
  end: BatchEnd;
  isCancelling: boolean;
  isEnded: boolean;
  errors: { code: string; message: string; line: number | null }[];
  total: number;
  completed: number;
  failed: number;
  output_file_id?: string;
  error_file_id?: string;
}

/** What is wrong with a batch's file as a whole or in one of its lines, in OpenAI's words. */
function faultsOfFile(
  content: string,
  {
    endpoint,
    models,
    requests = 50_000,
  }: { endpoint: string; models?: readonly string[] | undefined; requests?: number },
): PlayedBatch["errors"] {
  const lines = content.split("\n").filter((line) => line !== "");
  if (lines.length === 0) return [{ code: "empty_file", message: "The input file is empty.", line: null }];
  if (lines.length > requests) {
    return [{ code: "too_many_requests", message: `The file holds more than ${requests} requests.`, line: null }];
  }
  const ids = new Set<string>();
  const used = new Set<string>();
  return lines.flatMap((text, i) => {
    const line = tryParse(text);
    if (!line?.custom_id || !line.body)
      return [{ code: "invalid_json_line", message: "This line is no request.", line: i + 1 }];
    used.add(line.body.model);
    if (ids.has(line.custom_id))
      return [{ code: "duplicate_custom_id", message: "The custom_id stands twice.", line: i + 1 }];
    ids.add(line.custom_id);
    if (line.method !== "POST" || line.url !== endpoint)
      return [{ code: "invalid_url", message: `The url is not ${endpoint}.`, line: i + 1 }];
    if (used.size > 1)
      return [{ code: "mismatched_model", message: "The file asks more than one model.", line: i + 1 }];
    if (models && !models.includes(line.body.model)) {
      return [{ code: "model_not_found", message: `The model ${line.body.model} does not exist.`, line: i + 1 }];
    }
    return [];
  });
}

/** The requests of a file that has no faults. */
export function linesOf(content: string): BatchRequestLine[] {
  return content
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as BatchRequestLine);
}

/** Carries a batch out: the lines of its output and error files. Those that were not reached are in the error file when it expired. */
async function playBatch(
  { number, end, isCancelling }: Pick<PlayedBatch, "number" | "end" | "isCancelling">,
  lines: readonly BatchRequestLine[],
  {
    play: { lineErrors = 0, missing = 0 },
    seed,
    answer,
  }: { play: BatchPlay; seed: number; answer: (body: BatchRequestLine["body"], url: string) => Promise<Answer> },
): Promise<{ output: string[]; errors: string[] }> {
  const output: string[] = [];
  const errors: string[] = [];
  const whole = end === "completed" && !isCancelling;
  const reached = whole ? lines.length : Math.ceil(lines.length / 2);
  for (const [i, { custom_id, url, body }] of lines.entries()) {
    const random = seededRandom(seed, "batch", number, custom_id);
    const line = (rest: object) => JSON.stringify({ id: `batch_req_${number}_${i}`, custom_id, ...rest });
    const answered = ({ status, body }: Answer) =>
      line({ response: { status_code: status, request_id: `req_${number}_${i}`, body }, error: null });
    if (i >= reached) {
      const error = {
        code: "batch_expired",
        message: "This request could not be executed before the completion window expired.",
      };
      if (end === "expired") errors.push(line({ response: null, error }));
    } else if (random.next() < lineErrors) {
      errors.push(answered(problem(500, "server_error", "the server had an error")));
    } else if (random.next() >= missing) {
      const result = await answer(body, url);
      (result.status < 400 ? output : errors).push(answered(result));
    }
  }
  // No order is promised.
  return { output: seededRandom(seed, "order", number).shuffle(output), errors };
}

function tryParse(text: string): BatchRequestLine | undefined {
  try {
    return JSON.parse(text) as BatchRequestLine;
  } catch {
    return undefined;
  }
}
