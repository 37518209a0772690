import { tokensAbout } from "@rag-instruct/core";
import { findBenchmark } from "./benchmarks.ts";
import { renderBenchmarkPrompt } from "./prompt.ts";
import { readBenchmark } from "./read-benchmark.ts";

/** Options of {@link estimateEvaluation}. */
export interface EstimateEvaluationOptions {
  /** Benchmark id and file, or files, such as `["popqa", "popqa.jsonl"]`. */
  benchmarks: readonly (readonly [id: string, from: string | readonly string[]])[];
  /** Paragraphs shown. @default as a prompt has them */
  documents?: number;
  /** Questions of each benchmark, from the first on. @default all */
  limit?: number;
  /** Models that are asked the same. @default 1 */
  models?: number;
  signal?: AbortSignal;
}

const outputTokensAnAnswer = 100;

/** What asking models the questions of benchmarks takes, about: a call each. Reads the files once. */
export async function estimateEvaluation({
  benchmarks,
  documents,
  limit,
  models = 1,
  signal,
}: EstimateEvaluationOptions): Promise<{
  questions: number;
  calls: number;
  inputTokens: number;
  outputTokens: number;
}> {
  let [questions, inputTokens] = [0, 0];
  for (const [id, from] of benchmarks) {
    const benchmark = findBenchmark(id);
    for await (const item of readBenchmark({ benchmark: id, from, limit, onRejected: () => {}, signal })) {
      questions++;
      inputTokens += tokensAbout(renderBenchmarkPrompt(benchmark, item, { limit: documents }));
    }
  }
  const calls = questions * models;
  return { questions, calls, inputTokens: inputTokens * models, outputTokens: calls * outputTokensAnAnswer };
}
