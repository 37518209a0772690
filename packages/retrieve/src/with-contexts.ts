import {
  inBatches,
  isObject,
  type OnProgress,
  RagInstructError,
  type Retriever,
  type ScoredPassage,
} from "@rag-instruct/core";
import {
  extensionOf,
  openBytes,
  openText,
  peekBytes,
  type RecordAt,
  readLines,
  readRecords,
} from "@rag-instruct/core/node";

/** A question to search for, and the record that it comes from. */
export interface QuestionRecord {
  question: string;
  record: Record<string, unknown>;
}

/**
 * Where a record's question stands, in this order: the original generator's `q*`, what question sets call it, and BEIR's `text`.
 */
const questionKeys = ["q*", "question", "Question", "instruction", "query", "text"];

/**
 * Reads the questions of a file: JSON, JSON lines, CSV, TSV or Parquet records with `q*`, `question`, `Question`, `instruction`, `query`
 * or BEIR's `text`; an object of lists by source, whose records then name their `source`; TREC topics; an id and a question a line with
 * a tab between, without a header; or a question a line. Choices under `Options` are searched for with their question, as the
 * original's retriever does. Throws `bad-record` with file and line where a record has no question, and what reading throws.
 */
export async function* readQuestions(
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<QuestionRecord> {
  for await (const { value, file, line } of questionRecords(path, signal)) {
    const record = isObject(value) ? (value as Record<string, unknown>) : {};
    const lists = listsBySource(record);
    if (lists) {
      for (const [source, list] of lists) {
        for (const [i, each] of list.entries()) yield withQuestion({ ...each, source }, `${file}: ${source}, ${i + 1}`);
      }
    } else yield withQuestion(record, `${file}:${line}`);
  }
}

function withQuestion(record: Record<string, unknown>, place: string): QuestionRecord {
  const found = questionKeys.map((key) => record[key]).find((text) => typeof text === "string" && text.trim() !== "");
  if (found === undefined) {
    const message = `${place}: a record needs a question with text: ${questionKeys.map((key) => `\`${key}\``).join(", ")}`;
    throw new RagInstructError("bad-record", message);
  }
  return { question: [found, ...optionsOf(record.Options)].join(" "), record };
}

/** The choices of the original's records: a list, or an object by letter. */
function optionsOf(options: unknown): string[] {
  if (Array.isArray(options)) return options.map(String);
  return isObject(options) ? Object.values(options).map(String) : [];
}

/** The lists of an object that is nothing but lists of records, and no record itself. */
function listsBySource(
  record: Record<string, unknown>,
): [source: string, list: Record<string, unknown>[]][] | undefined {
  const entries = Object.entries(record);
  const isLists = entries.every(([, list]) => Array.isArray(list) && list.length > 0 && list.every(isObject));
  if (entries.length === 0 || !isLists || questionKeys.some((key) => key in record)) return undefined;
  return entries as [string, Record<string, unknown>[]][];
}

/** Enough to see how a text begins. */
const headBytes = 1 << 16;
const tableName = /\.(?:csv|parquet|jsonl|ndjson|json)(?:\.gz|\.zst)?$/i;
const tabName = /\.tsv(?:\.gz|\.zst)?$/i;

async function* questionRecords(path: string, signal: AbortSignal | undefined): AsyncGenerator<RecordAt> {
  if (tableName.test(path)) return yield* readRecords(path, { signal });
  const opened = openBytes(path, { signal });
  const { head, bytes } = await peekBytes(opened.bytes, headBytes);
  const source = { name: opened.name, bytes };
  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  if (/^\s*<top>/i.test(text)) yield* trecTopics(source);
  else if (/^\s*[[{]|^PAR1/.test(text)) yield* readRecords(source, { signal });
  else if (tabName.test(path) || /^[^\t\n]+\t[^\t\n]+(?:\n|$)/.test(text)) yield* tabbed(source, text, signal);
  else {
    for await (const { text: question, line } of readLines(openText(source).utf8)) {
      if (question !== undefined && question.trim() !== "")
        yield { value: { question: question.trim() }, file: path, line };
    }
  }
}

type Source = { name: string; bytes: AsyncGenerator<Uint8Array> };

/** A table whose first row names a column of questions, else the id and the question of MS MARCO's query files. */
function tabbed(source: Source, text: string, signal: AbortSignal | undefined): AsyncGenerator<RecordAt> {
  const columns = text.split("\n", 1)[0]!.trim().split("\t");
  const hasHeader = columns.some((name) => questionKeys.includes(name));
  return readRecords(source, { format: "tsv", header: hasHeader ? undefined : ["id", "question"], signal });
}

/** TREC's topics: `<top>` with a number, a title of a few words, and a description that says more; the title is the question. */
async function* trecTopics(source: Source): AsyncGenerator<RecordAt> {
  let topic: { line: number; fields: Record<string, string>; open: string } | undefined;
  for await (const { text = "", line } of readLines(openText(source).utf8)) {
    const tag = text.match(/^\s*<(\/?\w+)>(.*)$/);
    const name = tag?.[1]?.toLowerCase();
    if (name === "top") topic = { line, fields: {}, open: "" };
    else if (name === "/top" && topic) {
      const { fields, line: start } = topic;
      const { num = "", title = "", desc = "", narr = "" } = fields;
      const value = {
        id: num.replace(/^\s*Number:\s*/i, "").trim(),
        question: title.replace(/^\s*Topic:\s*/i, "").trim(),
      };
      yield {
        value: {
          ...value,
          description: desc.replace(/^\s*Description:\s*/i, "").trim(),
          narrative: narr.replace(/^\s*Narrative:\s*/i, "").trim(),
        },
        file: source.name,
        line: start,
      };
      topic = undefined;
    } else if (topic) {
      if (name !== undefined && !name.startsWith("/")) topic.open = name;
      const { fields, open } = topic;
      const rest = tag ? tag[2]!.replace(/<\/\w+>\s*$/, "") : text;
      if (open !== "") fields[open] = `${fields[open] ?? ""} ${rest}`.trim();
    }
  }
}

/** A passage that was found, as the files of DPR and of the original's retriever hold it under `ctxs`. */
export interface FoundContext {
  id: string;
  title: string;
  text: string;
  score: number;
}

/** Options of {@link withContexts}. */
export interface WithContextsOptions {
  retriever: Retriever;
  /** Passages of each question. @default 250 */
  limit?: number;
  /** Path whose ending says how records are written: as a JSON array for .json, else as JSON lines. @default the input's */
  like?: string;
  /** Called for each question with fewer passages than `limit`. */
  onShort?: (question: { question: string; found: number }) => void;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const questionsAtOnce = 64;

/**
 * The records of a file with what is found for each added as `ctxs`, best first, as text to be written. Questions are
 * read as {@link readQuestions} does. Throws what that and retrieving throw.
 */
export async function* withContexts(
  input: string,
  { retriever, limit = 250, like = input, onShort, signal, onProgress }: WithContextsOptions,
): AsyncGenerator<string> {
  const isArray = extensionOf(like) === "json";
  let done = 0;
  for await (const batch of inBatches(readQuestions(input, { signal }), questionsAtOnce)) {
    const questions = batch.map(({ question }) => question);
    const found = await retriever.retrieve(questions, { limit, signal });
    for (const [i, { length }] of found.entries()) {
      if (length < limit) onShort?.({ question: questions[i]!, found: length });
    }
    const records = batch.map(({ record }, i) => JSON.stringify({ ...record, ctxs: found[i]!.map(contextOf) }));
    if (isArray) yield `${done === 0 ? "[\n" : ",\n"}${records.join(",\n")}`;
    else yield `${records.join("\n")}\n`;
    done += batch.length;
    onProgress?.({ stage: "search", done });
  }
  if (isArray) yield done === 0 ? "[]\n" : "\n]\n";
}

/** A passage as a member of `ctxs`. */
export function contextOf({ passage: { id, title, text }, score }: ScoredPassage): FoundContext {
  return { id, title, text, score };
}
