import { hashOf, type Outcome, type Pair, RagInstructError } from "@rag-instruct/core";
import type {
  AskRequest,
  Calls,
  Deadline,
  ModelObject,
  ReplyEnd,
  ReplyEndReason,
  TextReply,
} from "@rag-instruct/core/calls";
import {
  namesMissing,
  type Paradigm,
  type ParsedReply,
  type Prompt,
  parseReply,
  type Reply,
  type ReplyProblem,
  renderPrompt,
  repeatsPrompt,
  replyFieldsOf,
} from "@rag-instruct/paradigms";
import { nonAnswerIn } from "../check-text/non-answer.ts";
import {
  type DecontaminationReason,
  type ForbiddenTexts,
  findContamination,
  findInDocuments,
} from "../decontaminate/decontaminate.ts";
import type { DuplicateReason } from "../duplicates/drop-duplicates.ts";
import { nothingToAsk, type OfflineTask, offlineProvider } from "../offline/offline-model.ts";
import { keyPartsOf, writerOf } from "../offline/recorded-model.ts";
import { recordedOptions } from "../offline/recorded-request.ts";
import type { SynthesisTask } from "../plan/task-queue.ts";
import type { Asker } from "../verify/ask-model.ts";
import { type VerifyLevel, type VerifyReason, verifyPair } from "../verify/verify.ts";

/** Why a pair was rejected. */
export type SynthesisReason =
  | ReplyProblem
  | ReplyFault
  | ReplyEndReason
  | VerifyReason
  | DecontaminationReason
  | DuplicateReason
  /** No training example could be made of the pair. */
  | "unassembled"
  /** A conversation finds no documents that it has not had. */
  | "no-further-documents"
  /** The offline model finds nothing to ask about. */
  | "nothing-to-ask"
  /** The endpoint's moderation, or a firewall before it, refuses the prompt. */
  | "prompt-refused";

/** How one task ended. */
export type SynthesisOutcome = Outcome<Pair, SynthesisTask, SynthesisReason>;

/** An outcome with the reply it was read from, where there was one. */
export interface WrittenPair {
  outcome: SynthesisOutcome;
  task: SynthesisTask;
  raw?: string;
}

/** What writing a pair needs besides its task. */
interface PairWriter {
  model: ModelObject;
  calls: Calls;
  paradigm: Paradigm;
  settings: NonNullable<AskRequest["settings"]>;
  language: string | undefined;
  /** How far the pair is verified; the asker is needed from `judge` up. */
  verification: { level: VerifyLevel; asker?: Asker | undefined };
  /** Texts that no pair may hold. */
  forbidden: ForbiddenTexts | undefined;
  /** Whether every rejected task is asked again, whatever it was rejected for. */
  retryRejected: boolean;
  /** Shared by all calls of the task. */
  deadline: Deadline;
  signal: AbortSignal;
}

/**
 * Writes one pair: asks, reads the reply, asks once more with the error where the model may have erred, and checks. Where an earlier
 * run was given a reply that cannot be used, all of that is done once more.
 * A call that fails, or that the budget has no room for, gives a failed outcome; what stops all calls is thrown.
 */
export async function writePair(task: SynthesisTask, given: PairWriter): Promise<WrittenPair> {
  const writer = { ...given, model: writerOf(given.model, task) };
  const { paradigm, language, forbidden } = writer;
  // What its documents give away needs no call.
  const found = forbidden && findInDocuments(task, forbidden);
  if (found) return { task, outcome: rejectFound(task, found) };
  const prompt = renderPrompt({
    paradigm,
    documents: task.documents,
    exemplar: task.exemplar,
    language,
    history: task.history,
  });
  const written = await writeOnce(task, prompt, writer, {});
  const { outcome } = written;
  const isWorthAsking = outcome.status === "rejected" && (isUnusable(outcome) || writer.retryRejected);
  return isWorthAsking ? writeOnce(task, prompt, writer, { again: true }) : written;
}

/** Whether what was written cannot be used. A verdict that cannot be read says nothing of it, and was asked for again by itself. */
function isUnusable({ asked, reason }: SynthesisOutcome & { status: "rejected" }): boolean {
  return asked !== undefined && reason !== "verdict-unreadable";
}

/** How a task is asked. */
interface AskHow {
  /** Whether the replies in the ledger could not be used. */
  again?: boolean;
  /** What was wrong with the reply before. */
  mistake?: string;
}

async function writeOnce(task: SynthesisTask, prompt: Prompt, writer: PairWriter, how: AskHow): Promise<WrittenPair> {
  try {
    const first = await askFor(prompt, task, writer, how);
    // It would say so again, however often it is asked.
    if (first.text === nothingToAsk)
      return { task, outcome: reject(task, { reason: "nothing-to-ask", detail: first.text }) };
    let last = first;
    if (!first.reply.ok && mayGoBetter(first.end)) {
      last = await askFor(prompt, task, writer, { ...how, mistake: first.reply.detail });
    }
    const { text, reply, end } = last;
    const { asked } = first;
    if (!reply.ok) {
      const { reason, detail } = end ?? reply;
      return { task, outcome: reject(task, { reason, detail, raw: text, asked }), raw: text };
    }
    return { task, outcome: await judge({ task, prompt, reply, raw: text, asked }, writer), raw: text };
  } catch (error) {
    if (RagInstructError.is(error, "prompt-refused")) {
      return { task, outcome: reject(task, { reason: "prompt-refused", detail: error.message }) };
    }
    const endsThisOne = RagInstructError.is(error, "call-failed") || RagInstructError.is(error, "budget-exhausted");
    if (writer.signal.aborted || !endsThisOne) throw error;
    return { task, outcome: { status: "failed", id: task.id, input: task, error } };
  }
}

/** The task as an outcome of which a check says what is wrong, with the check's evidence. */
export function rejectFound(
  task: SynthesisTask,
  { reason, detail, evidence }: { reason: SynthesisReason; detail: string; evidence: object },
  raw?: string,
): SynthesisOutcome {
  return reject({ ...task, evidence: { ...evidence } }, { reason, detail, raw });
}

/** A reply as it was read. */
interface ReadAnswer {
  text: string;
  reply: ParsedReply;
  /** What kept the model from replying, where that is why there is no pair. */
  end: ReplyEnd | undefined;
  /** Runs in which the task was asked. */
  asked: number;
}

/** Whether a reply that cannot be read may go better with its mistake named; what kept the model from replying mostly stays. */
function mayGoBetter(end: Pick<ReplyEnd, "reason"> | undefined): boolean {
  return end === undefined || end.reason === "empty-reply";
}

/** What kept the model from replying: the way in which the reply ended, unless it is whole all the same. */
function endOf(reply: ParsedReply, end: ReplyEnd | undefined): ReadAnswer["end"] {
  if (reply.ok) return undefined;
  const { reason, detail } = reply;
  if (reason === "only-thinking") return { reason, detail };
  const isWhole = reason !== "not-json" && reason !== "cut-off";
  return end?.reason === "cut-off" && isWhole ? undefined : end;
}

async function askFor(
  { instructions, prompt, schema, version }: Prompt,
  task: SynthesisTask,
  { model, calls, paradigm, settings, deadline, signal }: PairWriter,
  { again, mistake }: AskHow,
): Promise<ReadAnswer> {
  const correction =
    mistake === undefined ? "" : `\n\nAn earlier reply could not be used: ${mistake}. Keep to the form of the reply.`;
  const {
    text,
    end,
    asked = 1,
  }: TextReply = await calls.ask({
    model,
    instructions,
    prompt: prompt + correction,
    schema,
    version,
    purpose: mistake === undefined ? "write" : "repeat",
    settings,
    again,
    deadline,
    signal,
    providerOptions:
      model.provider === offlineProvider
        ? { ragInstruct: { ...offlineTask(task, paradigm) } }
        : recordedOptions(model, { as: "write", ...keyPartsOf(task) }),
  });
  const reply = parseReply(text, { task: task.exemplar.task, fields: replyFieldsOf(paradigm, task.history) });
  return { text, reply, end: endOf(reply, end), asked };
}

function offlineTask({ id, exemplar, documents }: SynthesisTask, paradigm: Paradigm): OfflineTask {
  return {
    relation: { ...paradigm.relation },
    paradigm: paradigm.id,
    task: exemplar.task,
    documents: documents.map(({ title, text }) => ({ title, text })),
    seed: id,
  };
}

interface ReadReply {
  task: SynthesisTask;
  prompt: Prompt;
  reply: ParsedReply & { ok: true };
  raw: string;
  asked: number;
}

async function judge(
  { task, prompt, reply, raw, asked }: ReadReply,
  { paradigm, model, language, verification, forbidden, signal }: PairWriter,
): Promise<SynthesisOutcome> {
  const { question, answer, options } = reply;
  const { standalone, ...fields } = reply.fields ?? {};
  const fault = checkReply({ question, answer }, prompt, { mayLack: paradigm.relation.documentsAre === "lacking" });
  if (fault) return reject(task, { ...fault, raw, asked: fault.reason === "refusal" ? asked : undefined });
  const pair: Pair = {
    id: pairIdOf(task.id, { question, answer, options }),
    paradigm: task.paradigm,
    exemplarId: task.exemplar.id,
    question,
    answer,
    options,
    documents: task.documents,
    model: model.modelId,
    fields: Object.keys(fields).length > 0 ? fields : undefined,
    history: task.history,
    standalone,
  };
  const contaminated = forbidden && findContamination(pair, forbidden);
  if (contaminated) return rejectFound(task, contaminated, raw);
  const { level, asker } = verification;
  const verdict = await verifyPair(pair, {
    level,
    paradigm,
    exemplar: task.exemplar,
    language,
    asker: asker ? { ...asker, signal } : undefined,
  });
  if (verdict.status === "accepted") return { ...verdict, id: task.id };
  if (verdict.status === "failed") return { ...verdict, id: task.id, input: task };
  const { reason, detail, input } = verdict;
  const { evidence } = input;
  // With what was judged, for whoever looks at verdicts.
  return reject({ ...task, question, answer, options, evidence }, { reason, detail, raw, asked: verdict.asked });
}

/** The id of the pair that a reply to a task makes. */
export function pairIdOf(
  task: string,
  { question, answer, options }: Pick<Pair, "question" | "answer" | "options">,
): string {
  return hashOf([task, question, answer, options ?? null]);
}

/** Why a task is rejected. */
type Rejection = Pick<SynthesisOutcome & { status: "rejected" }, "reason" | "detail" | "raw" | "asked">;

function reject(
  task: SynthesisTask & Partial<Pick<Pair, "question" | "answer" | "options" | "evidence">>,
  { reason, detail, raw, asked }: Rejection,
): SynthesisOutcome {
  return { status: "rejected", id: task.id, input: task, reason, detail, raw, asked };
}

/** What can be wrong with a reply that has the right shape, before anything is compared with its documents. */
export type ReplyFault = "refusal" | "copied-prompt";

/**
 * Looks at a reply and the prompt that it answers, and at no document; undefined where nothing is wrong.
 * @param options.mayLack whether an answer that names what is missing is none of a model that refuses. @default false
 */
export function checkReply(
  { question, answer }: Reply,
  prompt: Pick<Prompt, "prompt">,
  { mayLack = false } = {},
): { reason: ReplyFault; detail: string } | undefined {
  const isOfLack = mayLack && namesMissing(answer, question);
  const refusal = (isOfLack ? [question] : [question, answer])
    .map(nonAnswerIn)
    .find((found) => found?.reason === "refusal");
  if (refusal) return { reason: "refusal", detail: `the model refuses: ${refusal.detail}` };
  for (const [name, text] of Object.entries({ question, answer })) {
    if (repeatsPrompt(text, prompt)) return { reason: "copied-prompt", detail: `the ${name} repeats the prompt` };
  }
  return undefined;
}
