import { accuracyOf, shareOf } from "./breakdowns.ts";
import type { Scored } from "./score-answer.ts";
import type { Interval } from "./statistics/bootstrap.ts";

/** How answers follow from the documents that were shown. Choices by the text of the right option; verdicts do not count. */
export interface Faithfulness {
  /** Share of items whose documents hold a gold answer: no model can use what is not there. */
  answerShown: Interval;
  /** Accuracy where the documents hold a gold answer. */
  whenShown: Interval;
  /** Accuracy where they do not: the model knew it, or guessed. */
  whenNotShown: Interval;
  /** Share of the right answers that the documents support. */
  supported: Interval;
}

/** Sets answers apart by whether a gold answer stood in the documents; undefined when no documents were shown. */
export function measureFaithfulness(answers: readonly Scored[]): Faithfulness | undefined {
  const known = answers.filter(({ answerInDocuments }) => answerInDocuments !== undefined);
  if (known.length === 0) return undefined;
  const shown = known.filter(({ answerInDocuments }) => answerInDocuments);
  const notShown = known.filter(({ answerInDocuments }) => !answerInDocuments);
  const right = known.filter(({ score }) => score.correct);
  const supported = right.filter(({ answerInDocuments }) => answerInDocuments);
  return {
    answerShown: shareOf(shown.length, known.length),
    whenShown: accuracyOf(shown),
    whenNotShown: accuracyOf(notShown),
    supported: shareOf(supported.length, right.length),
  };
}
