import { seededRandom } from "../random.ts";
import { type Answer, type ChatRequest, problem } from "./chat-answers.ts";
import type { ResponsesRequest } from "./responses-answers.ts";

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
}

/** One request of a batch's file. */
export interface BatchRequestLine {
  custom_id: string;
  method: string;
  url: string;
  body: ChatRequest | ResponsesRequest;
}

/** A batch as the server keeps it. */
export interface PlayedBatch {
  id: string;
  number: number;
  created_at: number;
  endpoint: string;
  completion_window: string;
  input_file_id: string;
  metadata: Record<string, string> | null;
  looks: number;
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
export function faultsOfFile(
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
export async function playBatch(
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
