import type { Pair, TrainingExample } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";
import { offlineModelId, type SynthesisOutcome } from "@rag-instruct/simulate";
import type { RunFolder } from "../run-folder.ts";

/** What the report shows. */
export interface ReportData {
  model: string;
  offline: boolean;
  paradigms: { id: string; wanted: number; accepted: number; rejected: number }[];
  reasons: { reason: string; count: number }[];
  examples: TrainingExample[];
  /** Examples in all, of which the first are shown. */
  total: number;
}

const mostShown = 500;

/** Reads a run's files once each, in bounded memory. */
export async function collectReport(
  folder: RunFolder,
  { counts, model }: { counts: Readonly<Record<string, number>>; model: string },
): Promise<ReportData> {
  const accepted = new Map<string, number>();
  for await (const { paradigm } of readJsonl<Pair>(folder.path("pairs.jsonl"))) add(accepted, paradigm);
  const rejected = new Map<string, number>();
  const reasons = new Map<string, number>();
  type Refused = Exclude<SynthesisOutcome, { status: "accepted" }>;
  for await (const outcome of readJsonl<Refused>(folder.path("rejected.jsonl"))) {
    add(rejected, outcome.input.paradigm);
    add(reasons, outcome.status === "rejected" ? outcome.reason : "call failed");
  }
  const examples: TrainingExample[] = [];
  let total = 0;
  for await (const example of readJsonl<TrainingExample>(folder.path("train.jsonl"))) {
    if (total++ < mostShown) examples.push(example);
  }
  return {
    model,
    offline: model.endsWith(`/${offlineModelId}`),
    paradigms: Object.entries(counts).map(([id, wanted]) => ({
      id,
      wanted,
      accepted: accepted.get(id) ?? 0,
      rejected: rejected.get(id) ?? 0,
    })),
    reasons: [...reasons].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
    examples,
    total,
  };
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
