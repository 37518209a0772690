import type { Pair } from "@rag-instruct/core";
import { seededRandom } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";

/** A pair as it was drawn, and what its reader says: whether a person could have asked it so and would take the answer for one. */
export interface LabelledPair extends Pick<Pair, "paradigm" | "question" | "options" | "answer"> {
  corpus: string;
  readable?: boolean;
}

/**
 * Draws accepted pairs of the offline model for reading, alike many of each paradigm as far as there are any:
 * `node --conditions=@rag-instruct/source bench/offline/draw.ts 34 <pairs.jsonl> …`, so many of each file, as lines without labels.
 */
const [each = "34", ...files] = process.argv.slice(2);
for (const file of files) {
  const byParadigm = new Map<string, Pair[]>();
  for await (const pair of readJsonl<Pair>(file))
    byParadigm.set(pair.paradigm, [...(byParadigm.get(pair.paradigm) ?? []), pair]);
  const waiting = [...byParadigm.values()].map((pairs) => seededRandom("offline", file).shuffle(pairs));
  for (let left = Number(each); left > 0 && waiting.some((pairs) => pairs.length > 0); ) {
    for (const pairs of waiting) {
      const pair = left > 0 ? pairs.pop() : undefined;
      if (!pair) continue;
      left--;
      const { paradigm, question, options, answer } = pair;
      console.log(JSON.stringify({ corpus: file, paradigm, question, options, answer } satisfies LabelledPair));
    }
  }
}
