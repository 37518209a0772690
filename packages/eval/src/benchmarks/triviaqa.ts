import type { Layout } from "../benchmark.ts";
import { defineBenchmark } from "../define-benchmark.ts";
import { commonLayout, missing, openQuestion } from "../layouts/common.ts";
import { asText, isFields, textOf } from "../layouts/fields.ts";

/** TriviaQA's own keys and those of its Hugging Face columns: the value and all aliases are accepted. */
const triviaqaLayout: Layout = (fields) => {
  const question = textOf(fields, "Question", "question");
  const answer = isFields(fields.Answer) ? fields.Answer : isFields(fields.answer) ? fields.answer : undefined;
  if (!answer)
    return "QuestionId" in fields || "question_id" in fields ? missing("gold", ["Answer", "answer"]) : undefined;
  if (question === undefined) return missing("question", ["Question", "question"]);
  const aliases = [answer.Aliases, answer.aliases, answer.HumanAnswers].find(Array.isArray) ?? [];
  const all = [answer.Value ?? answer.value, ...aliases].map(asText).filter((text) => text !== undefined);
  const reading = openQuestion(fields, question, [...new Set(all)]);
  const id = textOf(fields, "QuestionId", "question_id");
  return reading && id !== undefined && !("reason" in reading) ? { ...reading, id } : reading;
};

/** TriviaQA (Joshi et al. 2017): quiz questions with many aliases. Open-domain test: 11,313. */
export const triviaqa = defineBenchmark({
  id: "triviaqa",
  name: "TriviaQA",
  column: "TQA",
  reference: "contains",
  sources: ["triviaqa_test_w_gs", "triviaqa_helpful", "triviaqa_mid_help", "triviaqa_helpless"],
  layouts: [triviaqaLayout, commonLayout],
});
