import type { Layout } from "../benchmark.ts";
import { defineBenchmark } from "../benchmark.ts";
import { missing, withExtras } from "../layouts/common.ts";
import { textOf, textsOf } from "../layouts/fields.ts";

const labels = ["true", "false", "mixture", "unproven"];
const hubLabels = ["false", "mixture", "true", "unproven"];

/**
 * PUBHEALTH's own columns and processed files with `golds` or `answers`. In the original test.tsv each row has one value
 * more than the header has names, a row number in front, so that every value stands one place to the right.
 */
const pubhealthLayout: Layout = (fields) => {
  const shifted = labels.includes((textOf(fields, "subjects") ?? "").toLowerCase());
  const claim = shifted
    ? textOf(fields, "date_published")
    : textOf(fields, "claim", "question", "instruction", "query");
  if (claim === undefined)
    return "claim_id" in fields || "golds" in fields ? missing("question", ["claim"]) : undefined;
  const golds = shifted ? textsOf(fields.subjects) : goldsOf(fields);
  if (golds.length === 0) return missing("gold", ["label", "golds", "answers", "answer"]);
  const id = shifted ? textOf(fields, "claim") : textOf(fields, "claim_id", "id");
  const known = golds.map((gold) => gold.toLowerCase());
  if (!known.every((gold) => labels.includes(gold))) {
    return { reason: "missing-gold", detail: `label "${golds.join(", ")}" is none of ${labels.join(", ")}` };
  }
  return { ...withExtras(fields, { question: claim, golds: known }), ...(id === undefined ? {} : { id }) };
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
