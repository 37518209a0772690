import { join } from "node:path";
import {
  type FailedAnswer,
  mapOrdered,
  normalizeAnswer,
  type Outcome,
  type Pair,
  type Passage,
  plainAnswer,
  questionWithOptions,
  RagInstructError,
  seededRandom,
  type TrainingExample,
} from "@rag-instruct/core";
import { type Refused, readJsonl } from "@rag-instruct/core/node";
import { allParadigms, type Paradigm, parseReply } from "@rag-instruct/paradigms";
import type { SynthesisTask } from "../plan/task-queue.ts";
import { matchAnswers } from "./answers.ts";
import type { NoiseReport } from "./noise-proof.ts";
import { answerFrom, type ProofAnswer } from "./proof.ts";
import { askerFor, type VerifyEvidence, type VerifyOptions, type VerifyReason } from "./verify.ts";

/** A pair's wrong answers that a run was given; none of a pair whose text a person has changed, since they were compared with the old one. */
export type FailuresOf = (pair: Pair) => FailedAnswer[];

// What other reasons reject may well have the right answer.
const wrongAnswers: ReadonlySet<string> = new Set<VerifyReason>([
  "answer-wrong",
  "answer-incomplete",
  "not-answered-from-documents",
  "answer-not-confirmed",
]);

/**
 * Opens what a run folder has kept of wrong answers: those of the proof's reader, which saw no document or a part of them, and those of
 * pairs to the same question that a judge or a proof rejected for their answer. Holds the latter in memory.
 */
export async function openFailures(run: string): Promise<FailuresOf> {
  const rejected = new Map<string, FailedAnswer[]>();
  for await (const line of readJsonl<RejectedLine>(join(run, "rejected.jsonl"), { mayBeMissing: true })) {
    if (line.status !== "rejected" || !wrongAnswers.has(line.reason)) continue;
    const pair = pairOf(line);
    if (!pair) continue;
    const { id: pairId, reason, detail } = line;
    const failure: FailedAnswer = {
      answer: pair.answer,
      from: "rejected-pair",
      reason: `${reason}: ${detail}`,
      pairId,
    };
    const asked = askedBy(pair, line.input.documents);
    rejected.set(asked, [...(rejected.get(asked) ?? []), failure]);
  }
  return (pair) => {
    if (pair.edited) return [];
    // What was rejected may say the same in other words, or name the same option.
    const others = (rejected.get(askedBy(pair, pair.documents)) ?? []).filter(
      ({ answer }) => !areAlike(pair, answer) && !areAlike({ ...pair, answer }, pair.answer),
    );
    return [...provedFailures(pair), ...others];
  };
}

type RejectedLine = Refused<Pair | SynthesisTask>;

/** Question and answer of a rejected pair: its own, where it was given, or those of the reply. */
function pairOf({
  input,
  raw,
}: Pick<RejectedLine & { status: "rejected" }, "input" | "raw">):
  | Pick<Pair, "question" | "standalone" | "options" | "answer">
  | undefined {
  if ("question" in input) return input;
  const reply = raw === undefined ? undefined : parseReply(raw, { task: input.exemplar.task });
  return reply?.ok ? reply : undefined;
}

/** What is asked of which documents: of others another answer may be right. */
function askedBy(
  { question, standalone, options }: Pick<Pair, "question" | "standalone" | "options">,
  documents: readonly Passage[],
): string {
  const asked = normalizeAnswer(questionWithOptions({ question: standalone ?? question, options }));
  return JSON.stringify([asked, ...documents.map(({ id }) => id).toSorted()]);
}

function areAlike(pair: Pair, answer: string): boolean {
  const likeness = matchAnswers({ ...pair, answer: plainAnswer(pair) }, plainAnswer({ ...pair, answer }));
  return likeness === "same" || likeness === "partly";
}

/** What the proof's reader answered, without all documents, that is another answer than the pair's. */
function provedFailures({ id: pairId, evidence, documents }: Pair): FailedAnswer[] {
  const { proof } = (evidence ?? {}) as Partial<VerifyEvidence>;
  const apart = (proof?.answers ?? []).filter(({ shown }) => shown.length < documents.length);
  return apart.flatMap((given) => {
    const from = given.shown.length === 0 ? "no-documents" : "some-documents";
    return failedAnswer(given, { from, pairId }) ?? [];
  });
}

/** An answer of the reader as a wrong one; undefined where it is none, or where nothing has told that it is another than the pair's. */
function failedAnswer(
  { shown, answer, likeness, by }: ProofAnswer,
  { from, pairId }: { from: "no-documents" | "some-documents" | "noise"; pairId: string },
): FailedAnswer | undefined {
  if (answer === null || likeness !== "different" || (by !== "match" && by !== "model")) return undefined;
  const sources = {
    "no-documents": "without documents",
    "some-documents": `from ${shown.length === 1 ? "document" : "documents"} ${shown.join(", ")} alone`,
    noise: `from the ${shown.length} noise documents alone`,
  };
  const reason = `another answer ${sources[from]}, as ${by === "match" ? "words show" : "a model finds"}`;
  return { answer, from, reason, pairId };
}

/** Examples with what a check of their noise says of them, such as `proveNoise` gives. */
interface CheckedExamples<R extends string> extends AsyncIterable<Outcome<TrainingExample, TrainingExample, R>> {
  report(): NoiseReport;
}

/** What a reader answered from noise alone. */
export interface NoiseAnswers {
  /** Examples whose question was asked. */
  asked: number;
  /** Those that it answered otherwise than their pair. */
  wrong: number;
  /** Those whose call failed, or that the budget had no room for. */
  failed: number;
}

/** Options of {@link readNoise}. */
export interface ReadNoiseOptions extends Pick<VerifyOptions, "model" | "calls" | "settings" | "paradigms" | "signal"> {
  /** Share of the examples that is asked, drawn by seed and ids alone. */
  share: number;
  seed?: number | string;
  /** Most examples under way. @default what the calls have room for */
  concurrency?: number;
}

/**
 * Asks the reader of a proof the questions of accepted examples with their noise alone, and adds what it answers otherwise than their
 * pairs to their `failures`. Examples whose documents are of no use are not asked. A call that fails costs an example nothing; what stops all
 * calls is thrown. Throws `bad-option` without model and calls.
 */
export function readNoise<R extends string>(checked: CheckedExamples<R>, options: ReadNoiseOptions) {
  const { share, seed = 1, signal } = options;
  const paradigms: Readonly<Record<string, Paradigm>> = options.paradigms ?? allParadigms;
  const asker = askerFor("proof", options)!;
  const { concurrency = asker.calls.roomFor } = options;
  const sum: NoiseAnswers = { asked: 0, wrong: 0, failed: 0 };
  async function read(example: TrainingExample, signal: AbortSignal): Promise<TrainingExample> {
    const { id } = example;
    const paradigm = paradigms[example.paradigm];
    const documents = example.documents.filter(({ role }) => role === "noise");
    if (!paradigm || paradigm.relation.documentsAre === "useless" || documents.length === 0) return example;
    if (seededRandom(seed, "noise answers", id).next() >= share) return example;
    try {
      sum.asked++;
      const shown = documents.map((_, i) => i + 1);
      const asking = { paradigm, asker: { ...asker, purpose: "noise", signal } };
      const reply = await answerFrom({ ...example, documents, answer: plainAnswer(example) }, shown, asking);
      const failure = reply.ok ? failedAnswer(reply.answer, { from: "noise", pairId: id }) : undefined;
      if (!failure) return example;
      sum.wrong++;
      return { ...example, failures: [...(example.failures ?? []), failure] };
    } catch (error) {
      const codes = ["call-failed", "prompt-refused", "budget-exhausted"] as const;
      if (signal.aborted || !codes.some((code) => RagInstructError.is(error, code))) throw error;
      sum.failed++;
      return example;
    }
  }
  const outcomes = mapOrdered(
    checked,
    async (outcome, { signal }) =>
      outcome.status === "accepted" ? { ...outcome, value: await read(outcome.value, signal) } : outcome,
    { concurrency, signal },
  );
  return {
    [Symbol.asyncIterator]: () => outcomes[Symbol.asyncIterator](),
    report: () => ({ ...checked.report(), answers: sum }),
  };
}
