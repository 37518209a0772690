import { existsSync } from "node:fs";
import type { Exemplar } from "@rag-instruct/core";
import { readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { openPassageStore } from "@rag-instruct/corpus";
import { type PairOutcome, type SetReport, setReport } from "@rag-instruct/simulate";
import { type RunItem, readRun } from "@rag-instruct/viewer";

/** Name of the figures of a set, in a run folder. */
export const setReportName = "set-report.json";

/** Puts a run's pairs into figures and writes them to `set-report.json`. A pair counts as accepted when it is a training example. */
export async function writeSetReport(
  path: (name: string) => string,
  { seed, signal }: { seed: number; signal: AbortSignal | undefined },
): Promise<SetReport> {
  const report = await setReport({
    outcomes: outcomesOf(path, signal),
    exemplars: readJsonl<Exemplar>(path("exemplars.jsonl"), { signal, mayBeMissing: true }),
    seed,
    ...(await corpusSize(path("corpus.sqlite"))),
    signal,
  });
  await writeAtomic(path(setReportName), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

async function* outcomesOf(
  path: (name: string) => string,
  signal: AbortSignal | undefined,
): AsyncGenerator<PairOutcome> {
  for await (const item of readRun(path("."), { signal })) yield outcomeOf(item);
}

function outcomeOf(item: RunItem): PairOutcome {
  const { id, paradigm, verdict, evidence, reason = "unknown", detail = "" } = item;
  if (verdict === "accepted") {
    const { question = "", answer = "", options, exemplarId = "", model = "", sources } = item;
    const pair = { id, paradigm, exemplarId, question, answer, documents: sources, model };
    return { status: "accepted", id, value: { ...pair, options, evidence } };
  }
  const input = { paradigm, evidence };
  if (verdict === "failed") return { status: "failed", id, input, error: new Error(detail) };
  return { status: "rejected", id, input, reason, detail };
}

async function corpusSize(store: string): Promise<{ corpusSize?: number }> {
  if (!existsSync(store)) return {};
  await using passages = await openPassageStore(store, { readOnly: true });
  return { corpusSize: passages.size };
}
