import type { SynthesisTask } from "@rag-instruct/simulate";

const sentence = "The northern line was surveyed by engineer Kowalski, who kept a diary of every bridge and station. ";

/** A plan as long as asked for, made while it is read: documents of about a hundred words. */
export function* makeTasks(count: number): Generator<SynthesisTask> {
  for (let i = 0; i < count; i++) {
    yield {
      id: `t${i}`,
      paradigm: "single-doc-answer",
      exemplar: { id: `e${i}`, question: "How tall is the tower?", source: "s", task: "open" },
      documents: [{ id: `d${i}`, title: `Station ${i}`, text: `Number ${i}. ${sentence.repeat(6)}` }],
      reserve: false,
    };
  }
}
