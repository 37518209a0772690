import type { RagInstructError } from "../../errors.ts";
import type { AskRequest, TextReply } from "../ask-request.ts";
import { judgeFailure } from "../failure.ts";
import { notesSchemaRefusal } from "../generate.ts";
import type { CallResult } from "../paid-call.ts";
import type { BatchAnswer } from "./batch-answers.ts";
import { readAnswer } from "./http-exchange.ts";
import type { Verdict } from "./judge-batch.ts";

/** Reads an answer to a line as the answer to a call is read, or says what is to become of the line. */
export async function judgeAnswer(
  { status_code: status, body }: NonNullable<BatchAnswer["response"]>,
  { model, secrets }: { model: AskRequest["model"]; secrets: readonly string[] },
): Promise<{ kind: "reply"; result: CallResult<TextReply> } | Verdict> {
  try {
    return { kind: "reply", result: await readAnswer(model, { status, body }) };
  } catch (thrown) {
    if (notesSchemaRefusal(model, thrown)) return { kind: "again", why: "the endpoint takes no schema", counts: false };
    const failure = judgeFailure(thrown, secrets);
    const { message } = failure.error;
    if (failure.kind === "hopeless") return { kind: "hopeless", error: failure.error as RagInstructError };
    if (failure.kind === "rejected") return { kind: "refused", why: message };
    return { kind: "again", why: message, counts: true, mayBePaid: failure.mayBePaid };
  }
}
