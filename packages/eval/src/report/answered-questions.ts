import type { EvaluateOutcome } from "../evaluate.ts";
import type { AnswerNote } from "../score-answers.ts";

/** A question with what each model answered. */
export interface AnsweredQuestion {
  benchmark: string;
  id: string;
  question: string;
  /** Choices in order, without their letters. */
  options?: string[];
  golds: string[];
  /** In the order of the models. */
  answers: ModelAnswer[];
}

/** What a model answered, or why there is no answer. */
export interface ModelAnswer {
  model: string;
  output?: string;
  /** By our scorer; undefined without an answer. */
  right?: boolean;
  /** By the published scorer, where it knows the benchmark. */
  rightAsPublished?: boolean;
  notes?: AnswerNote[];
  /** Why there is none. */
  failed?: string;
}

/**
 * Puts the answers of one or more models to the same questions beside each other, in the order of the first model's.
 * @param models outcomes of `evaluate` a model, of one benchmark
 */
export function questionsOf(
  benchmark: string,
  models: readonly { model: string; outcomes: readonly EvaluateOutcome[] }[],
): AnsweredQuestion[] {
  const questions = new Map<string, AnsweredQuestion>();
  for (const { model, outcomes } of models) {
    for (const outcome of outcomes) {
      const { question, options, golds } = outcome.status === "accepted" ? outcome.value : outcome.input;
      const known = questions.get(outcome.id) ?? { benchmark, id: outcome.id, question, options, golds, answers: [] };
      questions.set(outcome.id, known);
      // A second item of the same id was not asked.
      if (!known.answers.some((answer) => answer.model === model)) known.answers.push({ model, ...answerOf(outcome) });
    }
  }
  return [...questions.values()];
}

function answerOf(outcome: EvaluateOutcome): Omit<ModelAnswer, "model"> {
  if (outcome.status === "rejected") return { failed: outcome.detail };
  if (outcome.status === "failed") return { failed: outcome.error.message };
  const { output, score, reference, notes } = outcome.value;
  return { output, right: score.correct, rightAsPublished: reference?.correct, notes };
}
