import { guessLanguage, type Pair, wordsOf } from "@rag-instruct/core";
import { byCount, count } from "./counts.ts";
import { distinctGrams, reservoir, selfBleu } from "./diversity.ts";
import { lengthCounter } from "./lengths.ts";
import { kindOfQuestion, type QuestionKind } from "./question-kind.ts";
import type { SetReport } from "./report.ts";

type TextFigures = Pick<SetReport, "questionKinds" | "lengths" | "languages" | "diversity">;

/** Puts the texts of accepted pairs into figures. */
export function textCounter({ sample, seed }: { sample: number; seed: number | string }): {
  add(pair: Pair): void;
  figures(): TextFigures;
} {
  const lengths = { question: lengthCounter(), answer: lengthCounter(), document: lengthCounter() };
  const grams = { questions: distinctGrams(), answers: distinctGrams() };
  const kinds = new Map<QuestionKind, number>();
  const languages = new Map<string, number>();
  const drawn = reservoir<readonly string[]>(sample, seed);
  return {
    add(pair) {
      const question = wordsOf(pair.question);
      const answer = wordsOf(pair.answer);
      lengths.question.add(question.length);
      lengths.answer.add(answer.length);
      for (const { text } of pair.documents) lengths.document.add(wordsOf(text).length);
      grams.questions.add(question);
      grams.answers.add(answer);
      drawn.add(question);
      count(kinds, kindOfQuestion(pair));
      count(languages, guessLanguage(pair.question).language ?? "unknown");
    },
    figures: () => ({
      questionKinds: byCount(kinds),
      lengths: {
        question: lengths.question.figures(),
        answer: lengths.answer.figures(),
        document: lengths.document.figures(),
      },
      languages: byCount(languages),
      diversity: {
        questions: grams.questions.figures(),
        answers: grams.answers.figures(),
        selfBleu: { score: selfBleu(drawn.sample), sample: drawn.sample.length },
      },
    }),
  };
}
