// Published embeddings, searched without embedding a passage here:
//   node contriever-embeddings.ts wikipedia_embeddings.tar psgs_w100.tsv.gz models/contriever-msmarco
import { parseArgs } from "node:util";
import { ingest, openPassageStore } from "@rag-instruct/corpus";
import { importEmbeddings, onnxEmbedder } from "@rag-instruct/embed";
import { denseRetriever, openVectorIndex } from "@rag-instruct/retrieve";

const { positionals } = parseArgs({ allowPositionals: true });
const [embeddings = "wikipedia_embeddings.tar", wikipedia = "psgs_w100.tsv.gz", model = "models/contriever-msmarco"] =
  positionals;

const { written } = await ingest({ from: wikipedia, to: "corpus.sqlite" });
await using passages = await openPassageStore("corpus.sqlite", { readOnly: true });
// Its questions must come from the model that the passages' vectors came from. Its files do not say how to pool; the preset does.
await using embedder = await onnxEmbedder({ model, preset: "contriever-msmarco" });
const imported = await importEmbeddings({ from: embeddings, to: "embeddings", passages, embedder });
console.log(`${written} passages, ${imported.count} vectors of ${imported.dimensions} numbers`);

await using index = await openVectorIndex({ vectors: "embeddings" });
const retriever = denseRetriever({ index, embedder, passages });
const questions = ["How do I get started with Llama 2?", "Which licence do the model weights have?"];
for (const [i, found] of (await retriever.retrieve(questions, { limit: 3 })).entries()) {
  console.log(questions[i]);
  for (const { passage, rank, score } of found)
    console.log(`  ${rank}. ${score.toFixed(3)} ${passage.id} ${passage.text.slice(0, 60).replace(/\s+/g, " ")}`);
}
