import { RagInstructError } from "../../errors.ts";
import type { AskRequest } from "../ask-request.ts";
import type { BatchAnswer } from "./batch-answers.ts";
import type { BatchLine } from "./batch-line.ts";
import { judgeAnswer } from "./judge-answer.ts";
import type { Verdict } from "./judge-batch.ts";
import type { LaneTools } from "./lane-tools.ts";

/** What becomes of the lines of one batch. */
export interface Settling {
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
export function openSettling(
  { model, secrets }: { model: AskRequest["model"]; secrets: () => Promise<readonly string[]> },
  {
    land,
    lines,
    breakAfter,
    sendAgain,
  }: Pick<LaneTools, "land" | "lines" | "breakAfter"> & { sendAgain(line: BatchLine, verdict: Verdict): void },
): Settling {
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
    } else if (verdict.kind === "refused") refuse(line, new RagInstructError("call-failed", verdict.why));
    else sendAgain(line, verdict);
  }
  return {
    settle,
    async take(line, answer) {
      const judged = await judgeAnswer(answer, { model, secrets: await secrets() });
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
