import { APICallError } from "ai";
import type { RagInstructError } from "../../errors.ts";
import { judgeFailure } from "../failure.ts";
import type { Batch } from "./batch-api.ts";
import type { BatchRecord } from "./batch-records.ts";

/** What is to become of a line that a batch gave no answer for. */
export type Verdict =
  /** Sent in another batch; `counts` against its tries. */
  | { kind: "again"; why: string; counts: boolean; mayBePaid?: boolean }
  /** Never answered. */
  | { kind: "refused"; why: string }
  /** Nothing will be answered. */
  | { kind: "hopeless"; error: RagInstructError }
  /** The endpoint holds too many requests of ours: again, in smaller batches and later. */
  | { kind: "too-many"; why: string; counts: boolean; mayBePaid?: boolean };

/** Judges a line without an answer by how its batch ended. */
export function judgeUnanswered(batch: Batch, record: BatchRecord, key: string): Verdict {
  if (batch.status === "completed")
    return { kind: "again", why: `batch ${batch.id} holds no answer to it`, counts: true };
  if (batch.status === "expired") return { kind: "again", why: `batch ${batch.id} expired`, counts: true };
  if (batch.status === "cancelled") {
    if (record.cancelled) return { kind: "again", why: `batch ${batch.id} was cancelled`, counts: false };
    return { kind: "refused", why: `batch ${batch.id} was cancelled at the endpoint` };
  }
  const errors = batch.errors?.data ?? [];
  const number = record.lines.findIndex((line) => line.key === key) + 1;
  const own = errors.find(({ line }) => line === number);
  const { code, message } = own ?? errors.find(({ line }) => typeof line !== "number") ?? errors[0] ?? {};
  const why = `batch ${batch.id} failed: ${[code, message].filter(Boolean).join(": ") || "no reason given"}`;
  if (code === "token_limit_exceeded" || /enqueued token limit/i.test(message ?? "")) {
    // A request that is alone and still too much gets no better by waiting for ever.
    return { kind: "too-many", why, counts: record.lines.length === 1 };
  }
  const failure = judgeFailure(asAnswer(why));
  if (failure.kind === "hopeless") return { kind: "hopeless", error: failure.error as RagInstructError };
  // Where single lines are to blame, the others may go better without them.
  const isBlameless = !own && errors.some(({ line }) => typeof line === "number");
  return isBlameless ? { kind: "again", why, counts: true } : { kind: "refused", why };
}

/** The endpoint's words on a whole batch, judged as if they were the answer to a call. */
function asAnswer(message: string): APICallError {
  return new APICallError({ message, url: "", requestBodyValues: {}, statusCode: 400 });
}
