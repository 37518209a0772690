import { hashOf, RagInstructError, seededRandom } from "@rag-instruct/core";
import type { MalformedRecord } from "@rag-instruct/core/node";
import type { Benchmark, DraftItem, Fields, Reading } from "./benchmark.ts";
import { findBenchmark } from "./benchmarks.ts";
import type { EvalItem, ReadReason, RejectedRecord } from "./item.ts";
import { isFields } from "./layouts/fields.ts";
import { openRecords } from "./open-records.ts";
import { type FieldsAt, unwrapRecord } from "./unwrap-records.ts";

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
        `${file}:${line}: ${reason}: ${detail}; mend the record, or pass onRejected to go on without it`,
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
        if (id === undefined) reject({ file, line }, "duplicate-id", `id ${draft.id} stands in an earlier record too`);
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
        `${path} lists ${unwrapped.others.join(", ")}, which are not ${benchmark.id}; its lists are called ${benchmark.sources?.join(", ")}`,
      );
    }
    yield* unwrapped.records;
  }
}

function readRecord(fields: Fields | undefined, benchmark: Benchmark): Exclude<Reading, undefined> {
  if (!fields) return { reason: "malformed-record", detail: "the record is no object" };
  // FlashRAG keeps a benchmark's own keys one level down.
  const all = isFields(fields.metadata) ? { ...fields.metadata, ...fields } : fields;
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
