import { RagInstructError } from "../../errors.ts";
import { isObject } from "../../is-object.ts";
import { readLines } from "../../node/lines.ts";

/** What became of one request, as a batch's output and error files tell it. */
export interface BatchAnswer {
  custom_id: string;
  /** What the model's endpoint answered; null where it was never asked. */
  response?: { status_code: number; body: unknown } | null;
  /** Why it was never asked, such as `batch_expired`. */
  error?: { code?: string | null; message?: string | null } | null;
}

/** Reads a batch's file line by line as it comes. Throws where a line is no answer, because nobody knows whose it was. */
export async function* readAnswers(response: Response, fileId: string): AsyncGenerator<BatchAnswer> {
  for await (const { text, line } of readLines(chunksOf(response))) {
    if (text?.trim() !== "") yield parse(text, `line ${line} of file ${fileId}`);
  }
}

async function* chunksOf({ body }: Response): AsyncGenerator<Buffer> {
  for await (const chunk of body ?? []) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function parse(text: string | undefined, place: string): BatchAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {}
  if (isObject(value) && typeof value.custom_id === "string") return value as unknown as BatchAnswer;
  throw new RagInstructError("bad-record", `${place} is no answer to a request of the batch`);
}
