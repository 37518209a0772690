/**
 * Quality on BEIR's SciFact of BM25, of all-MiniLM-L6-v2 with the exact search, and of both fused; some minutes:
 *   pnpm exec node --conditions=@rag-instruct/source bench/retrieve/hybrid.ts [--quantized] [--max-tokens 128]
 * Needs the collection and the model where the tests find them (RAG_INSTRUCT_SHARED_DATA, RAG_INSTRUCT_SHARED_MODELS).
 * all-MiniLM-L6-v2 is published with an nDCG@10 of 0.645 (MTEB).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hasScifact, measureHybrid, readScifact } from "../../tests/support/scifact.ts";

const { values } = parseArgs({
  options: { quantized: { type: "boolean", default: false }, "max-tokens": { type: "string" } },
});
if (!hasScifact)
  throw new Error(
    "SciFact or all-MiniLM-L6-v2 is not where RAG_INSTRUCT_SHARED_DATA and RAG_INSTRUCT_SHARED_MODELS point",
  );
const to = await mkdtemp(join(tmpdir(), "scifact-"));
try {
  const begun = performance.now();
  const measured = await measureHybrid(await readScifact(), {
    to,
    quantized: values.quantized,
    maxTokens: values["max-tokens"] ? Number(values["max-tokens"]) : undefined,
  });
  console.log("| SciFact | nDCG@10 | recall@100 |");
  console.log("|---|---|---|");
  for (const [name, { ndcg, recall }] of Object.entries(measured)) {
    console.log(`| ${name} | ${ndcg.toFixed(4)} | ${recall.toFixed(4)} |`);
  }
  console.log(`\n${((performance.now() - begun) / 1000).toFixed(0)} s`);
} finally {
  await rm(to, { recursive: true });
}
