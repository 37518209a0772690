// Two models on the same questions, one after training on your documents: is the difference one, or chance?
import { writeFile } from "node:fs/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { openCalls } from "@rag-instruct/core/calls";
import {
  buildEvalReport,
  compareAnswers,
  defineBenchmark,
  type EvaluateOutcome,
  evaluate,
  questionsOf,
  readBenchmark,
  type Scored,
  summarizeBenchmark,
  writeEvalReport,
} from "@rag-instruct/eval";

const servers = {
  base: process.env.BASE_URL ?? "http://127.0.0.1:8000/v1",
  trained: process.env.TRAINED_URL ?? "http://127.0.0.1:8001/v1",
};

// A benchmark of your own: questions, answers that count as right, and the paragraphs that are shown.
const records = Array.from({ length: 60 }, (_, i) => ({
  question: `How many days does team ${i} have to answer?`,
  answers: [`${3 + (i % 25)} days`],
  ctxs: [
    { title: `Team ${i + 1}`, text: `Team ${i + 1} answers within ${3 + ((i + 1) % 25)} days.` },
    { title: `Team ${i}`, text: `Team ${i} answers within ${3 + (i % 25)} days.` },
  ],
}));
await writeFile("handbook.jsonl", records.map((record) => `${JSON.stringify(record)}\n`).join(""));
const benchmark = defineBenchmark({ id: "handbook" });

await using calls = await openCalls({ ledger: "ledger.jsonl", concurrency: { max: 8 } });
const answers: Record<string, Scored[]> = {};
const asked: { model: string; outcomes: EvaluateOutcome[] }[] = [];
const models = [];
for (const [model, baseURL] of Object.entries(servers)) {
  const outcomes = await Array.fromAsync(
    evaluate({
      benchmark,
      items: readBenchmark({ benchmark, from: "handbook.jsonl" }),
      model: createOpenAICompatible({ name: model, baseURL })(model),
      calls,
    }),
  );
  answers[model] = outcomes.flatMap((outcome) => (outcome.status === "accepted" ? [outcome.value] : []));
  asked.push({ model, outcomes });
  models.push({ model, benchmarks: [await summarizeBenchmark({ benchmark, outcomes })] });
}

const comparison = compareAnswers(answers.base!, answers.trained!)!;
const { difference, low, high, better, worse, pValue } = comparison;
const points = (share: number) => (100 * share).toFixed(1);
console.log(`trained against base: ${points(difference)} points [${points(low)}, ${points(high)}]`);
console.log(`${better} questions better, ${worse} worse, p = ${pValue.toFixed(4)}`);
const comparisons = [{ benchmark: benchmark.id, first: "base", second: "trained", comparison }];
await writeEvalReport(buildEvalReport({ command: "node compare-models.ts", models, comparisons }), {
  to: "report",
  questions: questionsOf(benchmark.id, asked),
});
console.log("open report/eval.html");
