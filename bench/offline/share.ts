import { join } from "node:path";
import { amount } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";
import type { LabelledPair } from "./draw.ts";

/** The share of drawn pairs that read well, by corpus: `node --conditions=@rag-instruct/source bench/offline/share.ts`. */
const labels = await Array.fromAsync(readJsonl<LabelledPair>(join(import.meta.dirname, "labels.jsonl")));
const byCorpus = Object.entries(Object.groupBy(labels, ({ corpus }) => corpus));
for (const [corpus, pairs = []] of [...byCorpus, ["all", labels] as const])
  console.log(
    `${corpus}: ${pairs.filter(({ readable }) => readable).length} of ${amount(pairs.length, "pair")} readable`,
  );
