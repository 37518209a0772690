import { RagInstructError, type Review, type ReviewFigures, seenHash } from "@rag-instruct/core";
import { checkReview, openReviewLog } from "@rag-instruct/core/node";
import type { RunIndex } from "../app/run-index.ts";

/** A decision that was kept. */
export interface Decided {
  /** The one that counts for the pair from now on; undefined where the last was taken back. */
  review?: Review;
  figures: ReviewFigures;
}

/**
 * Keeps a person's decision on a pair of a run, once it is on disk; undefined where the pair is not any more what the person saw. Throws
 * `bad-option` where there is no such pair, and `bad-record` for what is no decision.
 */
export async function decide(index: RunIndex, given: Record<string, unknown>): Promise<Decided | undefined> {
  const row = index.byId(String(given.id));
  if (!row) throw new RagInstructError("bad-option", `this run has no pair ${given.id}, or has it no more; look again`);
  const review = checkReview({ ...reviewOf(given), paradigm: row.paradigm }, "the decision");
  if (review.decision !== "undone" && review.seen !== seenHash(row)) return undefined;
  await using log = await openReviewLog(index.run);
  await log.append(review);
  const reviews = await index.reviews();
  return { review: reviews.of(row), figures: reviews.figures() };
}

function reviewOf({ id, seen, decision, edit, reason, reviewer }: Record<string, unknown>): Partial<Review> {
  const time = new Date().toISOString();
  return { id, seen, decision, edit, reason: reason || undefined, reviewer: reviewer || "me", time } as Partial<Review>;
}
