import {
  inBatches,
  mapOrdered,
  type OnProgress,
  type Outcome,
  type Passage,
  RagInstructError,
  type Retriever,
  type Source,
} from "@rag-instruct/core";
import type { Calls } from "@rag-instruct/core/calls";
import { type AnsweringModel, createAsker, type Sampling, type samplings } from "./answering-model.ts";
import type { Benchmark } from "./benchmark.ts";
import { findBenchmark } from "./benchmarks.ts";
import type { EvalItem } from "./item.ts";
import { type BenchmarkPromptOptions, defaultDocuments, layOutPrompt, shownDocuments } from "./prompt.ts";
import { type Scored, scoreAnswer } from "./score-answers.ts";

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
  template?: BenchmarkPromptOptions["template"];
  /** @default "greedy" */
  sampling?: keyof typeof samplings | Sampling;
  /** Sent to the model, where it takes one. Another seed asks anew. */
  seed?: number;
  /** Items under way at the same time. @default 64; the calls bound what is asked at once */
  concurrency?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Changes the paragraphs of an item before they are shown. */
export type Arrangement = (documents: readonly Passage[], item: EvalItem) => readonly Passage[];

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
      const closedBook = documents.length === 0 && item.context === undefined;
      const value = { ...scoreAnswer(benchmark, item, { output: text, documents, finishReason }), closedBook };
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

/** Why an item is not asked. */
export type EvaluateReason = "duplicate-id" | "missing-gold" | "missing-option";

/** An item with the paragraphs it is asked with, or its rejection. */
type Prepared =
  | { item: EvalItem; documents: readonly Passage[] }
  | Extract<Outcome<never, EvalItem, EvaluateReason>, { status: "rejected" }>;

/** Queries handed to the retriever at a time. */
const batchSize = 64;

/** Finds the paragraphs of each item; items that cannot be scored are rejected before anything is paid for. */
async function* prepareItems(
  benchmark: Benchmark,
  {
    items,
    retriever,
    limit,
    arrange,
    signal,
  }: {
    items: Source<EvalItem>;
    retriever: Retriever | undefined;
    limit: number;
    arrange: Arrangement | undefined;
    signal: AbortSignal | undefined;
  },
): AsyncGenerator<Prepared> {
  const seen = new Set<string>();
  const isAsked = retriever !== undefined && limit > 0 && !benchmark.ownContext;
  for await (const batch of inBatches(items, isAsked ? batchSize : 1)) {
    const found = isAsked ? await retrieve(retriever, batch, { limit, signal }) : [];
    for (const [i, item] of batch.entries()) {
      const rejection = reject(item, { benchmark, seen });
      seen.add(item.id);
      if (rejection) {
        yield rejection;
        continue;
      }
      const documents = isAsked ? (found[i] ?? []) : (item.documents ?? []);
      const cut = shownDocuments(benchmark, item, { documents, limit });
      yield { item, documents: arrange ? arrange(cut, item) : cut };
    }
  }
}

async function retrieve(
  retriever: Retriever,
  batch: readonly EvalItem[],
  { limit, signal }: { limit: number; signal: AbortSignal | undefined },
): Promise<Passage[][]> {
  const queries = batch.map(({ question }) => question);
  const found = await retriever.retrieve(queries, { limit, signal });
  return found.map((list) => list.map(({ passage }) => passage));
}

function reject(
  item: EvalItem,
  { benchmark, seen }: { benchmark: Benchmark; seen: ReadonlySet<string> },
): Extract<Prepared, { status: "rejected" }> | undefined {
  const because = (reason: EvaluateReason, detail: string) =>
    ({ status: "rejected", id: item.id, input: item, reason, detail }) as const;
  if (seen.has(item.id)) return because("duplicate-id", `an earlier item has the id ${item.id}`);
  if (item.golds.length === 0) return because("missing-gold", `item ${item.id} has no gold answer`);
  const needsOptions = benchmark.task === "multiple-choice" && !(benchmark.hasOpen && item.options === undefined);
  if (needsOptions && (item.options?.length ?? 0) < 2) {
    return because("missing-option", `item ${item.id} of ${benchmark.id} has no options to choose from`);
  }
  return undefined;
}
