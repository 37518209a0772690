import {
  type Exemplar,
  guessLanguage,
  isObject,
  type Pair,
  RagInstructError,
  type Review,
  type ReviewFigures,
  type Reviews,
  seededRandom,
  seenHash,
  type TrainingExample,
} from "@rag-instruct/core";
import { checkReview, openReviewLog, readReviews } from "@rag-instruct/core/node";
import {
  countPlanned,
  fromPair,
  fromRefused,
  fromUnassembled,
  type Refused,
  type RunItem,
  readExemplars,
  refusedOf,
  type Unassembled,
} from "../read-run.ts";
import type { Verdict } from "../shape.ts";
import { GrowingFile, type Place } from "./growing-file.ts";

// Languages that are guessed at a time: some twenty milliseconds, in which nobody else is served.
const maxGuesses = 1_000;

/** One task of a run, as a list shows it and is filtered by. */
export interface Row {
  /** Names the row as long as its file stands: even for pairs, odd for what was refused. */
  number: number;
  id: string;
  paradigm: string;
  question: string;
  answer: string;
  options?: string[];
  reason?: string;
  verdict: Verdict;
}

/** What of the list is asked for; what is not given is not asked about. */
export interface RowFilter {
  /** Words of question or answer, or an id. */
  text?: string;
  paradigm?: string;
  verdict?: Verdict;
  reason?: string;
  /** `none` takes what nobody has decided on. */
  review?: "none" | "any" | "accepted" | "rejected" | "edited";
  /** ISO 639-1. */
  language?: string;
  /** So many by chance, an equal share of each paradigm. */
  sample?: { size: number; seed: number };
}

/** A decision that was kept. */
export interface Decided {
  /** The one that counts for the pair from now on; undefined where the last was taken back. */
  review?: Review;
  figures: ReviewFigures;
}

/**
 * A run folder as it grows: a line of every pair and of every task that was refused in memory (some 500 bytes), their documents where
 * they are on disk.
 */
export class RunIndex {
  readonly run: string;
  readonly #files: Record<"plan" | "pairs" | "rejected" | "train" | "unassembled", GrowingFile>;
  #pairs: { row: Row; place: Place }[] = [];
  #refused: { row: Row; place: Place }[] = [];
  readonly #examples = new Map<string, Place>();
  readonly #unassembled = new Map<string, Unassembled>();
  #wanted: Record<string, number> = {};
  readonly #languages = new Map<string, string>();
  #exemplars: Promise<ReadonlyMap<string, Exemplar>> | undefined;
  #reading: Promise<boolean> | undefined;
  #reviews: Reviews | undefined;
  /** Whether all that was there has been read once. */
  isComplete = false;

  constructor(run: string) {
    this.run = run;
    const file = (name: string) => new GrowingFile(run, name);
    this.#files = {
      plan: file("plan.jsonl"),
      pairs: file("pairs.jsonl"),
      rejected: file("rejected.jsonl"),
      train: file("train.jsonl"),
      unassembled: file("unassembled.jsonl"),
    };
  }

  /** Pairs wanted of each paradigm, as the plan has them beside its reserves. */
  get wanted(): Readonly<Record<string, number>> {
    return this.#wanted;
  }

  /** The decisions of people, read anew. */
  async reviews(): Promise<Reviews> {
    this.#reviews = await readReviews(this.run);
    return this.#reviews;
  }

  /**
   * Keeps a person's decision on a pair: it is on disk when this resolves. Undefined where the pair is not any more what the person saw.
   * Throws `bad-option` where there is no such pair, and `bad-record` for what is no decision.
   */
  async decide({
    id,
    seen,
    decision,
    edit,
    reason,
    reviewer,
  }: Readonly<Record<string, unknown>>): Promise<Decided | undefined> {
    const row = this.byId(String(id));
    if (!row) throw new RagInstructError("bad-option", `this run has no pair ${id}, or has it no more; look again`);
    const { paradigm } = row;
    const time = new Date().toISOString();
    const given = {
      id,
      paradigm,
      seen,
      decision,
      edit,
      reason: reason || undefined,
      reviewer: reviewer || "me",
      ...refusedOf(row),
      time,
    };
    const review = checkReview(given, "the decision");
    if (review.decision !== "undone" && review.seen !== seenHash(row)) return undefined;
    await using log = await openReviewLog(this.run);
    await log.append(review);
    const reviews = await this.reviews();
    return { review: reviews.of(row), figures: reviews.figures() };
  }

  /** Reads what is new, and says whether anything is. Whoever asks meanwhile waits for the same reading. */
  refresh(): Promise<boolean> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<boolean> {
    const { plan, pairs, rejected, train, unassembled } = this.#files;
    await plan.read(
      (line) => countPlanned(this.#wanted, recordOf(line)),
      () => {
        this.#wanted = {};
      },
    );
    const isNew = [
      await pairs.read(
        (line, place) => this.#pairs.push({ row: rowOfPair(recordOf(line), 2 * this.#pairs.length), place }),
        () => {
          this.#pairs = [];
        },
      ),
      await rejected.read(
        (line, place) => this.#refused.push({ row: rowOfRefused(recordOf(line), 2 * this.#refused.length + 1), place }),
        () => {
          this.#refused = [];
        },
      ),
      await train.read(
        (line, place) => this.#examples.set(idOf(line), place),
        () => this.#examples.clear(),
      ),
      await unassembled.read(
        (line) => {
          const left = recordOf<Unassembled>(line);
          this.#unassembled.set(left.id, left);
        },
        () => this.#unassembled.clear(),
      ),
    ];
    this.isComplete = true;
    if (!isNew.includes(true)) return false;
    for (const { row } of this.#pairs) this.#judge(row);
    this.#exemplars = undefined;
    return true;
  }

  /** A pair is accepted until assembly leaves it out. */
  #judge(row: Row): void {
    const left = this.#examples.has(row.id) ? undefined : this.#unassembled.get(row.id);
    row.verdict = left ? "unassembled" : "accepted";
    row.reason = left?.reason;
  }

  /** All rows: pairs in the order in which they were written, then what was refused. */
  rows(): Row[] {
    return [...this.#pairs, ...this.#refused].map(({ row }) => row);
  }

  /** The rows that a filter lets through. */
  async find(filter: RowFilter): Promise<Row[]> {
    const { paradigm, verdict, reason, review, language, sample } = filter;
    const words = (filter.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const reviews = this.#reviews ?? (await this.reviews());
    const found = this.rows().filter(
      (row) =>
        (paradigm === undefined || row.paradigm === paradigm) &&
        (verdict === undefined || row.verdict === verdict) &&
        (reason === undefined || row.reason === reason) &&
        (language === undefined || this.#languageOf(row) === language) &&
        (review === undefined || fitsReview(review, reviews.of(row)?.decision)) &&
        words.every((word) => `${row.question}\n${row.answer}\n${row.id}`.toLowerCase().includes(word)),
    );
    return sample ? fairSample(found, sample) : found;
  }

  /** The languages of the questions that have been looked at, the most frequent first: whoever asks again hears of more of a large run. */
  languages(): string[] {
    const counts = new Map<string, number>();
    let left = maxGuesses;
    for (const row of this.rows()) {
      if (left === 0 && !this.#languages.has(row.id)) continue;
      if (!this.#languages.has(row.id)) left--;
      const language = this.#languageOf(row);
      counts.set(language, (counts.get(language) ?? 0) + 1);
    }
    return [...counts].sort(([, a], [, b]) => b - a).map(([language]) => language);
  }

  #languageOf({ id, question }: Row): string {
    const known = this.#languages.get(id);
    if (known !== undefined) return known;
    const guessed = guessLanguage(question).language ?? "unknown";
    this.#languages.set(id, guessed);
    return guessed;
  }

  /** A row by the id of its pair or task. */
  byId(id: string): Row | undefined {
    return this.rows().find((row) => row.id === id);
  }

  /** Whether a row of this number has been read. */
  has(number: number): boolean {
    return this.#at(number) !== undefined;
  }

  #at(number: number): { row: Row; place: Place } | undefined {
    return (number % 2 === 0 ? this.#pairs : this.#refused)[Math.floor(number / 2)];
  }

  /** Everything that the files hold of one row. Throws `bad-option` where there is none. */
  async item(number: number): Promise<RunItem & { exemplar?: Exemplar }> {
    const { pairs, rejected, train } = this.#files;
    const isPair = number % 2 === 0;
    const found = this.#at(number);
    if (!found) throw new RagInstructError("bad-option", `this run has no pair number ${number}`);
    const item = isPair
      ? await this.#pairItem((await pairs.lineAt(found.place)) as Pair, train)
      : fromRefused((await rejected.lineAt(found.place)) as Refused);
    this.#exemplars ??= readExemplars(this.run);
    const exemplars = await this.#exemplars;
    return { ...item, exemplar: item.exemplar ?? exemplars.get(item.exemplarId ?? "") };
  }

  async #pairItem(pair: Pair, train: GrowingFile): Promise<RunItem> {
    const place = this.#examples.get(pair.id);
    const example = place && ((await train.lineAt(place)) as TrainingExample);
    const left = this.#unassembled.get(pair.id);
    return example || !left ? fromPair(pair, example) : fromUnassembled(pair, left);
  }
}

/** The record in a line. Throws for what is none. */
function recordOf<T>(line: string): T {
  const record: unknown = JSON.parse(line);
  if (!isObject(record)) throw new TypeError("no record");
  return record as T;
}

function rowOfPair({ id, paradigm, question, answer, options, documents }: Pair, number: number): Row {
  const isPair = [id, paradigm, question, answer].every((text) => typeof text === "string") && Array.isArray(documents);
  if (!isPair) throw new TypeError("no pair");
  return { number, id, paradigm, question, answer, options, verdict: "accepted" };
}

function rowOfRefused(refused: Refused, number: number): Row {
  const { id, paradigm, verdict, question = "", answer = "", options, reason } = fromRefused(refused);
  return { number, id, paradigm, question, answer, options, verdict, reason };
}

/** The id of a line, without parsing its documents. */
function idOf(line: string): string {
  const [, id] = /^\{"id":("(?:[^"\\]|\\.)*")/.exec(line) ?? [];
  return String(id === undefined ? (JSON.parse(line) as { id: unknown }).id : JSON.parse(id));
}

function fitsReview(wanted: NonNullable<RowFilter["review"]>, decision: string | undefined): boolean {
  if (wanted === "none") return decision === undefined;
  return wanted === "any" ? decision !== undefined : decision === wanted;
}

/** So many rows by chance, as equal a share of each paradigm as there are; the same for the same seed, and in the list's order. */
function fairSample(rows: readonly Row[], { size, seed }: { size: number; seed: number }): Row[] {
  const groups = [...Map.groupBy(rows, ({ paradigm }) => paradigm)].map(([paradigm, group]) =>
    group
      .map((row) => ({ row, order: seededRandom("sample", seed, paradigm, row.id).next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ row }) => row),
  );
  const taken: Row[] = [];
  for (let round = 0; taken.length < size && groups.some((group) => round < group.length); round++)
    for (const group of groups) if (round < group.length && taken.length < size) taken.push(group[round]!);
  const place = new Map(rows.map((row, i) => [row, i]));
  return taken.sort((a, b) => place.get(a)! - place.get(b)!);
}
