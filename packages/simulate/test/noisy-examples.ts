import { type Passage, seededRandom, type TrainingExample } from "@rag-instruct/core";
import { demoPassages } from "./demo-passages.ts";
import { labelledPairs } from "./labelled-pairs.ts";

/** An example of which it is known whether a noise document answers its question. */
export interface NoisyExample {
  example: TrainingExample;
  /** Id of the noise document that answers. */
  answering?: string;
}

/** Training examples of right pairs, with noise from the same corpus; a copy of a source stands among the noise of so large a share. */
export function noisyExamples({ count, badShare }: { count: number; badShare: number }): NoisyExample[] {
  const passages = demoPassages();
  const pairs = labelledPairs(passages, { each: Math.ceil(count / 4), seed: 7, rightAlone: true })
    .filter(({ pair }) => pair.paradigm.endsWith("doc-answer"))
    .slice(0, count);
  return pairs.map(({ pair }, i) => {
    const random = seededRandom("noisy", i);
    const { id, paradigm, question, answer, options, documents } = pair;
    const others = random
      .shuffle(passages.filter(({ title }) => documents.every((source) => source.title !== title)))
      .slice(0, 6);
    const isBad = random.next() < badShare;
    const told = documents.map(({ text }) => text).join(" ");
    const copy: Passage = { id: `copy-${i}`, title: "Notes", text: `${others[0]!.text} ${told}` };
    const noise = random.shuffle([...others, ...(isBad ? [copy] : [])]).slice(0, isBad ? undefined : 6);
    const example: TrainingExample = {
      id,
      paradigm,
      question,
      answer,
      options,
      documents: [
        ...documents.map((document) => ({ ...document, role: "source" as const })),
        ...noise.map((document) => ({ ...document, role: "noise" as const, rank: 201 })),
      ],
      sourceIds: documents.map(({ id }) => id),
    };
    return { example, answering: isBad ? copy.id : undefined };
  });
}
