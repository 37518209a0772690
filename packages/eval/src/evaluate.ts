import {
  mapOrdered,
  type OnProgress,
  type Outcome,
  RagInstructError,
  type Retriever,
  type Source,
} from "@rag-instruct/core";
import type { Calls } from "@rag-instruct/core/calls";
import type { Arrangement } from "./arrangements.ts";
import { type AnsweringModel, createAsker, type samplings } from "./ask-model.ts";
import type { Benchmark } from "./benchmark.ts";
import { findBenchmark } from "./benchmarks.ts";
import type { Sampling } from "./completion-model.ts";
import type { EvalItem } from "./item.ts";
import { type EvaluateReason, type Prepared, prepareItems } from "./prepare-items.ts";
import { defaultDocuments, layOutPrompt, type RenderPromptOptions } from "./prompt.ts";
import { type Scored, scoreAnswer } from "./score-answer.ts";

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  benchmark: string | Benchmark;
  items: Source<EvalItem>;
  model: AnsweringModel;
  /** The run's paid calls: what was answered before is taken from their ledger, so that a run that was cut short goes on. */
  calls: Calls;
  /** Finds the paragraphs. Without it the items' own documents are shown. */
  retriever?: Retriever;
  /** Paragraphs shown; 0 asks closed-book. @default 10 */
  documents?: number;
  /** Changes the paragraphs before they are shown, after the cut to `documents`. */
  arrange?: Arrangement;
  template?: RenderPromptOptions["template"];
  /** @default "greedy" */
  sampling?: keyof typeof samplings | Sampling;
  /** Sent to the model, where it takes one. Another seed asks anew. */
  seed?: number;
  /** Items under way at the same time. @default 64; the calls bound what is asked at once */
  concurrency?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** How an item ended. */
export type EvaluateOutcome = Outcome<Scored, EvalItem, EvaluateReason>;

/**
 * Asks a model every question and scores the answers, in the order of the items: accepted + rejected + failed = requested.
 * An item is rejected when it cannot be scored, and fails when its call does; errors that end every call (`breaker-open`,
 * `budget-exhausted`), those of the retriever and the signal's are thrown.
 */
export async function* evaluate(options: EvaluateOptions): AsyncGenerator<EvaluateOutcome> {
  const { concurrency = 64, documents: limit = defaultDocuments, template = "training", onProgress, signal } = options;
  const benchmark = findBenchmark(options.benchmark);
  const ask = createAsker({ ...options, sampling: options.sampling ?? "greedy", seed: options.seed });

  async function answer(prepared: Prepared, inner: AbortSignal): Promise<EvaluateOutcome> {
    if ("status" in prepared) return prepared;
    const { item, documents } = prepared;
    const { id } = item;
    const prompt = layOutPrompt(benchmark, item, { documents, template });
    try {
      const { text, finishReason } = await ask(prompt, inner);
      const value = scoreAnswer(benchmark, item, { output: text, documents, finishReason });
      return { status: "accepted", id, value };
    } catch (cause) {
      if (inner.aborted || endsEveryCall(cause)) throw cause;
      return { status: "failed", id, input: item, error: cause instanceof Error ? cause : new Error(String(cause)) };
    }
  }

  const { items, retriever, arrange } = options;
  const prepared = prepareItems(benchmark, { items, retriever, limit, arrange, signal });
  const outcomes = mapOrdered(prepared, (each, { signal: inner }) => answer(each, inner), {
    concurrency,
    signal,
  });
  let done = 0;
  for await (const outcome of outcomes) {
    onProgress?.({ stage: "evaluate", done: ++done, note: benchmark.id });
    yield outcome;
  }
}

function endsEveryCall(error: unknown): boolean {
  return RagInstructError.is(error, "breaker-open") || RagInstructError.is(error, "budget-exhausted");
}
