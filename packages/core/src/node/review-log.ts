import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import { type Review, type ReviewDecision, Reviews } from "../reviews.ts";
import { isObject } from "../types.ts";
import { type JsonlFile, openJsonl } from "./jsonl.ts";
import { isRunFolder } from "./run-folder.ts";

/** The file of a run folder that holds what people decided. */
export const reviewsFile = "reviews.jsonl";

const decisions: ReadonlySet<unknown> = new Set<ReviewDecision>(["accepted", "rejected", "edited", "undone"]);

/**
 * The decisions on the pairs of a run, as {@link readReviewLog} reads them: its own, and those of the run that it lies in, as `verified/` does,
 * whose pairs it has. Of each pair the one that was made last counts.
 */
export async function readReviews(run: string): Promise<Reviews> {
  const [first = [], ...others] = await Promise.all((await decidedIn(run)).map(readReviewLog));
  // Decisions that were taken over from the other folder are there twice.
  const known = new Set(first.map((review) => JSON.stringify(review)));
  const added = others.flat().filter((review) => !known.has(JSON.stringify(review)));
  return new Reviews([...first, ...added].sort((a, b) => Date.parse(a.time) - Date.parse(b.time) || 0));
}

/** The folders whose decisions are about the pairs of a run. */
async function decidedIn(run: string): Promise<string[]> {
  const around = dirname(resolve(run));
  return (await isRunFolder(around)) ? [around, run] : [run];
}

/**
 * Every line of the decisions on a run, in order, those that were taken back among them; none where there is no file. A last line without
 * its end is one that is being written, or that a killed process left: it is passed over. Throws `bad-record` with file and line.
 */
export async function readReviewLog(run: string): Promise<Review[]> {
  const path = join(run, reviewsFile);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new RagInstructError("file-missing", `cannot read ${path}: ${error.message}`, { cause: error });
  });
  const lines = text.split("\n");
  lines.pop();
  return lines.flatMap((line, i) => (line.trim() === "" ? [] : [readLine(line, `${path}:${i + 1}`)]));
}

/** A hash of the decisions that {@link readReviews} reads, for the keys of what is made with them; undefined where there are none. */
export async function hashReviews(run: string): Promise<string | undefined> {
  const read = (folder: string) => readFile(join(folder, reviewsFile), "utf8").catch(() => "");
  const texts = await Promise.all((await decidedIn(run)).map(read));
  return (
    texts
      .filter(Boolean)
      .map((text) => hashOf(text))
      .join(" ") || undefined
  );
}

/** Opens the decisions of a run for adding to them: each is on disk when `append` resolves. Throws `file-unwritable`. */
export function openReviewLog(run: string): Promise<JsonlFile> {
  return openJsonl(join(run, reviewsFile), { durable: true });
}

/** Takes over the decisions of another run that are not there yet, so that they stay when the folders are no longer together. */
export async function adoptReviews(from: string, into: string): Promise<void> {
  const known = new Set((await readReviewLog(into)).map((review) => JSON.stringify(review)));
  const missing = (await readReviewLog(from)).filter((review) => !known.has(JSON.stringify(review)));
  if (missing.length === 0) return;
  await using log = await openReviewLog(into);
  for (const review of missing) await log.append(review);
}

function readLine(line: string, place: string): Review {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new RagInstructError("bad-record", `${place}: this is not JSON; take the line out`, { cause });
  }
  return checkReview(value, place);
}

/** A decision as it was read from outside. Throws `bad-record` with its place. */
export function checkReview(value: unknown, place: string): Review {
  const wrong = (what: string) => new RagInstructError("bad-record", `${place}: ${what}`);
  if (!isObject(value)) throw wrong("a review must be an object");
  const { id, paradigm, seen, decision, edit, reason, reviewer, time } = value;
  for (const [name, field] of Object.entries({ id, paradigm, seen, reviewer, time }))
    if (typeof field !== "string") throw wrong(`a review needs "${name}" as text`);
  if (!decisions.has(decision)) throw wrong('"decision" must be accepted, rejected, edited or undone');
  if (reason !== undefined && typeof reason !== "string") throw wrong('"reason" must be text');
  if (edit !== undefined && !isEdit(edit)) throw wrong('"edit" must hold "question" and "answer" as text');
  if (decision === "edited" && edit === undefined) throw wrong('"edited" needs the new text in "edit"');
  return value as unknown as Review;
}

function isEdit(edit: unknown): boolean {
  if (!isObject(edit)) return false;
  const { question, answer, options } = edit;
  const areOptions =
    options === undefined || (Array.isArray(options) && options.every((one) => typeof one === "string"));
  return typeof question === "string" && typeof answer === "string" && areOptions;
}
