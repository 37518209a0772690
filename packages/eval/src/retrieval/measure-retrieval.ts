import { RagInstructError } from "@rag-instruct/core";
import { type Qrels, type Run, ranked } from "./trec.ts";

/** A measure by trec_eval's name for it: `map`, `recip_rank`, or one at a cut-off such as `ndcg_cut_10`. */
export type RetrievalMeasure =
  | "map"
  | "ndcg"
  | "recip_rank"
  | `${"ndcg_cut" | "recall" | "P" | "map_cut" | "success"}_${number}`;

/** What {@link measureRetrieval} found. */
export interface RetrievalReport {
  /** Mean over the queries, by measure. */
  means: Record<string, number>;
  /** By query, then by measure. */
  queries: Map<string, Record<string, number>>;
  /** Judged queries that the run does not answer. They count as 0 only with `missing: "zero"`. */
  unanswered: string[];
  /** Queries of the run without judgements; they are never counted. */
  unjudged: string[];
}

/**
 * Measures a ranking by trec_eval's definitions: nDCG with linear gains and log2(rank + 1) (Järvelin and Kekäläinen 2002),
 * recall, precision, average precision, reciprocal rank and success, each at a cut-off where its name has one.
 * Throws `bad-option` for an unknown measure and `bad-input` when no query is both judged and answered.
 * @param options.missing what a judged query counts that the run does not answer. @default "skip", as trec_eval without -c
 */
export function measureRetrieval(
  run: Run,
  qrels: Qrels,
  {
    measures = ["ndcg_cut_10", "recall_100", "P_10", "map", "recip_rank"],
    missing = "skip",
  }: { measures?: readonly RetrievalMeasure[]; missing?: "skip" | "zero" } = {},
): RetrievalReport {
  const queries = new Map<string, Record<string, number>>();
  const unanswered: string[] = [];
  for (const [query, judged] of qrels) {
    const documents = run.get(query);
    if (!documents) unanswered.push(query);
    if (!documents && missing === "skip") continue;
    const gains = ranked(documents ?? []).map(({ id }) => Math.max(0, judged.get(id) ?? 0));
    const ideal = [...judged.values()].filter((gain) => gain > 0).sort((a, b) => b - a);
    queries.set(query, Object.fromEntries(measures.map((measure) => [measure, measureOne(measure, { gains, ideal })])));
  }
  if (queries.size === 0)
    throw new RagInstructError("bad-input", "run and qrels share no query; check that both use the same ids");
  const means = Object.fromEntries(
    measures.map((measure) => [
      measure,
      [...queries.values()].reduce((sum, row) => sum + row[measure]!, 0) / queries.size,
    ]),
  );
  return { means, queries, unanswered, unjudged: [...run.keys()].filter((query) => !qrels.has(query)) };
}

interface Ranking {
  /** Gain of each document in the order of the ranking; 0 where it is not relevant. */
  gains: readonly number[];
  /** Every positive gain that could be had, largest first. */
  ideal: readonly number[];
}

function measureOne(measure: RetrievalMeasure, { gains, ideal }: Ranking): number {
  const [, name = measure, depth] = /^(.*)_(\d+)$/.exec(measure) ?? [];
  const cut = depth === undefined ? Number.POSITIVE_INFINITY : Number(depth);
  const top = gains.slice(0, cut);
  const found = top.filter((gain) => gain > 0).length;
  if (name === "ndcg" || name === "ndcg_cut") return ratio(discounted(top), discounted(ideal.slice(0, cut)));
  if (name === "recall" && cut > 0) return ratio(found, ideal.length);
  if (name === "P" && cut > 0) return found / cut;
  if (name === "map" || name === "map_cut") return ratio(precisionSum(top), ideal.length);
  if (name === "success") return found > 0 ? 1 : 0;
  if (name === "recip_rank") return found === 0 ? 0 : 1 / (top.findIndex((gain) => gain > 0) + 1);
  throw new RagInstructError(
    "bad-option",
    `there is no measure "${measure}"; there are ndcg, map, recip_rank, ndcg_cut_k, recall_k, P_k, map_cut_k, success_k`,
  );
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, i) => sum + gain / Math.log2(i + 2), 0);
}

/** Sum of the precision at each relevant document. */
function precisionSum(gains: readonly number[]): number {
  let found = 0;
  return gains.reduce((sum, gain, i) => (gain > 0 ? sum + ++found / (i + 1) : sum), 0);
}
