import { type Passage, seededRandom, type TrainingDocument, type TrainingExample } from "@rag-instruct/core";

const words =
  "the harbour of a small town keeps its old crane beside the water while ships bring timber salt wool and grain from far along the coast to people".split(
    " ",
  );

/** Sound examples of ten documents of 100 words, made as they are asked for; the passages are drawn from 5,000. */
export function* madeStream(count: number): Generator<TrainingExample> {
  const passages = Array.from({ length: 5_000 }, (_, i): Passage => {
    const random = seededRandom("passage", i);
    const text = Array.from({ length: 100 }, () => `${random.pick(words)}${random.integer(100)}`).join(" ");
    return { id: `p${i}`, title: `Port ${i}`, text };
  });
  for (let i = 0; i < count; i++) {
    const documents = Array.from({ length: 10 }, (_, k): TrainingDocument => {
      const passage = passages[(i * 7 + k * 491) % passages.length]!;
      return k < 2 ? { ...passage, role: "source" } : { ...passage, role: "noise", rank: 200 + k };
    });
    yield {
      id: `example-${i}`,
      paradigm: "multi-doc-answer",
      question: `From which year does crane ${i} of the old harbour date, and who built it?`,
      answer: `Crane ${i} was built by the guild of porters in the year ${1200 + (i % 700)}.`,
      documents,
      sourceIds: documents.slice(0, 2).map(({ id }) => id),
      model: "made",
    };
  }
}
