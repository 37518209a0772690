// BM25 finds words, embeddings find meaning, and both are fused by their ranks. Needs: npm install onnxruntime-node
import type { Passage } from "@rag-instruct/core";
import { embedPassages, onnxEmbedder } from "@rag-instruct/embed";
import {
  bm25Retriever,
  buildBm25Index,
  denseRetriever,
  hybridRetriever,
  openBm25Index,
  openVectorIndex,
} from "@rag-instruct/retrieve";

const texts: Record<string, string> = {
  Trips: "Employees are paid back for rail fares and lodging within ten days of handing in their receipts.",
  Illness:
    "Whoever feels unwell informs the team by eight in the morning; from the third day on a physician confirms it.",
  Laptops: "Computers are replaced every four years. Broken screens are mended by the help desk on the second floor.",
  Visitors: "Guests wear a badge, are met at the reception and are accompanied at all times.",
  Parking: "The money for a parking permit is taken from the salary in twelve parts.",
  Ticket: "A ticket of the help desk is closed when whoever opened it agrees.",
};
const passages: Passage[] = Object.entries(texts).map(([title, text]) => ({ id: title.toLowerCase(), title, text }));

// A folder, a preset or owner/name on the hub; what is not on this machine is fetched once.
await using embedder = await onnxEmbedder({ model: process.env.EMBEDDING_MODEL ?? "all-MiniLM-L6-v2" });
await embedPassages({ passages, embedder, to: "embeddings" });
await buildBm25Index({ passages, to: "bm25" });

await using vectors = await openVectorIndex({ vectors: "embeddings" });
await using index = await openBm25Index("bm25");
const bm25 = bm25Retriever({ index, passages });
const dense = denseRetriever({ index: vectors, embedder, passages });
const hybrid = hybridRetriever([bm25, dense]);

const question = "How do I get the money for a train ticket back?";
console.log(question);
for (const [name, retriever] of Object.entries({ bm25, dense, hybrid })) {
  const [found = []] = await retriever.retrieve([question], { limit: 3 });
  console.log(`${name}: ${found.map(({ passage }) => passage.title).join(", ")}`);
}
