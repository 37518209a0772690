import { inBatches, type Outcome, type Passage, type Retriever, type Source } from "@rag-instruct/core";
import type { Arrangement } from "./arrangements.ts";
import type { Benchmark } from "./benchmark.ts";
import type { EvalItem } from "./item.ts";
import { shownDocuments } from "./prompt.ts";

/** Why an item is not asked. */
export type EvaluateReason = "duplicate-id" | "missing-gold" | "missing-option";

/** An item with the paragraphs it is asked with, or its rejection. */
export type Prepared =
  | { item: EvalItem; documents: readonly Passage[] }
  | Extract<Outcome<never, EvalItem, EvaluateReason>, { status: "rejected" }>;

/** Queries handed to the retriever at a time. */
const batchSize = 64;

/** Finds the paragraphs of each item; items that cannot be scored are rejected before anything is paid for. */
export async function* prepareItems(
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
  if (benchmark.task === "multiple-choice" && (item.options?.length ?? 0) < 2) {
    return because("missing-option", `item ${item.id} of ${benchmark.id} has no options to choose from`);
  }
  return undefined;
}
