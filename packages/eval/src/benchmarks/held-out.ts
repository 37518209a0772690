import { defineBenchmark } from "../benchmark.ts";
import type { Layout } from "../item.ts";
import { commonLayout, multipleChoiceLayout } from "../layouts/common.ts";

/** A training example: a question with options is one of multiple choice, whatever the others are. */
const exampleLayout: Layout = (fields) =>
  Array.isArray(fields.options) && fields.options.length > 0 ? multipleChoiceLayout(fields) : commonLayout(fields);

/**
 * Examples of one's own run that a model was not trained on: asked as they are trained on, question and documents alone, and broken down
 * by paradigm. Where an answer is a sentence, its F1 says more than whether it is stated as it stands.
 */
export const heldOut = defineBenchmark({
  id: "held-out",
  name: "Held-out examples",
  // Questions without options are scored as open ones.
  task: "multiple-choice",
  layouts: [exampleLayout],
  instruction: ({ question }) => question,
});
