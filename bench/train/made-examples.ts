import {
  accepted,
  type Pair,
  type Passage,
  type Retriever,
  seededRandom,
  type TrainingExample,
} from "@rag-instruct/core";
import { assembleExamples } from "@rag-instruct/format";

const words =
  "the harbour of a small town keeps its old crane beside the water while ships bring timber salt wool and grain from far along the coast".split(
    " ",
  );

/** Passages of about 60 words, each of its own. */
function madeCorpus(size: number): Passage[] {
  return Array.from({ length: size }, (_, i) => {
    const random = seededRandom("corpus", i);
    const text = Array.from(
      { length: 60 },
      () => `${random.pick(words)}${random.next() < 0.3 ? random.integer(99) : ""}`,
    );
    return {
      id: `p${i}`,
      title: `Port ${i}`,
      text: `${text.join(" ")}. The crane of port ${i} dates from ${1000 + i}.`,
    };
  });
}

/** Sound training examples from a corpus made here, assembled as a run assembles them. */
export async function* madeExamples(count: number): AsyncGenerator<TrainingExample> {
  const corpus = madeCorpus(500);
  const retriever: Retriever = {
    id: "made",
    async retrieve(queries, { limit, skip = 0 }) {
      return queries.map((query) =>
        seededRandom("ranking", query)
          .shuffle(corpus)
          .map((passage, i) => ({ passage, score: -i, rank: i + 1 }))
          .slice(skip, limit),
      );
    },
  };
  const pairs = Array.from({ length: count }, (_, i): Pair => {
    const port = i % corpus.length;
    return {
      id: `pair-${i}`,
      paradigm: "single-doc-answer",
      exemplarId: `exemplar-${i}`,
      question: `From which year does the crane of port ${port} date? (${i})`,
      answer: `It dates from the year ${1000 + port}.`,
      documents: [corpus[port]!],
      model: "made",
    };
  });
  yield* accepted(assembleExamples({ pairs, retriever, seed: 1 }));
}
