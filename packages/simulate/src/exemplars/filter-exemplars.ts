import { join } from "node:path";
import { type Exemplar, numberText, type Outcome, RagInstructError, type Source } from "@rag-instruct/core";
import type { Calls, ModelObject } from "@rag-instruct/core/calls";
import { type Refused, readJsonl } from "@rag-instruct/core/node";
import { judgementTokens } from "./keep/judge.ts";
import { judgeKept, siftByRules } from "./keep/keep-knowledge-intensive.ts";
import { readExemplars, type UnreadExemplar } from "./read.ts";
import { type ExemplarSample, sampleExemplars } from "./sample-exemplars.ts";
import { isExemplarSet } from "./sets/names.ts";

/** How one row of the source of exemplars ended; a row that gives none keeps where it stands. */
export type ExemplarRow = Outcome<Exemplar, Exemplar | UnreadExemplar>;

/** What decides on whether an exemplar is kept: the free rules alone, a model for what they leave, or nothing. */
export type ExemplarFilter = "rules" | "model" | "off";

/** Options of {@link filterExemplars}. */
export interface FilterExemplarsOptions {
  /**
   * Leave out exemplars whose answer needs no knowledge: those of a file by the free rules, or all by the rules and a model's judgement.
   * An exemplar that brings documents is kept: it was chosen with them. @default "rules"
   */
  filter?: ExemplarFilter;
  /** The model object of the AI SDK that judges; `"model"` needs it. */
  model?: ModelObject;
  /** Ledger, rate and budget of the judgements; `"model"` needs them. */
  calls?: Calls;
  /** How many are taken of each source. @default all */
  sample?: ExemplarSample;
  /** Decides which are in the sample. @default 1 */
  seed?: number;
  /** Whether a file may hold no exemplar, as one that a folder or a glob led to: then it is a row that gives none. @default no file may */
  mayHoldNone?: (file: string) => boolean;
  signal?: AbortSignal;
}

/**
 * Every row of one or several files of exemplars, or of a list of them, each exactly once: an exemplar that is kept, or a row that is not, with its
 * reason. Throws `bad-record` for a line that is not JSON, `budget-exhausted`, `bad-option`, and what `readExemplars` and what stops all
 * calls throw; a judgement that fails alone is a failed row.
 */
export async function* filterExemplars(
  source: string | readonly string[] | readonly Exemplar[],
  { filter = "rules", model, calls, sample, seed = 1, mayHoldNone, signal }: FilterExemplarsOptions = {},
): AsyncGenerator<ExemplarRow> {
  if (filter === "model" && !(model && calls))
    throw new RagInstructError("bad-option", 'filter "model" needs a model and calls');
  const judge =
    filter === "model" && model && calls
      ? (rows: Source<ExemplarRow>) => judgeKept(rows, { model, calls, mayJudge: isUnbrought, signal })
      : undefined;
  const sifted = sift(source, { filter, mayHoldNone, signal });
  const outcomes = sample ? sampleExemplars(sifted, { sample, seed, judge }) : (judge?.(sifted) ?? sifted);
  for await (const outcome of outcomes) {
    if (outcome.status === "failed" && RagInstructError.is(outcome.error, "budget-exhausted")) throw outcome.error;
    yield outcome;
  }
}

/** What costs nothing: the rows, and the rules where they are wanted. */
async function* sift(
  source: string | readonly string[] | readonly Exemplar[],
  { filter, mayHoldNone, signal }: Pick<FilterExemplarsOptions, "filter" | "mayHoldNone" | "signal">,
): AsyncGenerator<ExemplarRow> {
  const unread: UnreadExemplar[] = [];
  const onUnread = (row: UnreadExemplar) => {
    if (row.reason === "not-json" && !mayHoldNone?.(row.file))
      throw new RagInstructError("bad-record", `${row.file}:${row.line}: ${row.detail}`);
    unread.push(row);
  };
  const isRead = isFiles(source);
  const read = isRead ? readFiles(source, { onUnread, mayHoldNone, signal }) : source;
  // What comes with the package needs no rules, and so nothing that tells languages apart.
  const isSifted = filter === "model" || (filter === "rules" && isRead && ![source].flat().every(isExemplarSet));
  for await (const outcome of isSifted ? siftUnbrought(read, signal) : keepAll(read)) {
    yield* unread.splice(0).map(rejectedRow);
    yield outcome;
  }
  yield* unread.map(rejectedRow);
}

interface ReadFilesOptions {
  onUnread: (row: UnreadExemplar) => void;
  mayHoldNone: ((file: string) => boolean) | undefined;
  signal: AbortSignal | undefined;
}

/** The exemplars of all files; one that holds none and may is a row alone. */
async function* readFiles(
  paths: string | readonly string[],
  { onUnread, mayHoldNone, signal }: ReadFilesOptions,
): AsyncGenerator<Exemplar> {
  for (const file of [paths].flat()) {
    try {
      yield* readExemplars(file, { onUnread, signal });
    } catch (error) {
      if (!mayHoldNone?.(file) || !RagInstructError.is(error, "unknown-format")) throw error;
      onUnread({ file, line: 1, reason: "unknown-shape", detail: error.message });
    }
  }
}

function isFiles(source: string | readonly string[] | readonly Exemplar[]): source is string | readonly string[] {
  return typeof source === "string" || typeof source[0] === "string";
}

/** What a file of rejected exemplars says of one: the question and why, or the row that gave none. */
export function rejectedExemplar(outcome: Refused<Exemplar | UnreadExemplar>): unknown {
  const { id, input } = outcome;
  if (!("question" in input)) return input;
  const { question, source } = input;
  if (outcome.status === "rejected") return { id, source, question, reason: outcome.reason, detail: outcome.detail };
  const { error } = outcome;
  return { id, source, question, reason: RagInstructError.is(error) ? error.code : error.name, detail: error.message };
}

/** The free rules for exemplars that bring no documents, in the order of the data. */
async function* siftUnbrought(
  exemplars: Source<Exemplar>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Outcome<Exemplar, Exemplar>> {
  const brought: Exemplar[] = [];
  async function* unbrought() {
    for await (const exemplar of exemplars) {
      if (isUnbrought(exemplar)) yield exemplar;
      else brought.push(exemplar);
    }
  }
  for await (const outcome of siftByRules(unbrought())) {
    signal?.throwIfAborted();
    yield* keepAll(brought.splice(0));
    yield outcome;
  }
  yield* keepAll(brought);
}

function isUnbrought({ documents }: Exemplar): boolean {
  return documents === undefined;
}

async function* keepAll(exemplars: Source<Exemplar>): AsyncGenerator<Outcome<Exemplar, Exemplar>> {
  for await (const value of exemplars) yield { status: "accepted", id: value.id, value };
}

function rejectedRow(row: UnreadExemplar): ExemplarRow {
  const { file, line, reason, detail } = row;
  return { status: "rejected", id: `${file}:${line}`, input: row, reason, detail };
}

/** What judging exemplars asks, as far as can be told before. */
export interface ExpectedJudgements {
  calls: number;
  inputTokens: number;
  outputTokens: number;
}

const outputTokensAJudgement = 40;

/**
 * What judging exemplars with `filter: "model"` would ask: a call for each that the free rules leave and the sample takes. Reads them
 * once. More is asked where a sample has to replace what the judge does not keep. Throws what {@link filterExemplars} throws.
 */
export async function expectJudgements(
  source: string | readonly string[] | readonly Exemplar[],
  options: Pick<FilterExemplarsOptions, "sample" | "seed" | "mayHoldNone" | "signal"> = {},
): Promise<ExpectedJudgements> {
  const sum: ExpectedJudgements = { calls: 0, inputTokens: 0, outputTokens: 0 };
  for await (const row of filterExemplars(source, { ...options, filter: "rules" })) {
    if (row.status !== "accepted" || row.value.documents) continue;
    sum.calls++;
    sum.inputTokens += judgementTokens(row.value);
    sum.outputTokens += outputTokensAJudgement;
  }
  return sum;
}

/** How many exemplars there are to read, whether a filter would keep them or not. */
export async function countExemplars(
  source: string | readonly string[] | readonly Exemplar[],
  options: Pick<FilterExemplarsOptions, "mayHoldNone" | "signal"> = {},
): Promise<number> {
  let count = 0;
  for await (const { status } of filterExemplars(source, { ...options, filter: "off" }))
    if (status === "accepted") count++;
  return count;
}

/** What became of the exemplars that were read. */
interface KeptExemplars {
  read: number;
  kept: number;
  /** Those kept, by source. */
  sources: Record<string, number>;
  /** Those left out, by reason, most first, each with one of them to look at. */
  leftOut: { reason: string; count: number; sample: string; detail: string }[];
}

/** A line of the file of rejected exemplars: an exemplar, or where a row stands that gave none. */
interface RejectedLine {
  question?: string;
  file?: string;
  line?: number;
  reason: string;
  detail: string;
}

/** Reads what became of the exemplars of a run from the two files that its folder keeps of them. A file that is not there holds none. */
async function keptExemplars(run: string): Promise<KeptExemplars> {
  const [kept, rejected] = [join(run, "exemplars.jsonl"), join(run, "exemplars-rejected.jsonl")];
  const found: KeptExemplars = { read: 0, kept: 0, sources: {}, leftOut: [] };
  for await (const { source } of readJsonl<Exemplar>(kept, { mayBeMissing: true })) {
    found.kept++;
    found.sources[source] = (found.sources[source] ?? 0) + 1;
  }
  const byReason = new Map<string, KeptExemplars["leftOut"][number]>();
  for await (const line of readJsonl<RejectedLine>(rejected, { mayBeMissing: true })) {
    const { reason, detail, question, file } = line;
    const known = byReason.get(reason);
    if (known) known.count++;
    else byReason.set(reason, { reason, count: 1, sample: question ?? `${file}:${line.line}`, detail });
  }
  found.leftOut = [...byReason.values()].sort((a, b) => b.count - a.count);
  found.read = found.kept + found.leftOut.reduce((sum, { count }) => sum + count, 0);
  return found;
}

const maxShown = 80;

/** The share of a run's exemplars that was kept, of which sources, and what was left out with one of each reason, in lines; none where all were kept. */
export async function exemplarLines(run: string): Promise<string[]> {
  const { read, kept, sources, leftOut } = await keptExemplars(run);
  if (leftOut.length === 0) return [];
  const share = read > 0 ? ((100 * kept) / read).toFixed(1) : "0";
  const of = Object.entries(sources).map(([source, times]) => `${numberText(times)} of ${source}`);
  const digits = Math.max(...leftOut.map(({ count }) => numberText(count).length));
  return [
    `${numberText(kept)} of ${numberText(read)} exemplars kept (${share}%)${of.length > 1 ? `: ${of.join(", ")}` : ""}. Left out, one shown of each reason:`,
    ...leftOut.map(
      ({ reason, count, sample, detail }) =>
        `  ${numberText(count).padStart(digits)} ${reason}: ${shortened(sample)} (${shortened(detail)})`,
    ),
  ];
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxShown ? `${line.slice(0, maxShown)}…` : line;
}
