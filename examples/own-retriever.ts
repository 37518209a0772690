// Any object with `retrieve` is a retriever: here the overlap of words, fused with BM25 and used to plan tasks.
import { type Passage, type Retriever, wordsOf } from "@rag-instruct/core";
import { bm25Retriever, buildBm25Index, hybridRetriever, openBm25Index } from "@rag-instruct/retrieve";
import { planTasks } from "@rag-instruct/simulate";

const passages: Passage[] = Array.from({ length: 40 }, (_, i) => ({
  id: `p${i}`,
  title: `Room ${i}`,
  text: `Room ${i} has ${2 + (i % 9)} windows, ${1 + (i % 4)} doors and a heater that was serviced in week ${1 + i}.`,
}));

const overlap: Retriever = {
  id: "word-overlap",
  async retrieve(queries, { limit, skip = 0 }) {
    return queries.map((query) => {
      const asked = new Set(wordsOf(query));
      const scored = passages.map((passage) => ({
        passage,
        score: wordsOf(passage.text).filter((word) => asked.has(word)).length,
      }));
      const ranked = scored.sort((a, b) => b.score - a.score).map((entry, i) => ({ ...entry, rank: i + 1 }));
      return ranked.slice(skip, limit);
    });
  },
};

await buildBm25Index({ passages, to: "bm25" });
await using index = await openBm25Index("bm25");
const bm25 = bm25Retriever({ index, passages });

const tasks = planTasks({
  exemplars: [
    { id: "e", question: "How many windows does the room with two doors have?", source: "mine", task: "open" },
  ],
  retriever: hybridRetriever([bm25, overlap]),
  counts: { "single-doc-answer": 3, "multi-doc-answer": 2 },
});
for await (const { paradigm, documents, reserve } of tasks) {
  console.log(paradigm, documents.map(({ title }) => title).join(", "), reserve ? "(reserve)" : "");
}
