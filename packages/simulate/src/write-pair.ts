import { hashOf, type Outcome, type Pair, RagInstructError } from "@rag-instruct/core";
import type { AskRequest, Calls, Deadline } from "@rag-instruct/core/calls";
import {
  type Paradigm,
  type ParsedReply,
  type Prompt,
  parseReply,
  type ReplyProblem,
  renderPrompt,
} from "@rag-instruct/paradigms";
import { type OfflineTask, offlineProvider } from "./offline/offline-model.ts";
import type { SynthesisTask } from "./plan/task.ts";
import { checkReply, type ReplyFault } from "./reply-checks.ts";
import type { Asker } from "./verify/ask-json.ts";
import type { VerifyLevel, VerifyReason } from "./verify/verdict.ts";
import { verifyPair } from "./verify/verify-pair.ts";

/** Why a pair was rejected. */
export type SynthesisReason = ReplyProblem | ReplyFault | VerifyReason;

/** How one task ended. */
export type SynthesisOutcome = Outcome<Pair, SynthesisTask, SynthesisReason>;

/** What writing a pair needs besides its task. */
export interface PairWriter {
  model: AskRequest["model"];
  calls: Calls;
  paradigm: Paradigm;
  settings: NonNullable<AskRequest["settings"]>;
  language: string | undefined;
  /** How far the pair is verified; the asker is needed from `judge` up. */
  verification: { level: VerifyLevel; asker?: Asker | undefined };
  /** Shared by all calls of the task. */
  deadline: Deadline;
  signal: AbortSignal;
}

/**
 * Writes one pair: asks, reads the reply, asks once more with the error where it cannot be read, and checks.
 * A call that fails, or that the budget has no room for, gives a failed outcome; what stops all calls is thrown.
 */
export async function writePair(task: SynthesisTask, writer: PairWriter): Promise<SynthesisOutcome> {
  const { paradigm, language } = writer;
  const prompt = renderPrompt({
    paradigm,
    documents: task.documents,
    exemplar: task.exemplar,
    ...(language === undefined ? {} : { language }),
  });
  try {
    const first = await askFor(prompt, task, writer);
    const { text, reply } = first.reply.ok ? first : await askFor(prompt, task, writer, first.reply.detail);
    if (!reply.ok) return reject(task, reply.reason, reply.detail, text);
    return await judge(task, reply, text, writer);
  } catch (error) {
    const endsThisOne = RagInstructError.is(error, "call-failed") || RagInstructError.is(error, "budget-exhausted");
    if (writer.signal.aborted || !endsThisOne) throw error;
    return { status: "failed", id: task.id, input: task, error };
  }
}

async function askFor(
  { instructions, prompt, schema, version }: Prompt,
  task: SynthesisTask,
  { model, calls, paradigm, settings, deadline, signal }: PairWriter,
  mistake?: string,
): Promise<{ text: string; reply: ParsedReply }> {
  const correction =
    mistake === undefined ? "" : `\n\nAn earlier reply could not be used: ${mistake}. Keep to the form of the reply.`;
  const { text } = await calls.ask({
    model,
    instructions,
    prompt: prompt + correction,
    schema,
    version,
    settings,
    deadline,
    signal,
    ...(model.provider === offlineProvider
      ? { providerOptions: { ragInstruct: { ...offlineTask(task, paradigm) } } }
      : {}),
  });
  return { text, reply: parseReply(text, { task: task.exemplar.task }) };
}

function offlineTask({ id, exemplar, documents }: SynthesisTask, { relation }: Paradigm): OfflineTask {
  return {
    relation: { ...relation },
    task: exemplar.task,
    documents: documents.map(({ title, text }) => ({ title, text })),
    seed: id,
  };
}

async function judge(
  task: SynthesisTask,
  reply: ParsedReply & { ok: true },
  raw: string,
  { paradigm, model, language, verification, signal }: PairWriter,
): Promise<SynthesisOutcome> {
  const { question, answer, options } = reply;
  const fault = checkReply({ question, answer });
  if (fault) return reject(task, fault.reason, fault.detail, raw);
  const pair: Pair = {
    id: hashOf([task.id, question, answer, options ?? null]),
    paradigm: task.paradigm,
    exemplarId: task.exemplar.id,
    question,
    answer,
    ...(options ? { options } : {}),
    documents: task.documents,
    model: model.modelId,
  };
  const { level, asker } = verification;
  const verdict = await verifyPair(pair, {
    level,
    paradigm,
    exemplar: task.exemplar,
    language,
    ...(asker ? { asker: { ...asker, signal } } : {}),
  });
  if (verdict.status === "accepted") return { ...verdict, id: task.id };
  if (verdict.status === "failed") return { ...verdict, id: task.id, input: task };
  const { evidence } = verdict.input;
  return reject({ ...task, ...(evidence && { evidence }) }, verdict.reason, verdict.detail, raw);
}

function reject(task: SynthesisTask, reason: SynthesisReason, detail: string, raw: string): SynthesisOutcome {
  return { status: "rejected", id: task.id, input: task, reason, detail, raw };
}
