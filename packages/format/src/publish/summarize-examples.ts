import type { OnProgress, Source, TrainingExample } from "@rag-instruct/core";

/** What a set of examples holds, in figures. */
export interface SetSummary {
  examples: number;
  /** Examples by paradigm and by the model that wrote them; "unknown" where the data does not say. */
  paradigms: Record<string, number>;
  models: Record<string, number>;
  /** Documents by role. */
  roles: Record<string, number>;
  /** Noise documents from better ranks than asked for, by reason. */
  relaxed: Record<string, number>;
  /** Examples without any source document. */
  withoutSources: number;
  /** Least and most documents of an example. */
  documents: { least: number; most: number };
}

/** Counts a set in one pass and constant memory. */
export async function summarizeExamples(
  examples: Source<TrainingExample>,
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<SetSummary> {
  const summary: SetSummary = {
    examples: 0,
    paradigms: {},
    models: {},
    roles: {},
    relaxed: {},
    withoutSources: 0,
    documents: { least: Number.POSITIVE_INFINITY, most: 0 },
  };
  for await (const { paradigm, model = "unknown", documents } of examples) {
    signal?.throwIfAborted();
    summary.examples += 1;
    count(summary.paradigms, paradigm);
    count(summary.models, model);
    for (const { role, relaxed } of documents) {
      count(summary.roles, role);
      if (relaxed) count(summary.relaxed, relaxed);
    }
    if (documents.every(({ role }) => role === "noise")) summary.withoutSources += 1;
    summary.documents.least = Math.min(summary.documents.least, documents.length);
    summary.documents.most = Math.max(summary.documents.most, documents.length);
    if (summary.examples % 1_000 === 0) onProgress?.({ stage: "summarize", done: summary.examples });
  }
  if (summary.examples === 0) summary.documents.least = 0;
  return summary;
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
