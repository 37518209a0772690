/**
 * Quality on BEIR's SciFact of BM25, of all-MiniLM-L6-v2 in int8 on the first 128 tokens, and of both fused; some minutes:
 *   pnpm exec node --conditions=@rag-instruct/source bench/retrieve/hybrid.ts
 * Needs the collection and the model where the tests find them (RAG_INSTRUCT_SHARED_DATA, RAG_INSTRUCT_SHARED_MODELS).
 */
import { fileURLToPath } from "node:url";
import { hasScifact, measureHybrid, readScifact } from "../../tests/support/scifact.ts";

if (!hasScifact)
  throw new Error(
    "SciFact or all-MiniLM-L6-v2 is not where RAG_INSTRUCT_SHARED_DATA and RAG_INSTRUCT_SHARED_MODELS point",
  );
const to = fileURLToPath(new URL("../data/scifact", import.meta.url));
const measured = await measureHybrid(await readScifact(), { to, maxTokens: 128 });
console.log("| SciFact | nDCG@10 | recall@100 |");
console.log("|---|---|---|");
for (const [name, { ndcg, recall }] of Object.entries(measured)) {
  console.log(`| ${name} | ${ndcg.toFixed(4)} | ${recall.toFixed(4)} |`);
}
