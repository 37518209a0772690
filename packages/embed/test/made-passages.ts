import { type Passage, seededRandom } from "@rag-instruct/core";
import { words } from "../../core/test/tiny-tokenizer.ts";

/** Passages of one to six words of the tiny model, the same every time. */
export function* madePassages(count: number): Generator<Passage> {
  for (let i = 0; i < count; i++) {
    const random = seededRandom("passage", i);
    const text = Array.from({ length: 1 + random.integer(6) }, () => words[4 + random.integer(12)]).join(" ");
    yield { id: `p${i}`, title: i % 3 ? "w4" : "", text };
  }
}
