import { type Exemplar, hashTable, hashWords, type OnProgress, type Source } from "@rag-instruct/core";
import { byCount, count, type PairOutcome, textCounter, verdictCounter } from "./counters.ts";
import type { SetReport } from "./report.ts";

/** Options of {@link setReport}. */
export interface SetReportOptions {
  /** Of synthesis or of verification, read once. */
  outcomes: Source<PairOutcome>;
  /** The exemplars, for the shares of their datasets. @default none: the report has no shares */
  exemplars?: Source<Pick<Exemplar, "id" | "source">>;
  /** Passages of the corpus, for the coverage. @default unknown */
  corpusSize?: number;
  /** Questions drawn for self-BLEU. @default 1000 */
  sample?: number;
  /** @default 1 */
  seed?: number | string;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Puts a set into figures in one pass. Memory grows with the distinct documents, exemplars and n-grams, never with the texts. */
export async function setReport(options: SetReportOptions): Promise<SetReport> {
  const { outcomes, corpusSize, sample = 1000, seed = 1, signal, onProgress } = options;
  const datasets = new Map<string, string>();
  for await (const { id, source } of options.exemplars ?? []) datasets.set(id, source);
  const verdicts = verdictCounter();
  const texts = textCounter({ sample, seed });
  const uses = { documents: useCounter(), exemplars: useCounter() };
  const sources = new Map<string, number>();
  let done = 0;
  for await (const outcome of outcomes) {
    signal?.throwIfAborted();
    verdicts.add(outcome);
    if (++done % 1000 === 0) onProgress?.({ stage: "set-report", done });
    if (outcome.status !== "accepted") continue;
    const pair = outcome.value;
    texts.add(pair);
    for (const { id } of pair.documents) uses.documents.add(id);
    uses.exemplars.add(pair.exemplarId);
    count(sources, datasets.get(pair.exemplarId) ?? "unknown");
  }
  const { accepted } = verdicts.figures();
  const { uses: documentUses, distinct, most } = uses.documents.figures();
  return {
    version: 1,
    seed,
    ...verdicts.figures(),
    documents: {
      uses: documentUses,
      distinct,
      mostUsesOfOne: most,
      corpus: corpusSize,
      coverage: corpusSize === undefined ? undefined : corpusSize > 0 ? distinct / corpusSize : 0,
    },
    ...texts.figures(),
    exemplars: {
      distinct: uses.exemplars.figures().distinct,
      mostPairsOfOne: uses.exemplars.figures().most,
      sources: options.exemplars
        ? Object.entries(byCount(sources)).map(([source, pairs]) => ({
            source,
            pairs,
            share: pairs / accepted,
          }))
        : undefined,
    },
  };
}

/** Counts how often each id comes, by hashes of 64 bits. */
function useCounter(): { add(id: string): void; figures(): { uses: number; distinct: number; most: number } } {
  const table = hashTable();
  let uses = 0;
  let most = 0;
  return {
    add(id) {
      const { highs, lows } = hashWords([id]);
      const times = (table.get(highs[0]!, lows[0]!) ?? 0) + 1;
      table.set(highs[0]!, lows[0]!, times);
      uses++;
      most = Math.max(most, times);
    },
    figures: () => ({ uses, distinct: table.size, most }),
  };
}
