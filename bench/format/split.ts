import { parseArgs } from "node:util";
import { splitExamples } from "@rag-instruct/format";
import { madeStream } from "./made-stream.ts";

/**
 * Splits examples by their questions alone (each has documents of its own) and prints time and peak memory:
 *   node --conditions=@rag-instruct/source bench/format/split.ts --examples 100000
 */
const { values } = parseArgs({ options: { examples: { type: "string", default: "100000" } } });
const count = Number(values.examples);

function* apart() {
  let i = 0;
  for (const example of madeStream(count)) {
    const documents = example.documents.map((document, k) => ({ ...document, id: `${i}-${k}` }));
    // Far apart: word pairs that no other question has.
    const question = Array.from({ length: 12 }, (_, k) => `word${(i * 12 + k).toString(36)}`).join(" ");
    i += 1;
    yield { ...example, documents, question };
  }
}
const begun = performance.now();
const { counts } = await splitExamples({ examples: apart(), seed: 1, documents: "sources" });
const seconds = (performance.now() - begun) / 1_000;
const peak = process.resourceUsage().maxRSS / 1_024;
console.log("| examples | seconds | examples/s | peak memory, MiB | bytes an example |\n|---|---|---|---|---|");
console.log(
  `| ${Object.values(counts).reduce((a, b) => a + b)} | ${seconds.toFixed(1)} | ${Math.round(count / seconds)} | ${peak.toFixed(0)} | ${Math.round((peak * 2 ** 20) / count)} |`,
);
