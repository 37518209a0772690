import type { Layout } from "../benchmark.ts";
import { defineBenchmark } from "../define-benchmark.ts";
import { missing, withExtras } from "../layouts/common.ts";
import { textOf, textsOf } from "../layouts/fields.ts";

const labels = ["true", "false", "mixture", "unproven"];
const hubLabels = ["false", "mixture", "true", "unproven"];

/**
 * PUBHEALTH's own columns and processed files with `golds` or `answers`. The rows of the original test.tsv have one value
 * more than the header has names, a row number in front, which the reader of tables sets aside.
 */
const pubhealthLayout: Layout = (fields) => {
  const claim = textOf(fields, "claim", "question", "instruction", "query");
  if (claim === undefined)
    return "claim_id" in fields || "golds" in fields ? missing("question", ["claim"]) : undefined;
  const golds = goldsOf(fields).map((gold) => gold.toLowerCase());
  if (golds.length === 0) return missing("gold", ["label", "golds", "answers", "answer"]);
  const id = textOf(fields, "claim_id", "id");
  if (!golds.every((gold) => labels.includes(gold))) {
    return { reason: "missing-gold", detail: `label "${golds.join(", ")}" is none of ${labels.join(", ")}` };
  }
  return { ...withExtras(fields, { question: claim, golds }), ...(id === undefined ? {} : { id }) };
};

function goldsOf(fields: Parameters<Layout>[0]): string[] {
  if (typeof fields.label === "number") return hubLabels[fields.label] ? [hubLabels[fields.label]!] : [];
  return [fields.golds, fields.label, fields.answers, fields.answer].map(textsOf).find((list) => list.length > 0) ?? [];
}

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
