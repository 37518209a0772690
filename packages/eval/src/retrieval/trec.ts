import { RagInstructError } from "@rag-instruct/core";

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
    if (known.has(id!)) throw comesTwice({ query: query!, id: id!, where: `${name}:${line}` });
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
    if (judged.has(id!)) throw comesTwice({ query: query!, id: id!, where: `${name}:${line}` });
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
export function ranked<T extends { id: string; score: number }>(documents: readonly T[]): T[] {
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

function comesTwice({ query, id, where }: { query: string; id: string; where: string }): RagInstructError {
  return new RagInstructError("duplicate-id", `${where}: document ${id} comes twice for query ${query}`);
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
