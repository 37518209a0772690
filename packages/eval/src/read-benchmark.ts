import { hashOf, isObject, RagInstructError, seededRandom } from "@rag-instruct/core";
import {
  extensionOf,
  type MalformedRecord,
  openBytes,
  openText,
  peekBytes,
  type RecordAt,
  readLines,
  readRecords,
} from "@rag-instruct/core/node";
import type { Benchmark } from "./benchmark.ts";
import { findBenchmark, isBenchmarkName } from "./benchmarks.ts";
import type { DraftItem, EvalItem, Fields, Reading, ReadReason, RejectedRecord } from "./item.ts";
import { isFields, unfolded } from "./layouts/fields.ts";

/** Options of {@link readBenchmark}. */
export interface ReadBenchmarkOptions {
  /** Id of a benchmark, or one of your own. */
  benchmark: string | Benchmark;
  /** One or more files; jsonl, json, csv, tsv or parquet. */
  from: string | readonly string[];
  /** Keep only the part that the published figures are about, where the benchmark states one. @default true */
  subset?: boolean;
  /** Keep only these ids. */
  only?: Iterable<string>;
  /** Keep at most so many: the first ones, or with `seed` a random sample in the order of the file. */
  limit?: number;
  seed?: number | string;
  /** Called for each record that gives no item. Without it the first one throws `bad-record`. */
  onRejected?: (record: RejectedRecord) => void;
  /** Called for each item outside the subset. */
  onLeftOut?: (item: EvalItem) => void;
  signal?: AbortSignal;
}

/**
 * Reads the questions of a benchmark from its original files or a common re-host.
 * Throws `file-missing`, `bad-option` for an unknown benchmark, and `bad-record` as {@link ReadBenchmarkOptions} says.
 */
export async function* readBenchmark(options: ReadBenchmarkOptions): AsyncGenerator<EvalItem> {
  const benchmark = findBenchmark(options.benchmark);
  const { subset = true, limit, seed, onLeftOut } = options;
  const only = options.only ? new Set(options.only) : undefined;
  const isKept = (item: EvalItem): boolean => {
    if (only && !only.has(item.id)) return false;
    if (!subset || benchmark.subset?.keeps(item) !== false) return true;
    onLeftOut?.(item);
    return false;
  };
  if (limit !== undefined && seed !== undefined) {
    yield* await sample(readItems(benchmark, options), { isKept, limit, seed });
    return;
  }
  let kept = 0;
  if (limit === 0) return;
  for await (const item of readItems(benchmark, options)) {
    if (!isKept(item)) continue;
    yield item;
    if (++kept === limit) return;
  }
}

async function sample(
  items: AsyncIterable<EvalItem>,
  { isKept, limit, seed }: { isKept: (item: EvalItem) => boolean; limit: number; seed: number | string },
): Promise<EvalItem[]> {
  const kept: { item: EvalItem; draw: number; place: number }[] = [];
  for await (const item of items) {
    if (isKept(item)) kept.push({ item, draw: seededRandom(seed, "sample", item.id).next(), place: kept.length });
  }
  const drawn = kept.sort((a, b) => a.draw - b.draw).slice(0, limit);
  return drawn.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

async function* readItems(
  benchmark: Benchmark,
  { from, onRejected, signal }: ReadBenchmarkOptions,
): AsyncGenerator<EvalItem> {
  const seen = new Map<string, number>();
  function reject({ file, line }: Pick<FieldsAt, "file" | "line">, reason: ReadReason, detail: string): void {
    if (!onRejected)
      throw new RagInstructError(
        "bad-record",
        `${file}:${line}: ${reason}: ${detail}; correct the record, or pass onRejected to go on without it`,
      );
    onRejected({ file, line, reason, detail });
  }
  for (const path of typeof from === "string" ? [from] : from) {
    for await (const { fields, file, line } of recordsOf(path, { benchmark, reject, signal })) {
      const reading = readRecord(fields, benchmark);
      if ("reason" in reading) {
        reject({ file, line }, reading.reason, reading.detail);
        continue;
      }
      for (const draft of Array.isArray(reading) ? reading : [reading]) {
        const id = uniqueId(draft, { benchmark, seen });
        if (id === undefined) reject({ file, line }, "duplicate-id", `an earlier record has the id ${draft.id} too`);
        else yield { ...draft, id };
      }
    }
  }
}

async function* recordsOf(
  path: string,
  options: {
    benchmark: Benchmark;
    reject(at: Pick<FieldsAt, "file" | "line">, reason: ReadReason, detail: string): void;
    signal: AbortSignal | undefined;
  },
): AsyncGenerator<FieldsAt> {
  const { benchmark, reject, signal } = options;
  const records = openRecords(path, {
    onMalformed: (record) => reject(record, "malformed-record", record.detail),
    signal,
  });
  for await (const record of records) {
    const unwrapped = unwrapRecord(record, benchmark);
    if (unwrapped.records.length === 0 && unwrapped.others.length > 0) {
      throw new RagInstructError(
        "bad-input",
        `${path} lists ${unwrapped.others.join(", ")}, which are not ${benchmark.id}; its list is called ${[benchmark.id, ...(benchmark.sources ?? [])].join(" or ")}`,
      );
    }
    yield* unwrapped.records;
  }
}

function readRecord(fields: Fields | undefined, benchmark: Benchmark): Exclude<Reading, undefined> {
  if (!fields) return { reason: "malformed-record", detail: "the record is not a JSON object" };
  const all = unfolded(fields);
  for (const layout of benchmark.layouts) {
    const reading = layout(all);
    if (reading !== undefined) return reading;
  }
  const keys = Object.keys(fields).slice(0, 12).join(", ");
  return { reason: "unknown-layout", detail: `no layout of ${benchmark.id} has the keys ${keys}` };
}

/** The draft's own id, undefined when it is taken; else a hash of the content, numbered when the same question comes again. */
function uniqueId(
  draft: DraftItem,
  { benchmark, seen }: { benchmark: Benchmark; seen: Map<string, number> },
): string | undefined {
  const own =
    draft.id ?? hashOf([benchmark.id, draft.question, draft.golds, draft.options ?? null, draft.turns ?? null]);
  const times = (seen.get(own) ?? 0) + 1;
  seen.set(own, times);
  if (times === 1) return own;
  return draft.id === undefined ? `${own}#${times}` : undefined;
}

/** Reads the ids of a file for `only`: the keys of an object (PubMedQA's test_ground_truth.json), a list, or one id a line. */
export async function readIds(path: string, { signal }: { signal?: AbortSignal } = {}): Promise<string[]> {
  const ids: string[] = [];
  const onMalformed = ({ file, line, detail }: MalformedRecord) => {
    throw new RagInstructError("bad-record", `${file}:${line}: ${detail}`);
  };
  for await (const { value } of openRecords(path, { onMalformed, signal })) {
    if (isFields(value)) ids.push(...Object.keys(value));
    else ids.push(String(value).trim());
  }
  return ids;
}

/** Enough to see the first line. */
const headBytes = 1 << 16;
const jsonOrParquet = /^\uFEFF?\s*[[{]|^PAR1/;
// DPR's question files have no header: a question, a tab, and a Python list, perhaps in double quotes.
const dprLine = /^[^\t\n]+\t"?\[.*\]"?\r?(?:\n|$)/;
const tableName = /\.(?:csv|tsv)(?:\.gz|\.zst)?$/i;

/**
 * The records of a benchmark file: whatever `readRecords` reads, DPR's tables without a header, and of any other text its
 * lines, each a question.
 */
async function* openRecords(
  path: string,
  options: { onMalformed: (record: MalformedRecord) => void; signal: AbortSignal | undefined },
): AsyncGenerator<RecordAt> {
  const opened = openBytes(path, { signal: options.signal });
  const { head, bytes } = await peekBytes(opened.bytes, headBytes);
  const source = { name: opened.name, bytes };
  const text = Buffer.from(head).toString("utf8");
  if (text.startsWith("PAR1") && path !== "-") {
    // Parquet is read from its end, so from the file itself.
    await bytes.return(undefined);
    yield* readRecords(path, options);
  } else if (dprLine.test(text)) {
    for await (const { value, ...at } of readRecords(source, {
      ...options,
      format: "tsv",
      header: ["question", "answers"],
    })) {
      yield { value: withoutQuotes(value as Record<string, string>), ...at };
    }
  } else if (jsonOrParquet.test(text) || tableName.test(path)) {
    yield* readRecords(source, options);
  } else {
    for await (const { text: value, line } of readLines(openText(source).utf8)) {
      if (value !== undefined && value.trim() !== "") yield { value, file: opened.name, line };
    }
  }
}

// Some of DPR's questions are quoted twice over.
function withoutQuotes({ question = "", ...rest }: Record<string, string>): Record<string, string> {
  const isQuoted =
    question.length > 2 && question.startsWith('"') && question.endsWith('"') && question.slice(1, -1).includes('""');
  return { ...rest, question: isQuoted ? question.slice(1, -1).replaceAll('""', '"') : question };
}

/** A record and where it stands; `fields` is undefined for a value that is not an object. */
interface FieldsAt {
  fields: Fields | undefined;
  file: string;
  line: number;
}

/** Whether a list of a combined file belongs to a benchmark; one without names of its own takes lists that are no other benchmark's. */
function isListOf(key: string, { id, sources }: Benchmark): boolean {
  if (key === id || sources?.includes(key)) return true;
  return sources === undefined && !isBenchmarkName(key);
}

/** Keys under which a file keeps its one list: TriviaQA's, SQuAD's, the rows of Hugging Face's viewer, and splits. */
const wrapperKeys = ["Data", "data", "rows", "examples", "questions", "test", "validation", "dev", "train"];

function isListOfRecords(value: unknown): value is Fields[] {
  return Array.isArray(value) && value.length > 0 && value.every(isFields);
}

// Hugging Face's viewer: { row_idx, row: {…} }.
function rowOf(record: Fields): Fields {
  return "row_idx" in record && isFields(record.row) ? record.row : record;
}

/** What {@link unwrapRecord} found. */
interface Unwrapped {
  records: FieldsAt[];
  /** Keys of an object of lists that belong to other benchmarks, and were passed over. */
  others: string[];
}

/**
 * The records inside one value of a file: an object of lists by source (the method's own evaluation file; lists of other
 * benchmarks are passed over), one list under a usual key such as TriviaQA's `{ Data: [] }`, an object of records by id (PubMedQA), a line of text, or the record itself.
 */
function unwrapRecord({ value, file, line }: RecordAt, benchmark: Benchmark): Unwrapped {
  const numbered = (list: readonly unknown[]) =>
    list.map((entry, i) => ({ fields: isFields(entry) ? entry : undefined, file, line: i + 1 }));
  if (typeof value === "string") return { records: [{ fields: { question: value }, file, line }], others: [] };
  if (!isFields(value)) return { records: [{ fields: undefined, file, line }], others: [] };
  const wrapped = wrapperKeys.map((key) => value[key]).find(isListOfRecords);
  if (wrapped && !(benchmark.id in value)) return { records: numbered(wrapped.map(rowOf)), others: [] };
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([, list]) => Array.isArray(list) && list.every(isFields))) {
    const own = entries.filter(([key]) => isListOf(key, benchmark));
    const others = entries.filter((entry) => !own.includes(entry)).map(([key]) => key);
    return { records: own.flatMap(([, list]) => numbered(list as unknown[])), others };
  }
  if (entries.length > 0 && entries.every(([key, entry]) => /^\d+$/.test(key) && isFields(entry))) {
    return { records: numbered(entries.map(([id, entry]) => ({ id, ...(entry as Fields) }))), others: [] };
  }
  return { records: [{ fields: value, file, line }], others: [] };
}

/** The key of texts that are of no benchmark. */
export const otherTexts = "texts";

/** Options of {@link benchmarkTexts}. */
export interface BenchmarkTextsOptions {
  /** Called with the benchmark of each record that gives no question, which is then passed over. @default nothing */
  onUnread?: (benchmark: string) => void;
  signal?: AbortSignal;
}

/**
 * What of benchmarks no training data may hold, as the evaluation reads them: every question and earlier turn, and the text that a
 * question is about where the benchmark always shows it. Paragraphs that a file brings along for retrieval are not among them: they are
 * of the corpus that everybody retrieves from. Under the key {@link otherTexts} stand text files, and records of any kind. Records that give no question are told to `onUnread`.
 */
export async function* benchmarkTexts(
  benchmarks: Readonly<Record<string, readonly string[]>>,
  { onUnread = () => {}, signal }: BenchmarkTextsOptions = {},
): AsyncGenerator<{ source: string; text: string }> {
  for (const [source, from] of Object.entries(benchmarks)) {
    if (source === otherTexts) {
      for await (const text of plainTexts(from, signal)) yield { source, text };
      continue;
    }
    const items = readBenchmark({ benchmark: source, from, subset: false, onRejected: () => onUnread(source), signal });
    for await (const item of items) for (const text of textsOf(item)) yield { source, text };
  }
}

function textsOf({ question, turns = [], context }: EvalItem): string[] {
  return context === undefined ? [question, ...turns] : [question, ...turns, context];
}

/** The lines of text files; of records their `question`, `instruction` or `text`. */
async function* plainTexts(paths: readonly string[], signal?: AbortSignal): AsyncGenerator<string> {
  for (const path of paths) {
    if (extensionOf(path) === "txt") {
      for await (const { text } of readLines(openText(path, { signal }).utf8)) if (text?.trim()) yield text;
      continue;
    }
    for await (const { value, file, line } of readRecords(path, { signal })) {
      const { question, instruction, text } = (isObject(value) ? value : {}) as Record<string, unknown>;
      const found = [question, instruction, text].filter((one) => typeof one === "string" && one.trim() !== "");
      if (found.length === 0) {
        const message = `${file}:${line}: a record of forbidden texts needs a \`question\`, an \`instruction\` or a \`text\``;
        throw new RagInstructError("bad-record", message);
      }
      yield* found as string[];
    }
  }
}
