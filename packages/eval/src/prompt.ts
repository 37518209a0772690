import { type Passage, RagInstructError, renderInstruction } from "@rag-instruct/core";
import type { Benchmark } from "./benchmark.ts";
import { findBenchmark } from "./benchmarks.ts";
import type { EvalItem } from "./item.ts";

/** What a template lays out. */
export interface BenchmarkPromptParts {
  /** In the order shown; none for a closed-book question. */
  documents: readonly Passage[];
  /** The benchmark's request and the question. */
  question: string;
  /** Choices without their letters. */
  options?: readonly string[];
}

/** Lays out the parts of a prompt. */
export type BenchmarkTemplate = (parts: BenchmarkPromptParts) => string;

/** The layouts by name. */
export const benchmarkTemplates = {
  /** The bytes that models are trained on: core's `renderInstruction`. */
  training: renderInstruction,
  /** The same with a closing `### Response:` line, as the published evaluation asks models that it does not wrap otherwise. */
  response: (parts: BenchmarkPromptParts): string => `${renderInstruction(parts)}\n### Response:\n`,
} satisfies Record<string, BenchmarkTemplate>;

/** Options of {@link renderBenchmarkPrompt}. */
export interface BenchmarkPromptOptions {
  /** What a retriever found for the question, best first. @default the item's own documents */
  documents?: readonly Passage[];
  /** Paragraphs shown; 0 asks closed-book, without the item's own context too where that stands in paragraphs. @default 10 */
  limit?: number;
  /** A name of {@link benchmarkTemplates} or a function. @default "training" */
  template?: keyof typeof benchmarkTemplates | BenchmarkTemplate;
}

/** Paragraphs that the published evaluation shows. */
export const defaultDocuments = 10;

/** The prompt of one item, as the method's evaluation asks it: numbered paragraphs, request, question, options. */
export function renderBenchmarkPrompt(
  benchmark: string | Benchmark,
  item: EvalItem,
  { documents = item.documents ?? [], limit = defaultDocuments, template = "training" }: BenchmarkPromptOptions = {},
): string {
  const found = findBenchmark(benchmark);
  return layOutPrompt(found, item, { documents: shownDocuments(found, item, { documents, limit }), template });
}

/** The prompt of one item with just these paragraphs. */
export function layOutPrompt(
  benchmark: Benchmark,
  item: EvalItem,
  { documents, template }: { documents: readonly Passage[]; template: NonNullable<BenchmarkPromptOptions["template"]> },
): string {
  const layOut = typeof template === "string" ? benchmarkTemplates[template] : template;
  if (!layOut) {
    throw new RagInstructError(
      "bad-option",
      `there is no template "${String(template)}"; there are ${Object.keys(benchmarkTemplates).join(", ")}`,
    );
  }
  return layOut({
    documents,
    question: benchmark.instruction(item),
    options: item.options,
  });
}

/** The paragraphs that an item is asked with. */
export function shownDocuments(
  benchmark: Benchmark,
  item: EvalItem,
  { documents, limit }: { documents: readonly Passage[]; limit: number },
): readonly Passage[] {
  if (!benchmark.ownContext || item.context === undefined) return documents.slice(0, limit);
  return limit === 0 ? [] : [{ id: item.id, title: "", text: item.context }];
}
