// Precision and recall of the lexical level on pairs made right and wrong by construction, kind by kind, as a Markdown table.
//   node --conditions=@rag-instruct/source bench/verify/lexical.ts [--mistakes]
import { verify } from "@rag-instruct/simulate";
import { demoPassages } from "../../packages/simulate/test/demo-passages.ts";
import { labelledPairs } from "../../packages/simulate/test/labelled-pairs.ts";

const set = labelledPairs(demoPassages(), { each: 22, seed: 1 });
const outcomes = await Array.fromAsync(
  verify({ pairs: set.map(({ pair }) => pair), exemplars: set.map(({ exemplar }) => exemplar) }),
);
const rows = set.map(({ kind, reasons }, i) => {
  const outcome = outcomes[i]!;
  const said = outcome.status === "rejected" ? outcome.reason : undefined;
  return { kind, said, wanted: reasons.lexical, isRight: kind === "right", question: set[i]!.pair.question };
});

const share = (part: number, whole: number) => (whole === 0 ? "–" : (part / whole).toFixed(3));
const kinds = Object.entries(Object.groupBy(rows, ({ kind }) => kind)).map(([kind, of]) => ({ kind, of: of! }));
console.log("| kind of pair | pairs | rejected | recall | precision of its reason |\n|---|---|---|---|---|");
for (const { kind, of } of kinds) {
  const rejected = of.filter(({ said }) => said !== undefined);
  const wanted = of[0]!.wanted;
  if (kind === "right") {
    console.log(`| right, all five paradigms | ${of.length} | ${rejected.length} | – | – |`);
    continue;
  }
  // A pair that says its reason and is of another kind that does not have it counts against the precision.
  const saying = rows.filter(({ said }) => said !== undefined && wanted?.includes(said));
  const justly = saying.filter(({ wanted: own, said }) => own?.includes(said!));
  const recall = wanted ? share(of.filter(({ said }) => said && wanted.includes(said)).length, of.length) : "by model";
  console.log(
    `| ${kind} | ${of.length} | ${rejected.length} | ${recall} | ${wanted ? share(justly.length, saying.length) : "–"} |`,
  );
}
const rejected = rows.filter(({ said }) => said !== undefined);
const wrong = rejected.filter(({ isRight }) => !isRight);
const decidable = rows.filter(({ wanted }) => wanted);
console.log(
  `\n${rows.length} pairs: precision of a rejection ${share(wrong.length, rejected.length)}; recall ${share(
    decidable.filter(({ said }) => said !== undefined).length,
    decidable.length,
  )} of the ${decidable.length} wrong pairs that words can tell, ${share(wrong.length, rows.filter(({ isRight }) => !isRight).length)} of all wrong ones.`,
);
if (process.argv.includes("--mistakes")) {
  for (const { kind, said, wanted, question } of rows) {
    if (said !== undefined && !wanted?.includes(said)) console.log(`${kind}: ${said} — ${question}`);
    if (said === undefined && wanted) console.log(`${kind}: accepted — ${question}`);
  }
}
