import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type EarlierTurn,
  type Exemplar,
  hashOf,
  type Outcome,
  type Pair,
  type Passage,
  type Review,
  type TrainingExample,
} from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";
import type { Verdict } from "./shape.ts";

/** One task of a run and how it ended, with what the run's files keep of it. */
export interface RunItem {
  verdict: Verdict;
  id: string;
  paradigm: string;
  /** Absent where no reply could be read. */
  question?: string;
  answer?: string;
  options?: string[];
  /** Whether numbers in square brackets in the answer name its sources. */
  cites?: true;
  /** Earlier turns of its conversation, which the question needs. */
  history?: EarlierTurn[];
  /** The question of a later turn, understood without them. */
  standalone?: string;
  /** The source documents, in the order in which the model read them. */
  sources: Passage[];
  /** With its noise documents. */
  example?: TrainingExample;
  exemplar?: Exemplar;
  exemplarId?: string;
  reason?: string;
  detail?: string;
  raw?: string;
  model?: string;
  evidence?: Record<string, unknown>;
}

/** A line of unassembled.jsonl: a pair that became no training example, and why. */
export interface Unassembled {
  id: string;
  reason: string;
  detail: string;
}

/** A line of rejected.jsonl: a task or a pair that was not accepted. */
export interface Refused {
  status: "rejected" | "failed";
  id: string;
  input: Partial<Pair> & { paradigm: string; exemplar?: Exemplar };
  reason?: string;
  detail?: string;
  raw?: string;
  error?: string;
}

/**
 * Every task of a run in the order of its files: pairs, each with the training example made of it, then what was rejected or
 * failed. A file that is not there counts as empty, so that a run which stopped early has a report as well; pairs of one that was not
 * assembled yet are accepted.
 */
export async function* readRun(run: string, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<RunItem> {
  const read = <T>(name: string) => readJsonl<T>(join(run, name), { signal, mayBeMissing: true });
  const isAssembled = existsSync(join(run, "train.jsonl"));
  const unassembled = new Map<string, Unassembled>();
  for await (const one of read<Unassembled>("unassembled.jsonl")) unassembled.set(one.id, one);
  const examples = read<TrainingExample>("train.jsonl");
  try {
    let next = await examples.next();
    for await (const pair of read<Pair>("pairs.jsonl")) {
      // Examples stand in the order of their pairs.
      const example = !next.done && next.value.id === pair.id ? next.value : undefined;
      if (example) next = await examples.next();
      yield example || !isAssembled ? fromPair(pair, example) : fromUnassembled(pair, unassembled.get(pair.id));
    }
    for (; !next.done; next = await examples.next()) yield fromExample(next.value);
  } finally {
    await examples.return(undefined);
  }
  for await (const refused of read<Refused>("rejected.jsonl")) yield fromRefused(refused);
}

export function fromPair({ documents, ...pair }: Pair, example?: TrainingExample): RunItem {
  return { ...pair, verdict: "accepted", sources: documents, example };
}

/** A pair that became no example, and why, where it is said. */
export function fromUnassembled({ documents, ...pair }: Pair, why: Unassembled | undefined): RunItem {
  const { reason = "no-noise-documents", detail } = why ?? {};
  return { ...pair, verdict: "unassembled", sources: documents, reason, detail };
}

/** An example whose pair is not kept, as in data made elsewhere. */
function fromExample(example: TrainingExample): RunItem {
  const { documents, sourceIds = [], ...rest } = example;
  // Its documents are shuffled; `sourceIds` keeps the order in which the model read them, by which evidence counts.
  const sources = documents
    .filter(({ role }) => role === "source")
    .sort((a, b) => sourceIds.indexOf(a.id) - sourceIds.indexOf(b.id));
  return { ...rest, verdict: "accepted", sources, example };
}

/** What a decision on a task says of it beside the decision: whether the checks had refused it, or its call had failed. */
export function refusedOf({ verdict }: Pick<RunItem, "verdict">): Pick<Review, "refused"> {
  return { refused: verdict === "rejected" || verdict === "failed" || undefined };
}

export function fromRefused({ status, id, input, reason, detail, raw, error }: Refused): RunItem {
  const { documents = [], id: _, ...rest } = input;
  return {
    ...rest,
    verdict: status,
    id: id ?? hashOf(input),
    sources: documents,
    reason: reason ?? "call-failed",
    detail: detail ?? error,
    raw,
  };
}

/** How the tasks of a run ended, as outcomes. A pair of an assembled run counts as accepted when it is a training example. */
export async function* readOutcomes(
  run: string,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<Outcome<Pair, Pick<RunItem, "paradigm" | "evidence">>> {
  for await (const item of readRun(run, options)) yield outcomeOf(item);
}

/** The pair of an item, without what the checks found. */
export function pairOfItem(item: RunItem): Pair {
  const { id, paradigm, question = "", answer = "", options, sources: documents, exemplarId = "", model = "" } = item;
  const { cites, history, standalone } = item;
  return { id, paradigm, question, answer, options, documents, exemplarId, model, cites, history, standalone };
}

function outcomeOf(item: RunItem): Outcome<Pair, Pick<RunItem, "paradigm" | "evidence">> {
  const { id, paradigm, verdict, evidence, reason = "unknown", detail = "" } = item;
  if (verdict === "accepted") {
    return { status: "accepted", id, value: { ...pairOfItem(item), evidence } };
  }
  const input = { paradigm, evidence };
  if (verdict === "failed") return { status: "failed", id, input, error: new Error(detail) };
  return { status: "rejected", id, input, reason, detail };
}

/** The exemplars of a run by their ids, without the documents that some bring. */
export async function readExemplars(run: string, signal?: AbortSignal): Promise<Map<string, Exemplar>> {
  const exemplars = new Map<string, Exemplar>();
  for await (const exemplar of readJsonl<Exemplar>(join(run, "exemplars.jsonl"), { signal, mayBeMissing: true })) {
    const { documents: _, ...kept } = exemplar;
    exemplars.set(exemplar.id, kept);
  }
  return exemplars;
}

/** Pairs wanted of each paradigm, as the plan of a run has them beside its reserves. */
export async function plannedCounts(run: string, signal?: AbortSignal): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const tasks = readJsonl<Planned>(join(run, "plan.jsonl"), { signal, mayBeMissing: true });
  for await (const task of tasks) countPlanned(counts, task);
  return counts;
}

/** A line of plan.jsonl, as far as it is counted. */
type Planned = Pick<RunItem, "paradigm"> & { reserve?: boolean };

/** Counts a task of a plan, unless it is a reserve. */
export function countPlanned(counts: Record<string, number>, { paradigm, reserve }: Planned): void {
  if (!reserve) counts[paradigm] = (counts[paradigm] ?? 0) + 1;
}
