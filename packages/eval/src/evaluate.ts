import {
  mapOrdered,
  type OnProgress,
  type Outcome,
  type Passage,
  RagInstructError,
  type Retriever,
  type Source,
} from "@rag-instruct/core";
import type { Calls, TextReply } from "@rag-instruct/core/calls";
import type { LanguageModel } from "ai";
import type { Benchmark } from "./benchmark.ts";
import { findBenchmark } from "./benchmarks.ts";
import { type CompletionModel, complete, type Sampling } from "./completion-model.ts";
import type { EvalItem } from "./item.ts";
import { defaultDocuments, layOutPrompt, type RenderPromptOptions, shownDocuments } from "./prompt.ts";
import { type Scored, scoreAnswer } from "./score-answer.ts";

/** Ways to draw answers by name; the published evaluation drew at temperature 0.5, top-p 0.9, 500 new tokens (eval_sglang.py and README). */
export const samplings = {
  greedy: { temperature: 0, maxOutputTokens: 500 },
  published: { temperature: 0.5, topP: 0.9, maxOutputTokens: 500 },
} as const satisfies Record<string, Sampling>;

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  benchmark: string | Benchmark;
  items: Source<EvalItem>;
  /** A model object of the AI SDK, asked by chat, or a server that continues raw prompts. */
  model: Exclude<LanguageModel, string> | CompletionModel;
  /** The run's paid calls: what was answered before is taken from their ledger, so that a run that was cut short goes on. */
  calls: Calls;
  /** Finds the paragraphs. Without it the items' own documents are shown. */
  retriever?: Retriever;
  /** Paragraphs shown; 0 asks closed-book. @default 10 */
  documents?: number;
  /** Changes the paragraphs before they are shown, after the cut to `documents`. */
  arrange?: (documents: readonly Passage[], item: EvalItem) => readonly Passage[];
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

interface Prepared {
  item: EvalItem;
  documents: readonly Passage[];
}

/** Queries handed to the retriever at a time. */
const retrievalBatch = 64;

/**
 * Asks a model every question and scores the answers, in the order of the items: accepted + failed = asked.
 * An item fails when its call does; errors that end every call (`breaker-open`, `budget-exhausted`), those of the
 * retriever and the signal's are thrown.
 */
export async function* evaluate(options: EvaluateOptions): AsyncGenerator<Outcome<Scored, EvalItem, never>> {
  const { concurrency = 64, template = "training", onProgress, signal } = options;
  const benchmark = findBenchmark(options.benchmark);
  const asker = createAsker(options);
  let done = 0;
  const outcomes = mapOrdered(
    prepare(benchmark, options),
    ({ item, documents }, { signal: inner }) => answer(item, documents, inner),
    { concurrency, ...(signal ? { signal } : {}) },
  );
  async function answer(
    item: EvalItem,
    documents: readonly Passage[],
    inner: AbortSignal,
  ): Promise<Outcome<Scored, EvalItem, never>> {
    const prompt = layOutPrompt(benchmark, item, { documents, template });
    try {
      const { text, finishReason } = await asker(prompt, inner);
      return {
        status: "accepted",
        id: item.id,
        value: scoreAnswer(benchmark, item, { output: text, documents, finishReason }),
      };
    } catch (error) {
      if (inner.aborted || isFinal(error)) throw error;
      return {
        status: "failed",
        id: item.id,
        input: item,
        error: error instanceof Error ? error : new Error(String(error)),
      };
    }
  }
  for await (const outcome of outcomes) {
    onProgress?.({ stage: "evaluate", done: ++done, note: benchmark.id });
    yield outcome;
  }
}

function isFinal(error: unknown): boolean {
  return RagInstructError.is(error, "breaker-open") || RagInstructError.is(error, "budget-exhausted");
}

async function* prepare(benchmark: Benchmark, options: EvaluateOptions): AsyncGenerator<Prepared> {
  const { retriever, documents: limit = defaultDocuments, arrange } = options;
  const shown = (item: EvalItem, documents: readonly Passage[]): Prepared => {
    const cut = shownDocuments(benchmark, item, { documents, limit });
    return { item, documents: arrange ? arrange(cut, item) : cut };
  };
  if (!retriever || limit === 0 || benchmark.ownContext) {
    for await (const item of options.items) yield shown(item, item.documents ?? []);
    return;
  }
  for await (const batch of batches(options.items, retrievalBatch)) {
    const signal = options.signal ? { signal: options.signal } : {};
    const found = await retriever.retrieve(
      batch.map(({ question }) => question),
      { limit, ...signal },
    );
    for (const [i, item] of batch.entries())
      yield shown(
        item,
        (found[i] ?? []).map(({ passage }) => passage),
      );
  }
}

async function* batches<T>(source: Source<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of source) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Part of the ledger key: raise it when what is asked changes for the same prompt. */
const version = "evaluate-1";

function createAsker({ model, calls, sampling = "greedy", seed }: EvaluateOptions) {
  const chosen: Sampling = typeof sampling === "string" ? samplings[sampling] : sampling;
  if (!chosen)
    throw new RagInstructError(
      "bad-option",
      `there is no sampling "${String(sampling)}"; there are ${Object.keys(samplings).join(", ")}`,
    );
  const settings: Sampling = { ...chosen, ...(seed === undefined ? {} : { seed }) };
  if (!("baseURL" in model))
    return (prompt: string, signal: AbortSignal) => calls.ask({ model, prompt, version, settings, signal });
  return async (prompt: string, signal: AbortSignal): Promise<TextReply> => {
    const raw = model.renderChat ? await model.renderChat(prompt) : prompt;
    return calls.perform<TextReply>({
      key: ["completions", model.baseURL, model.model, version, raw, settings],
      signal,
      execute: async (inner) => {
        const { text, finishReason, usage } = await complete(model, { prompt: raw, sampling: settings, signal: inner });
        return { value: { text, finishReason }, usage };
      },
    });
  };
}
