import { RagInstructError } from "@rag-instruct/core";

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

/** For each query its documents with their scores. */
export type Run = ReadonlyMap<string, readonly { id: string; score: number }[]>;

/** For each query the documents judged, with their relevance; 1 and more is relevant. */
export type Qrels = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Reads a TREC run: `query Q0 document rank score tag` a line. The rank is not used, as trec_eval does not either.
 * Throws `bad-record` with the line, and `duplicate-id` for a document ranked twice for a query.
 */
export function parseRun(text: string, { name = "run" }: { name?: string } = {}): Run {
  const run = new Map<string, { id: string; score: number }[]>();
  const seen = new Map<string, Set<string>>();
  for (const { fields, line } of rows(text)) {
    const [query, , id, , value] = fields;
    const score = Number(value);
    if (fields.length < 5 || value === "" || Number.isNaN(score))
      throw badLine(name, line, "query Q0 document rank score tag");
    const known = entryOf(seen, query!, () => new Set());
    if (known.has(id!)) throw occursTwice({ query: query!, id: id!, where: `${name}:${line}` });
    known.add(id!);
    entryOf(run, query!, () => []).push({ id: id!, score });
  }
  return run;
}

/**
 * Reads TREC qrels: `query 0 document relevance` a line; BEIR's three columns with a heading are read too.
 * Throws `bad-record` with the line, and `duplicate-id` for a document judged twice for a query.
 */
export function parseQrels(text: string, { name = "qrels" }: { name?: string } = {}): Qrels {
  const qrels = new Map<string, Map<string, number>>();
  for (const { fields, line } of rows(text)) {
    const isBeir = fields.length === 3;
    if (isBeir && line === 1 && Number.isNaN(Number(fields[2]))) continue;
    const [query, id, value] = isBeir ? fields : [fields[0], fields[2], fields[3]];
    const relevance = Number(value);
    if (value === undefined || !Number.isInteger(relevance)) throw badLine(name, line, "query 0 document relevance");
    const judged = entryOf(qrels, query!, () => new Map());
    if (judged.has(id!)) throw occursTwice({ query: query!, id: id!, where: `${name}:${line}` });
    judged.set(id!, relevance);
  }
  return qrels;
}

/** Writes a run, documents in the order trec_eval ranks them. @param options.tag names the system */
export function formatRun(run: Run, { tag = "rag-instruct" }: { tag?: string } = {}): string {
  const lines = Array.from(run, ([query, documents]) =>
    ranked(documents).map(({ id, score }, i) => `${query} Q0 ${id} ${i + 1} ${score} ${tag}\n`),
  );
  return lines.flat().join("");
}

/** Writes qrels. */
export function formatQrels(qrels: Qrels): string {
  return Array.from(qrels, ([query, judged]) =>
    Array.from(judged, ([id, relevance]) => `${query} 0 ${id} ${relevance}\n`).join(""),
  ).join("");
}

/**
 * Documents in trec_eval's order: by score as a 32-bit float, equal scores by id from the last to the first byte for byte,
 * so that a system cannot profit from the order of its file.
 */
function ranked<T extends { id: string; score: number }>(documents: readonly T[]): T[] {
  return documents.toSorted((a, b) => Math.fround(b.score) - Math.fround(a.score) || compareBytes(b.id, a.id));
}

// UTF-8 bytes sort like UTF-16 units, except where there are surrogates or what comes after them.
const sortsApart = /[\ud800-\uffff]/;

function compareBytes(a: string, b: string): number {
  if (sortsApart.test(a) || sortsApart.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

function* rows(text: string): Generator<{ fields: string[]; line: number }> {
  let line = 0;
  for (const row of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    line++;
    if (row.trim() !== "") yield { fields: row.trim().split(/\s+/), line };
  }
}

function occursTwice({ query, id, where }: { query: string; id: string; where: string }): RagInstructError {
  return new RagInstructError("duplicate-id", `${where}: document ${id} occurs twice for query ${query}`);
}

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function badLine(name: string, line: number, expected: string): RagInstructError {
  return new RagInstructError("bad-record", `${name}:${line}: expected "${expected}"`);
}
