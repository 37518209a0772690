import type { Layout } from "../benchmark.ts";
import { defineBenchmark } from "../define-benchmark.ts";
import { commonLayout, openQuestion } from "../layouts/common.ts";
import { textOf, textsOf } from "../layouts/fields.ts";

/** MuSiQue's own keys: the answer and its aliases are accepted; the number of hops stands at the head of the id (`3hop1__…`). */
const musiqueLayout: Layout = (fields) => {
  const question = textOf(fields, "question");
  const isOwn = "question_decomposition" in fields || "answer_aliases" in fields;
  if (!isOwn || question === undefined) return undefined;
  if (fields.answerable === false) return { reason: "missing-gold", detail: "answerable is false" };
  const golds = [...textsOf(fields.answer), ...textsOf(fields.answer_aliases)];
  const reading = openQuestion(fields, question, [...new Set(golds)]);
  const hops = textOf(fields, "id")?.match(/^(\d)hop/)?.[1] ?? hopsOf(fields.question_decomposition);
  return reading && !("reason" in reading) && hops ? { ...reading, groups: { hops } } : reading;
};

function hopsOf(decomposition: unknown): string | undefined {
  return Array.isArray(decomposition) && decomposition.length > 0 ? String(decomposition.length) : undefined;
}

/** MuSiQue-Answerable (Trivedi et al. 2022): two to four hops that cannot be cut short. Development set: 2,417. */
export const musique = defineBenchmark({
  id: "musique",
  name: "MuSiQue",
  column: "MSQ",
  reference: "contains",
  sources: ["musique_ans_dev"],
  layouts: [musiqueLayout, commonLayout],
});
