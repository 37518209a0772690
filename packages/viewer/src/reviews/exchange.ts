import { join } from "node:path";
import {
  isObject,
  type Pair,
  RagInstructError,
  type Review,
  type Reviewable,
  type ReviewDecision,
  type ReviewEdit,
  Reviews,
  seenHash,
} from "@rag-instruct/core";
import {
  checkReview,
  csvRow,
  openReviewLog,
  readJsonl,
  readRecords,
  readReviewLog,
  readReviews,
  writeAtomic,
} from "@rag-instruct/core/node";
import { readRun, refusedOf } from "../read-run.ts";

/** A form in which decisions are given to other tools: a line each, a table, or the records of Argilla and Label Studio. */
export type ReviewFormat = "jsonl" | "csv" | "argilla" | "label-studio";

/** Options of {@link exportReviews}. */
export interface ExportReviewsOptions {
  /** The run folder. */
  run: string;
  /** The file to write. */
  to: string;
  /** @default by the file's ending: `.csv` is a table, all else lines */
  format?: ReviewFormat;
  /** @default true */
  overwrite?: boolean;
}

/** Pairs that are read beside decisions: all of them for tools that ask people, those with a decision otherwise. */
interface Exported {
  pair: Pair;
  reviews: Review[];
}

/**
 * Writes the pairs of a run with what people decided of them. For Argilla and Label Studio these are all pairs, to be decided on there;
 * as lines or table they are the decisions alone, those that were taken back among them.
 * @returns records written
 */
export async function exportReviews({ run, to, format, overwrite = true }: ExportReviewsOptions): Promise<number> {
  const kind = format ?? (to.toLowerCase().endsWith(".csv") ? "csv" : "jsonl");
  let count = 0;
  const counting = async function* (lines: AsyncIterable<string>) {
    for await (const line of lines) {
      count++;
      yield line;
    }
  };
  const isList = kind === "argilla" || kind === "label-studio";
  const records = counting(isList ? listed(run, kind) : kind === "csv" ? tableRows(run) : decisionLines(run));
  await writeAtomic(to, isList ? inBrackets(records) : kind === "csv" ? withHeader(records) : records, { overwrite });
  return count;
}

async function* decisionLines(run: string): AsyncGenerator<string> {
  for (const review of await readReviewLog(run)) yield `${JSON.stringify(review)}\n`;
}

const columns = ["id", "paradigm", "seen", "decision", "reason", "reviewer", "time", "edit"] as const;

async function* tableRows(run: string): AsyncGenerator<string> {
  for (const review of await readReviewLog(run)) {
    // What the checks said of a pair is looked up where the table is read.
    const { edit, refused: _, ...fields } = review;
    const values: Record<string, string | undefined> = { ...fields, edit: edit && JSON.stringify(edit) };
    yield csvRow(columns.map((name) => values[name] ?? ""));
  }
}

async function* withHeader(rows: AsyncIterable<string>): AsyncGenerator<string> {
  yield csvRow(columns);
  yield* rows;
}

async function* inBrackets(records: AsyncIterable<string>): AsyncGenerator<string> {
  let isFirst = true;
  yield "[";
  for await (const record of records) {
    yield `${isFirst ? "\n" : ",\n"}${record}`;
    isFirst = false;
  }
  yield "\n]\n";
}

async function* listed(run: string, format: "argilla" | "label-studio"): AsyncGenerator<string> {
  const decided = await readReviews(run);
  for await (const pair of readJsonl<Pair>(join(run, "pairs.jsonl"), { mayBeMissing: true })) {
    const reviews = decided.byEach(pair);
    yield JSON.stringify(format === "argilla" ? argillaRecord({ pair, reviews }) : labelStudioTask({ pair, reviews }));
  }
}

/** A record of Argilla 2, as `dataset.records.to_list()` has it and `dataset.records.log()` takes it. */
function argillaRecord({ pair, reviews }: Exported): Record<string, unknown> {
  const { id, paradigm, question, answer } = pair;
  const answers = (of: (review: Review) => string | undefined) =>
    reviews.flatMap((review) => {
      const value = of(review);
      return value === undefined ? [] : [{ value, user_id: review.reviewer }];
    });
  const responses = {
    decision: answers(({ decision }) => decision),
    reason: answers(({ reason }) => reason),
    edited_question: answers(({ edit }) => edit?.question),
    edited_answer: answers(({ edit }) => edit?.answer),
  };
  return {
    id,
    status: reviews.length > 0 ? "completed" : "pending",
    fields: { question, answer: answerOf(pair), documents: documentsOf(pair) },
    metadata: { paradigm, seen: seenHash(pair), answer },
    responses: Object.fromEntries(Object.entries(responses).filter(([, given]) => given.length > 0)),
  };
}

/** A task of Label Studio with its annotations, as its JSON export and import have it. */
function labelStudioTask({ pair, reviews }: Exported): Record<string, unknown> {
  const { id, paradigm, question } = pair;
  const text = (name: string, value: string) => ({
    from_name: name,
    to_name: "question",
    type: "textarea",
    value: { text: [value] },
  });
  const annotations = reviews.map(({ decision, reason, edit, reviewer, time }) => ({
    completed_by: { email: reviewer },
    created_at: time,
    result: [
      { from_name: "decision", to_name: "question", type: "choices", value: { choices: [decision] } },
      ...(reason ? [text("reason", reason)] : []),
      ...(edit ? [text("edited_question", edit.question), text("edited_answer", edit.answer)] : []),
    ],
  }));
  return {
    data: { id, paradigm, seen: seenHash(pair), question, answer: answerOf(pair), documents: documentsOf(pair) },
    annotations,
  };
}

function answerOf({ answer, options }: Pair): string {
  const option = options?.[answer.charCodeAt(0) - 65];
  return option === undefined ? answer : `${answer}: ${option}`;
}

function documentsOf({ documents }: Pair): string {
  return documents.map(({ title, text }) => (title ? `${title}\n${text}` : text)).join("\n\n");
}

/** What a record of another tool says, before it is known which pair it is about. */
interface Given {
  id: string;
  seen?: string;
  decision: string;
  reason?: string;
  edit?: { question?: string; answer?: string; options?: string[] };
  reviewer: string;
  time?: string;
}

/**
 * Reads decisions from JSON lines, JSON or CSV of this package, and from records of Argilla and Label Studio, and adds to the run those
 * that are not there yet. One without a hash of what was seen is taken for the pair as it is now. Nothing is added where one line cannot be
 * read: throws `bad-record` with file and place. A pair may be one that the run rejected.
 * @returns decisions added, and those that were there already or are about no pair of this run
 */
export async function importReviews({
  run,
  from,
}: {
  run: string;
  from: string;
}): Promise<{ added: number; known: number; unknown: number }> {
  const pairs = new Map<string, Reviewable & Pick<Review, "refused">>();
  for await (const { id, paradigm, question = "", answer = "", options, verdict } of readRun(run))
    pairs.set(id, { id, paradigm, question, answer, options, ...refusedOf({ verdict }) });
  const before = await readReviewLog(run);
  const keyOf = ({ id, seen, decision, reviewer, time }: Review) =>
    JSON.stringify([id, seen, decision, reviewer, time]);
  const there = new Set(before.map(keyOf));
  const standing = new Reviews(before);
  const added: Review[] = [];
  let known = 0;
  let unknown = 0;
  for await (const { value, file, line } of readRecords(from)) {
    const place = `${file}:${line}`;
    for (const given of decisionsIn(value, place)) {
      const pair = pairs.get(given.id);
      if (!pair) {
        unknown++;
        continue;
      }
      const review = toReview(given, pair, place);
      const same = standing.of(pair);
      const isSame =
        given.time === undefined && same?.decision === review.decision && same.reviewer === review.reviewer;
      if (isSame || there.has(keyOf(review))) known++;
      else added.push(review);
    }
  }
  await using log = await openReviewLog(run);
  for (const review of added) await log.append(review);
  return { added: added.length, known, unknown };
}

function toReview({ edit, ...given }: Given, pair: Reviewable & Pick<Review, "refused">, place: string): Review {
  const { id, paradigm, question, answer, options, refused } = pair;
  const isEdit = edit !== undefined && (edit.question !== undefined || edit.answer !== undefined);
  const text: ReviewEdit | undefined = isEdit ? { question, answer, options, ...withoutUndefined(edit) } : undefined;
  const review = {
    ...given,
    id,
    paradigm,
    seen: given.seen ?? seenHash(pair),
    edit: text,
    refused,
    reason: given.reason || undefined,
    decision: given.decision as ReviewDecision,
    time: given.time ?? new Date().toISOString(),
  };
  return checkReview(review, place);
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

/** The decisions of one record, in whichever of the known forms it has. */
function decisionsIn(value: unknown, place: string): Given[] {
  if (isObject(value) && isObject(value.responses)) return fromArgilla(value);
  if (isObject(value) && isObject(value.data) && Array.isArray(value.annotations)) return fromLabelStudio(value);
  if (isObject(value) && typeof value.id === "string" && typeof value.decision === "string") {
    const edit = typeof value.edit === "string" && value.edit !== "" ? JSON.parse(value.edit) : value.edit || undefined;
    const filled = Object.fromEntries(Object.entries(value).filter(([, field]) => field !== ""));
    return [{ ...filled, edit } as unknown as Given];
  }
  throw new RagInstructError("bad-record", `${place}: no decision in any known form (it needs "id" and "decision")`);
}

function fromArgilla({ id, metadata, responses }: Record<string, unknown>): Given[] {
  const given = responses as Record<string, { value: unknown; user_id?: unknown }[] | undefined>;
  const of = (name: string, user: unknown) => {
    const value = given[name]?.find((response) => response.user_id === user)?.value;
    return value === undefined ? undefined : String(value);
  };
  const seen = isObject(metadata) && typeof metadata.seen === "string" ? metadata.seen : undefined;
  return (given.decision ?? []).map(({ value, user_id: user }) => ({
    id: String(id),
    seen,
    decision: String(value),
    reason: of("reason", user),
    edit: { question: of("edited_question", user), answer: of("edited_answer", user) },
    reviewer: String(user ?? "argilla"),
  }));
}

function fromLabelStudio({ data, annotations }: Record<string, unknown>): Given[] {
  const { id, seen } = data as Record<string, unknown>;
  return (annotations as Record<string, unknown>[]).flatMap((annotation): Given[] => {
    const results = (annotation.result ?? []) as {
      from_name: string;
      value: { choices?: string[]; text?: string[] | string };
    }[];
    const of = (name: string) => {
      const { choices, text } = results.find((result) => result.from_name === name)?.value ?? {};
      return choices?.[0] ?? [text].flat()[0];
    };
    const decision = of("decision");
    if (decision === undefined) return [];
    const by = annotation.completed_by;
    return [
      {
        id: String(id),
        seen: typeof seen === "string" ? seen : undefined,
        decision,
        reason: of("reason"),
        edit: { question: of("edited_question"), answer: of("edited_answer") },
        reviewer: isObject(by) ? String(by.email ?? by.id) : String(by ?? "label-studio"),
        time: typeof annotation.created_at === "string" ? annotation.created_at : undefined,
      },
    ];
  });
}
