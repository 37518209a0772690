// Precision and recall of the free rules on the project's own labelled instructions, in all and by reason.
import type { Exemplar } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";
import { keepKnowledgeIntensive } from "@rag-instruct/simulate";

interface Labelled {
  question: string;
  keep: boolean;
  reason?: string;
}

const showsMistakes = process.argv.includes("--mistakes");

for (const part of ["labelled", "held-out"]) {
  if (showsMistakes && part === "held-out") continue;
  const rows = await Array.fromAsync(readJsonl<Labelled>(new URL(`${part}.jsonl`, import.meta.url).pathname));
  const exemplars = rows.map(({ question }, i): Exemplar => ({ id: `${i}`, question, source: part, task: "open" }));
  const outcomes = await Array.fromAsync(keepKnowledgeIntensive({ exemplars, language: "en" }));
  const kept = outcomes.map(({ status }) => status === "accepted");
  const right = rows.filter(({ keep }, i) => keep && kept[i]).length;
  const precision = right / kept.filter(Boolean).length;
  const recall = right / rows.filter(({ keep }) => keep).length;
  console.log(`${part}: ${rows.length} instructions, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`);
  const byReason = Map.groupBy(
    rows.keys().filter((i) => !rows[i]!.keep),
    (i) => rows[i]!.reason!,
  );
  for (const [reason, places] of byReason) {
    const dropped = places.filter((i) => !kept[i]).length;
    console.log(`  ${reason.padEnd(15)} ${dropped} of ${places.length} not kept`);
  }
  const lost = outcomes.flatMap((outcome, i) =>
    rows[i]!.keep && outcome.status === "rejected" ? [outcome.reason] : [],
  );
  console.log(`  wrongly not kept: ${lost.join(", ") || "none"}`);
  if (!showsMistakes) continue;
  for (const [i, outcome] of outcomes.entries()) {
    const { keep, question } = rows[i]!;
    if (keep === (outcome.status === "accepted")) continue;
    console.log(`  ${keep ? "lost" : "let in"}: ${question.replaceAll("\n", "⏎")}`);
    if (outcome.status === "rejected") console.log(`      ${outcome.reason}: ${outcome.detail}`);
  }
}
