import { type Sampling, samplings } from "../answering-model.ts";
import type { Benchmark } from "../benchmark.ts";
import { benchmarks } from "../benchmarks.ts";
import { defaultDocuments } from "../prompt.ts";
import type { BenchmarkSummary } from "./summarize-benchmark.ts";

/** How a model was asked: what a figure must share with a published one before the two compare. */
export interface AskedUnder {
  /** @default "greedy" */
  sampling?: keyof typeof samplings | Sampling;
  /** Name of the layout, or the file of templates. @default "training" */
  template?: string;
  /** Paragraphs shown at most. @default 10 */
  documents?: number;
  /** Where the paragraphs came from. @default the file's own contexts */
  retriever?: string;
  /** Whether prompts were sent as raw completions; else by chat. @default false */
  raw?: boolean;
}

/** One condition of a figure, and whether it is the published one. */
export interface Condition {
  name: "sampling" | "layout" | "asked by" | "documents" | "subset" | "n";
  here: string;
  published: string;
  isPublished: boolean;
}

/**
 * The conditions of one benchmark's figure beside those of the published one: the method's evaluation script and the command of its
 * README. What neither states is "not stated" and never counts as the same.
 */
export function conditionsOf(summary: BenchmarkSummary, asked: AskedUnder = {}): Condition[] {
  const { sampling = "greedy", template = "training", documents = defaultDocuments, retriever, raw = false } = asked;
  const benchmark = knownBenchmark(summary);
  const isClosedBook = summary.answered > 0 && summary.closedBook === summary.answered;
  const shown = isClosedBook
    ? "none"
    : benchmark?.ownContext
      ? "its own abstract"
      : `${documents} ${retriever ? `by ${retriever}` : "of the file"}`;
  const { count, rule } = benchmark?.subset ?? { count: benchmark?.testSize, rule: "all" };
  const state = (name: Condition["name"], here: string, published: string): Condition => ({
    name,
    here,
    published,
    isPublished: here === published,
  });
  return [
    state(
      "sampling",
      describeSampling(typeof sampling === "string" ? samplings[sampling] : sampling),
      describeSampling(samplings.published),
    ),
    state("layout", template, "published"),
    state("asked by", raw ? "raw completions" : "chat", "raw completions"),
    state("documents", shown, benchmark?.ownContext ? "its own abstract" : `${defaultDocuments} of the file`),
    state("subset", summary.subset ? rule : "all", rule),
    state("n", String(summary.asked), count === undefined ? "not stated" : String(count)),
  ];
}

/** The benchmark of a summary, unless it is one of the user's own. */
export function knownBenchmark({ benchmark }: BenchmarkSummary): Benchmark | undefined {
  return Object.values<Benchmark>(benchmarks).find(({ id }) => id === benchmark);
}

function describeSampling({ temperature, topP, maxOutputTokens }: Sampling): string {
  const nucleus = topP === undefined ? "" : `, top-p ${topP}`;
  return `temperature ${temperature}${nucleus}, ${maxOutputTokens} tokens`;
}
