import { hashOf, isObject, type Pair, type Passage, RagInstructError } from "@rag-instruct/core";
import { readRecords } from "@rag-instruct/core/node";

/** Options of {@link readPairs}. */
export interface ReadPairsOptions {
  /** Paradigm of records that name none. @default such a record throws */
  paradigm?: string;
  signal?: AbortSignal;
}

/**
 * Reads pairs that exist already from JSONL, JSON, CSV or Parquet: records with `question`, `answer` and `documents`, as in `pairs.jsonl`
 * and `train.jsonl`, whose noise documents are left out. Ids that are missing are hashes of the content. Throws `bad-record` with
 * file and line.
 */
export async function* readPairs(path: string, { paradigm, signal }: ReadPairsOptions = {}): AsyncGenerator<Pair> {
  for await (const { value, file, line } of readRecords(path, { signal })) {
    const wrong = (what: string) => new RagInstructError("bad-record", `${file}:${line}: ${what}`);
    if (!isObject(value)) throw wrong("a pair must be an object with question, answer and documents");
    yield pairOf(value as Record<string, unknown>, { paradigm, wrong });
  }
}

type Wrong = (what: string) => RagInstructError;

function pairOf(
  record: Record<string, unknown>,
  { paradigm, wrong }: { paradigm: string | undefined; wrong: Wrong },
): Pair {
  const question = textOf(record, "question", wrong);
  const answer = textOf(record, "answer", wrong);
  const documents = documentsOf(record.documents, wrong);
  const named = record.paradigm ?? paradigm;
  if (typeof named !== "string")
    throw wrong("a pair must name its `paradigm`; give one for all that do not with --paradigm");
  const { id, exemplarId, model, options, evidence } = record;
  if (options !== undefined && !(Array.isArray(options) && options.every((option) => typeof option === "string")))
    throw wrong("`options` must be a list of texts");
  return {
    id: typeof id === "string" ? id : hashOf([question, answer, documents.map(({ text }) => text)]),
    paradigm: named,
    exemplarId: typeof exemplarId === "string" ? exemplarId : "",
    question,
    answer,
    options: options?.length ? options : undefined,
    documents,
    model: typeof model === "string" ? model : "unknown",
    evidence: isObject(evidence) ? (evidence as Record<string, unknown>) : undefined,
  };
}

function textOf(record: Record<string, unknown>, key: string, wrong: Wrong): string {
  const text = record[key];
  if (typeof text === "string" && text.trim() !== "") return text;
  throw wrong(`a pair needs a \`${key}\` with text`);
}

function documentsOf(value: unknown, wrong: Wrong): Passage[] {
  const given = (Array.isArray(value) ? value : []) as (Partial<Passage> & { role?: string })[];
  const sources = given.filter((document) => isObject(document) && document.role !== "noise");
  if (sources.length === 0) throw wrong("a pair needs `documents`: the list of those it was written from");
  return sources.map(({ role: _, ...document }) => {
    const { id, title = "", text } = document;
    if (typeof text !== "string" || typeof title !== "string") throw wrong("a document needs a `text`");
    return { ...document, id: typeof id === "string" ? id : hashOf([title, text]), title, text };
  });
}
