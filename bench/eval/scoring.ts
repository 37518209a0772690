import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { seededRandom } from "@rag-instruct/core";
import { type EvalItem, findBenchmark, scoreAnswer, scoreItem, scoreReference } from "@rag-instruct/eval";

// Predictions scored a second, one thread: made-up items and answers in the proportions that models give them, right and
// wrong, short and in sentences. With RAG_INSTRUCT_BENCH_SCORER (the published scorer.py) and RAG_INSTRUCT_BENCH_PYTHON
// the published scorer runs over the same answers, and its verdicts are compared.

const count = 100_000;
const random = seededRandom(1, "scoring");
const syllables = ["ka", "lo", "mir", "ten", "va", "sol", "bri", "an", "dor", "ul", "pe", "quin"];
const word = () => Array.from({ length: 2 + random.integer(2) }, () => random.pick(syllables)).join("");
const name = () =>
  Array.from({ length: 1 + random.integer(3) }, word)
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join(" ");
const filler = () => Array.from({ length: 8 + random.integer(12) }, word).join(" ");

interface Case {
  benchmark: string;
  source: string;
  item: EvalItem;
  output: string;
}

function openCase(i: number): Case {
  const golds = Array.from({ length: 1 + random.integer(6) }, name);
  const answer = random.next() < 0.6 ? random.pick(golds) : name();
  const output =
    random.next() < 0.4 ? `${answer}.` : `Based on the documents, ${filler()}. The answer is ${answer}, ${filler()}.`;
  return { benchmark: "popqa", source: "popqa_longtail_w_gs", item: { id: String(i), question: "", golds }, output };
}

function choiceCase(i: number): Case {
  const options = Array.from({ length: 4 }, () => `${word()} ${word()} ${word()}`);
  const letter = random.pick(["A", "B", "C", "D"]);
  const forms = [
    letter,
    `The answer is ${letter}.`,
    `${letter}. ${options["ABCD".indexOf(letter)]}`,
    `It is ${options["ABCD".indexOf(letter)]}.`,
  ];
  const item = { id: String(i), question: "", golds: [random.pick(["A", "B", "C", "D"])], options };
  return { benchmark: "arc-challenge", source: "arc_challenge_processed", item, output: random.pick(forms) };
}

function figureCase(i: number): Case {
  const gold = (random.next() * 200 - 50).toFixed(random.integer(4));
  const output = random.pick([
    gold,
    `$${gold} million`,
    `The change is (164 - 189) / 189 = ${gold}%.`,
    `about ${random.integer(500)}`,
  ]);
  return {
    benchmark: "convfinqa",
    source: "ConvFinQA_test_retrieved",
    item: { id: String(i), question: "", golds: [gold] },
    output,
  };
}

function verdictCase(i: number): Case {
  const output = random.pick([
    "True",
    "False.",
    `The statement is false because ${filler()}.`,
    `It is not true that ${filler()}.`,
  ]);
  return {
    benchmark: "pubhealth",
    source: "health_claims_processed",
    item: { id: String(i), question: "", golds: [random.pick(["true", "false"])] },
    output,
  };
}

// Seven of the eleven benchmarks are open, two are multiple choice, one has figures, one or two verdicts.
const makers = [
  openCase,
  openCase,
  openCase,
  openCase,
  openCase,
  openCase,
  openCase,
  choiceCase,
  choiceCase,
  figureCase,
  verdictCase,
];
const cases = Array.from({ length: count }, (_, i) => makers[i % makers.length]!(i));

/** Best of five rounds, by the clock and by the processor's own time, which other processes on the machine disturb less. */
function rate(label: string, run: (each: Case) => unknown): number {
  let best = { clock: 0, processor: 0 };
  for (let round = 0; round < 5; round++) {
    const started = { clock: performance.now(), processor: process.cpuUsage() };
    for (const each of cases) run(each);
    const { user, system } = process.cpuUsage(started.processor);
    best = {
      clock: Math.max(best.clock, count / ((performance.now() - started.clock) / 1e3)),
      processor: Math.max(best.processor, count / ((user + system) / 1e6)),
    };
  }
  const figure = (value: number) => Math.round(value).toLocaleString("en").padStart(10);
  console.log(`${label.padEnd(44)} ${figure(best.clock)} predictions/s ${figure(best.processor)} per processor second`);
  return best.clock;
}

rate("scoreItem", ({ benchmark, item, output }) => scoreItem(benchmark, item, output));
const ours = rate("scoreReference", ({ benchmark, item, output }) => scoreReference(benchmark, item, output));
rate("both, as evaluate does (scoreAnswer)", ({ benchmark, item, output }) =>
  scoreAnswer(findBenchmark(benchmark), item, { output }),
);

const scorer = process.env.RAG_INSTRUCT_BENCH_SCORER;
if (scorer) compareWithPublished(scorer);

function compareWithPublished(path: string): void {
  const folder = mkdtempSync(join(tmpdir(), "scoring-"));
  try {
    const records = cases.map(({ source, item, output }) => ({
      source,
      golds: item.golds,
      output,
      instruction: "",
      options: item.options ? Object.fromEntries(item.options.map((text, i) => ["ABCD"[i], text])) : undefined,
    }));
    writeFileSync(join(folder, "data.json"), JSON.stringify(records));
    const script = `import json, sys, time
sys.path.insert(0, sys.argv[1])
from scorer import score
data = json.load(open(sys.argv[2]))
start = time.perf_counter()
result, _, _ = score(data)
print(json.dumps({"seconds": time.perf_counter() - start, "right": sum(row[1] for row in result.values())}))`;
    const python = process.env.RAG_INSTRUCT_BENCH_PYTHON ?? "python3";
    const { stdout, stderr } = spawnSync(python, ["-c", script, dirname(path), join(folder, "data.json")], {
      encoding: "utf8",
    });
    if (stdout === "") throw new Error(stderr);
    const published = JSON.parse(stdout) as { seconds: number; right: number };
    const theirs = count / published.seconds;
    const right = cases.filter(
      ({ benchmark, item, output }) => scoreReference(benchmark, item, output)?.correct,
    ).length;
    console.log(
      `${"published scorer.py".padEnd(44)} ${Math.round(theirs).toLocaleString("en").padStart(10)} predictions/s`,
    );
    console.log(
      `scoreReference is ${(ours / theirs).toFixed(1)} times as fast; right answers: ${right} here, ${published.right} there`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
