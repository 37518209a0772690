import { defineBenchmark } from "../benchmark.ts";
import type { Layout } from "../item.ts";
import { goldsOf, missing, withExtras } from "../layouts/common.ts";
import { isFields, textOf } from "../layouts/fields.ts";
import { pubmedqaTestIds } from "./pubmedqa-test.ts";

const labels = ["true", "false", "mixture", "unproven"];
/** Hugging Face's labels by number. */
const hubLabels = ["false", "mixture", "true", "unproven"];
const goldKeys = ["golds", "golden_answers", "label", "answers", "answer"];

/**
 * PUBHEALTH's own columns and processed files with `golds` or `answers`. The rows of the original test.tsv have one value
 * more than the header has names, a row number in front, which the reader of tables sets aside.
 */
const pubhealthLayout: Layout = (fields) => {
  const claim = textOf(fields, "claim", "question", "instruction", "query");
  if (claim === undefined)
    return "claim_id" in fields || "golds" in fields ? missing("question", ["claim"]) : undefined;
  const golds = goldsOf(fields, goldKeys).map((gold) => hubLabels[Number(gold)] ?? gold.toLowerCase());
  if (golds.length === 0) return missing("gold", goldKeys);
  const id = textOf(fields, "claim_id", "id");
  if (!golds.every((gold) => labels.includes(gold))) {
    return { reason: "missing-gold", detail: `label "${golds.join(", ")}" is not one of ${labels.join(", ")}` };
  }
  const item = withExtras(fields, { question: claim, golds });
  return { ...item, id: id ?? item.id };
};

/** PUBHEALTH (Kotonya and Toni 2020): claims on public health, true or false. */
export const pubhealth = defineBenchmark({
  id: "pubhealth",
  name: "PubHealth",
  column: "Pub",
  task: "claim",
  verdicts: ["true", "false"],
  reference: "contains",
  sources: ["health_claims_processed"],
  layouts: [pubhealthLayout],
  instruction: ({ question }) => `Is the following statement True or False?\n${question}`,
  subset: {
    count: 987,
    rule: "test claims labelled true or false; mixtures and unproven claims are left out (Asai et al. 2024, Self-RAG)",
    keeps: ({ golds }) => golds.every((gold) => gold === "true" || gold === "false"),
  },
});

const decisionKeys = ["golds", "golden_answers", "final_decision", "answer", "answers"];

/** PubMedQA's own keys (`QUESTION`, `CONTEXTS`, `final_decision`), its Hugging Face columns, and processed files with `context` and `golds`. */
const pubmedqaLayout: Layout = (fields) => {
  const question = textOf(fields, "QUESTION", "question", "instruction");
  if (question === undefined)
    return "CONTEXTS" in fields || "pubid" in fields ? missing("question", ["QUESTION"]) : undefined;
  const golds = goldsOf(fields, decisionKeys);
  if (golds.length === 0) return missing("gold", decisionKeys);
  const context = abstractOf(fields);
  const id = textOf(fields, "pubid", "PMID", "id");
  const item = withExtras(fields, { question, golds: golds.map((gold) => gold.toLowerCase()) });
  return { ...item, id: id ?? item.id, context: context === "" ? item.context : context };
};

function abstractOf(fields: Parameters<Layout>[0]): string {
  const hub = isFields(fields.context) ? fields.context.contexts : fields.context;
  const parts = Array.isArray(fields.CONTEXTS) ? fields.CONTEXTS : Array.isArray(hub) ? hub : [hub];
  return parts
    .filter((part) => typeof part === "string")
    .join(" ")
    .trim();
}

let testIds: Set<string> | undefined;

/** Whether a question belongs to the published test half; one without a PubMed id cannot be told and is kept. */
function isTestQuestion({ id }: { id: string }): boolean {
  if (!/^\d{7,8}$/.test(id)) return true;
  testIds ??= pubmedqaTestIds();
  return testIds.has(id);
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
  subset: {
    count: 500,
    rule: "the authors' test half of the thousand labelled questions, by PubMed id; questions without one are taken to be of it already",
    keeps: isTestQuestion,
  },
});
