import { join } from "node:path";
import { isObject, type Passage, RagInstructError } from "@rag-instruct/core";
import { type RecordAt, readRecords } from "@rag-instruct/core/node";
import type { Qrels } from "./retrieval-measures.ts";

/** A retrieval task as BEIR lays it out. */
export interface BeirTask {
  /** Texts of the judged questions, by id, in the order of the judgements. */
  queries: ReadonlyMap<string, string>;
  qrels: Qrels;
  /** The corpus, in constant memory. */
  passages(): AsyncGenerator<Passage>;
}

/**
 * Reads a folder of BEIR (Thakur et al. 2021), as `exportRetrieval` of `@rag-instruct/format` writes it too: `corpus.jsonl`,
 * `queries.jsonl` and `qrels/<split>.tsv` with a heading. Questions that the split does not judge are left out, as by BEIR's own loader.
 * Throws `file-missing`, and `bad-record` with file and line.
 *
 * ```ts
 * const { queries, qrels } = await readBeir("run/exports/beir", { split: "test" });
 * const rankings = await retriever.retrieve([...queries.values()], { limit: 100 });
 * const run = new Map([...queries.keys()].map((id, i) => [id, rankings[i]!.map(({ passage, score }) => ({ id: passage.id, score }))]));
 * measureRetrieval(run, qrels).means.ndcg_cut_10;
 * ```
 * @param options.split @default "test"
 */
export async function readBeir(
  folder: string,
  { split = "test", signal }: { split?: string; signal?: AbortSignal } = {},
): Promise<BeirTask> {
  const qrels = new Map<string, Map<string, number>>();
  const judgements = readRecords(join(folder, "qrels", `${split}.tsv`), { format: "tsv", signal });
  for await (const record of judgements) {
    const { "query-id": query, "corpus-id": id, score } = fieldsOf(record, ["query-id", "corpus-id", "score"]);
    const relevance = Number(score);
    if (!Number.isInteger(relevance)) throw badRecord(record, `the score "${score}" is no whole number`);
    const judged = qrels.get(query!) ?? new Map<string, number>();
    qrels.set(query!, judged.set(id!, relevance));
  }
  const texts = new Map<string, string>();
  for await (const record of readRecords(join(folder, "queries.jsonl"), { format: "jsonl", signal })) {
    const { _id: id, text } = fieldsOf(record, ["_id", "text"]);
    if (qrels.has(id!)) texts.set(id!, text!);
  }
  const lost = [...qrels.keys()].find((id) => !texts.has(id));
  if (lost !== undefined)
    throw new RagInstructError(
      "bad-record",
      `${folder}: qrels/${split}.tsv judges the question ${lost}, which queries.jsonl lacks`,
    );
  const queries = new Map([...qrels.keys()].map((id) => [id, texts.get(id)!]));
  return { queries, qrels, passages: () => readCorpus(folder, signal) };
}

async function* readCorpus(folder: string, signal: AbortSignal | undefined): AsyncGenerator<Passage> {
  for await (const record of readRecords(join(folder, "corpus.jsonl"), { format: "jsonl", signal })) {
    const { _id: id, text } = fieldsOf(record, ["_id", "text"]);
    const { title, metadata } = record.value as Partial<Passage>;
    yield { id: id!, title: typeof title === "string" ? title : "", text: text!, metadata };
  }
}

/** Fields of a record that must be texts. */
function fieldsOf(record: RecordAt, names: readonly string[]): Record<string, string> {
  const value = isObject(record.value) ? (record.value as Record<string, unknown>) : {};
  const fields = names.map((name) => {
    const field = value[name];
    if (typeof field !== "string") throw badRecord(record, `a record of BEIR needs the text \`${name}\``);
    return [name, field] as const;
  });
  return Object.fromEntries(fields);
}

function badRecord({ file, line }: RecordAt, detail: string): RagInstructError {
  return new RagInstructError("bad-record", `${file}:${line}: ${detail}`);
}
