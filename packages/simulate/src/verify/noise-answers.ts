import { mapOrdered, type Outcome, RagInstructError, seededRandom, type TrainingExample } from "@rag-instruct/core";
import { paradigms as builtinParadigms, type Paradigm } from "@rag-instruct/paradigms";
import { failedAnswer } from "./failures.ts";
import type { NoiseReport } from "./noise-proof.ts";
import { answerFrom } from "./proof.ts";
import { askerFor, type VerifyOptions } from "./verify.ts";

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
  const paradigms: Readonly<Record<string, Paradigm>> = options.paradigms ?? builtinParadigms;
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
      const reply = await answerFrom({ ...example, documents }, shown, asking);
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
