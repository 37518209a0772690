import type { Layout } from "../benchmark.ts";
import { defineBenchmark } from "../define-benchmark.ts";
import { missing, withExtras } from "../layouts/common.ts";
import { isFields, textOf, textsOf } from "../layouts/fields.ts";

/** PubMedQA's own keys (`QUESTION`, `CONTEXTS`, `final_decision`), its Hugging Face columns, and processed files with `context` and `golds`. */
const pubmedqaLayout: Layout = (fields) => {
  const question = textOf(fields, "QUESTION", "question", "instruction");
  if (question === undefined)
    return "CONTEXTS" in fields || "pubid" in fields ? missing("question", ["QUESTION"]) : undefined;
  const golds = [fields.golds, fields.final_decision, fields.answer, fields.answers]
    .map(textsOf)
    .find((list) => list.length > 0);
  if (!golds) return missing("gold", ["final_decision", "golds", "answer"]);
  const context = abstractOf(fields);
  const id = textOf(fields, "pubid", "PMID", "id");
  return {
    ...withExtras(fields, { question, golds: golds.map((gold) => gold.toLowerCase()) }),
    ...(id === undefined ? {} : { id }),
    ...(context === "" ? {} : { context }),
  };
};

function abstractOf(fields: Parameters<Layout>[0]): string {
  const hub = isFields(fields.context) ? fields.context.contexts : fields.context;
  const parts = Array.isArray(fields.CONTEXTS) ? fields.CONTEXTS : Array.isArray(hub) ? hub : [hub];
  return parts
    .filter((part) => typeof part === "string")
    .join(" ")
    .trim();
}

/** PubMedQA, expert-labelled (Jin et al. 2019): yes, no or maybe from the question's own abstract. Test: 500 of 1,000. */
export const pubmedqa = defineBenchmark({
  id: "pubmedqa",
  name: "PubMedQA",
  column: "PubMed",
  task: "yes-no",
  verdicts: ["yes", "no", "maybe"],
  reference: "contains",
  sources: ["pubmedqa_test_retrieved"],
  layouts: [pubmedqaLayout],
  instruction: ({ question }) => `Answer the question with yes, no or maybe.\n\n### Question:\n${question}`,
  ownContext: true,
});
