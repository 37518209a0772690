import { APICallError } from "ai";
import { RagInstructError } from "../../errors.ts";
import { readAnswer, type TextReply } from "../ask.ts";
import { batchCeiling, OutputLimits, SchemaTrials } from "../endpoint-limits.ts";
import { judgeFailure } from "../failure.ts";
import type { ModelObject } from "../model-http.ts";
import type { CallResult } from "../paid-call.ts";
import type { Batch, BatchAnswer } from "./batch-api.ts";
import type { BatchLine, BatchTools } from "./batch-queue.ts";
import type { BatchRecord } from "./batch-records.ts";

/** What becomes of the lines of one batch. */
interface BatchResults {
  /** Takes an answer in. */
  take(line: BatchLine, answer: NonNullable<BatchAnswer["response"]>): Promise<void>;
  /** Does with a line what a verdict says. */
  settle(line: BatchLine, verdict: Verdict): void;
  /** Whether the endpoint took no more requests. */
  readonly wereTooMany: boolean;
  /** Throws `breaker-open` where the answers say that no other batch will go better. */
  check(): void;
}

/** Settles the lines of one batch: replies go to the ledger, other lines back to the queue or to whoever waits. */
export function openBatchResults(
  { model, secrets }: { model: ModelObject; secrets: () => Promise<readonly string[]> },
  {
    land,
    noteRefusal,
    lines,
    breakAfter,
    sendAgain,
  }: Pick<BatchTools, "land" | "noteRefusal" | "lines" | "breakAfter"> & {
    sendAgain(line: BatchLine, verdict: AgainVerdict): void;
  },
): BatchResults {
  let answered = 0;
  let refused = 0;
  let lastRefusal = "";
  let hopeless: RagInstructError | undefined;
  let wereTooMany = false;

  function refuse(line: BatchLine, error: RagInstructError): void {
    refused++;
    lastRefusal = error.message;
    forget(line, lines);
    line.waiter?.reject(error);
  }
  function settle(line: BatchLine, verdict: Verdict): void {
    if (verdict.kind === "too-many") wereTooMany = true;
    if (verdict.kind === "hopeless") {
      hopeless ??= verdict.error;
      refuse(line, hopeless);
    } else if (verdict.kind === "refused")
      refuse(line, new RagInstructError(verdict.refuses ? "prompt-refused" : "call-failed", verdict.why));
    else sendAgain(line, verdict);
  }
  return {
    settle,
    async take(line, answer) {
      const judged = await judgeAnswer(answer, { model, secrets: await secrets() });
      if (judged.kind === "refused" && judged.refuses) {
        await noteRefusal(line, model.modelId, { reason: judged.why, isCertain: judged.refuses === "prompt" });
      }
      if (judged.kind !== "reply") return settle(line, judged);
      await land(line, model.modelId, judged.result);
      answered++;
      lines.delete(line.key);
      line.waiter?.resolve(judged.result.value);
    },
    get wereTooMany() {
      return wereTooMany;
    },
    check() {
      if (hopeless) throw hopeless;
      if (answered > 0 || refused < breakAfter) return;
      throw new RagInstructError(
        "breaker-open",
        `a batch gave ${refused} errors and no answer, the last: ${lastRefusal}`,
      );
    },
  };
}

/** Lets go of a line that will not be answered. */
export function forget(line: BatchLine, lines: Map<string, BatchLine>): void {
  lines.delete(line.key);
  line.hold?.release();
}

/** Reads an answer to a line as the answer to a call is read, or says what is to become of the line. */
export async function judgeAnswer(
  { status_code: status, body }: NonNullable<BatchAnswer["response"]>,
  { model, secrets }: { model: ModelObject; secrets: readonly string[] },
): Promise<{ kind: "reply"; result: CallResult<TextReply> } | Verdict> {
  try {
    return { kind: "reply", result: await readAnswer(model, { status, body }) };
  } catch (thrown) {
    if (SchemaTrials.of(model).noteRefusal(thrown))
      return { kind: "again", why: "the endpoint takes no schema", counts: false };
    if (OutputLimits.of(model).learn(thrown, batchCeiling, []) !== undefined)
      return { kind: "again", why: "the endpoint takes less output, or another name for its ceiling", counts: true };
    const failure = judgeFailure(thrown, secrets);
    const { message } = failure.error;
    if (failure.kind === "hopeless") return { kind: "hopeless", error: failure.error as RagInstructError };
    if (failure.kind === "rejected") return { kind: "refused", why: message, refuses: failure.refuses };
    return { kind: "again", why: message, counts: true, mayBePaid: failure.mayBePaid };
  }
}

/** What is to become of a line that a batch gave no answer for. */
export type Verdict =
  /** Sent in another batch; `counts` against its tries. */
  | { kind: "again"; why: string; counts: boolean; mayBePaid?: boolean }
  /** Never answered; `refuses` as {@link Failure} has it. */
  | { kind: "refused"; why: string; refuses?: "prompt" | "page" }
  /** Nothing will be answered. */
  | { kind: "hopeless"; error: RagInstructError }
  /** The endpoint holds too many requests of ours: again, in smaller batches and later. */
  | { kind: "too-many"; why: string; counts: boolean; mayBePaid?: boolean };

/** The verdicts after which a line is sent once more. */
export type AgainVerdict = Extract<Verdict, { kind: "again" | "too-many" }>;

/** Judges a line without an answer by how its batch ended. */
export function judgeUnanswered(batch: Batch, record: BatchRecord, key: string): Verdict {
  if (batch.status === "completed")
    return { kind: "again", why: `batch ${batch.id} holds no answer to it`, counts: true };
  if (batch.status === "expired") return { kind: "again", why: `batch ${batch.id} expired`, counts: true };
  if (batch.status === "cancelled") {
    const who = record.cancelled ? "" : " at the endpoint";
    return { kind: "again", why: `batch ${batch.id} was cancelled${who}`, counts: !record.cancelled };
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
