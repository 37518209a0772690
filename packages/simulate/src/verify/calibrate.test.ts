import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pair, type Review, seenHash } from "@rag-instruct/core";
import { reviewsFile } from "@rag-instruct/core/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pairIdOf } from "../synthesis/write-pair.ts";
import { calibrate, calibrationText, hashDecisions } from "./calibrate.ts";

let run: string;
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), "calibrate-"));
  await writeFile(join(run, "stages.json"), JSON.stringify({ synthesize: { key: "k", outputs: {} } }));
});
afterEach(() => rm(run, { recursive: true, force: true }));

const judged = { verify: { level: "judge", calls: 1 } };

function pair(n: number, more: Partial<Pair> = {}): Pair {
  return {
    id: `p${n}`,
    paradigm: "single-doc-answer",
    exemplarId: "e",
    model: "m",
    question: `Question ${n}?`,
    answer: `Answer ${n}`,
    documents: [],
    evidence: judged,
    ...more,
  };
}

function review(of: Pair, decision: Review["decision"], more: Partial<Review> = {}): Review {
  const { id, paradigm } = of;
  return { id, paradigm, seen: seenHash(of), decision, reviewer: "ada", time: "2026-01-02T03:04:05Z", ...more };
}

const refused = (input: Pair, reason = "answer-wrong", id = input.id) => ({ status: "rejected", id, input, reason });

async function write(name: string, records: readonly unknown[], folder = run): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

describe("calibrate", () => {
  it("compares the verdicts of a run's files with its reviews, and leaves out what no model judged", async () => {
    const pairs = [1, 2, 3, 4].map((n) => pair(n));
    await write("pairs.jsonl", [...pairs, pair(5, { evidence: { verify: { level: "lexical", calls: 0 } } })]);
    const [six, seven] = [pair(6), pair(7)];
    await write("rejected.jsonl", [
      refused(six),
      refused(seven),
      refused(pair(8, { evidence: undefined }), "leaks-answer"),
      refused(pair(9), "near-duplicate"),
      { status: "failed", id: "p10", input: pair(10), error: "down" },
    ]);
    await write(reviewsFile, [
      review(pairs[0]!, "accepted"),
      review(pairs[1]!, "rejected"),
      review(pairs[2]!, "edited", { edit: { question: "Better?", answer: "Yes" } }),
      review({ ...pairs[3]!, answer: "as it was once" }, "rejected"),
      review(six, "accepted"),
      review(seven, "rejected"),
    ]);
    expect(await calibrate(run)).toMatchObject({
      of: run,
      accepted: 4,
      rejected: 2,
      unjudged: 1,
      reviewed: { goodAccepted: 1, badAccepted: 2, goodRejected: 1, badRejected: 1 },
      disputed: 0,
      next: [],
    });
  });

  it("takes an edited pair for good where the judge saw the new text, and the last decision where people differ", async () => {
    const edit = { question: "Better?", answer: "Yes" };
    const [old, other] = [pair(1), pair(2)];
    await write("pairs.jsonl", [{ ...old, ...edit }, other]);
    await write(reviewsFile, [
      review(old, "edited", { edit }),
      review(other, "accepted", { time: "2026-01-02T05:00:00Z" }),
      review(other, "rejected", { reviewer: "bo" }),
    ]);
    const found = await calibrate(run);
    expect(found).toMatchObject({ reviewed: { goodAccepted: 2, badAccepted: 0 }, disputed: 1 });
    expect(found.people).toMatchObject({ comparisons: 1, observed: 0 });
  });

  it("knows a pair again that a person saw before the judge rejected it, in this folder or in verified", async () => {
    const [first, second] = [pair(1), pair(2)];
    const written = { ...second, id: pairIdOf("task", second) };
    await write("rejected.jsonl", [refused({ ...second, id: "task" }, "answer-wrong", "task")]);
    await write(reviewsFile, [review(written, "rejected"), review(first, "accepted")]);
    expect(await calibrate(run)).toMatchObject({ rejected: 1, reviewed: { badRejected: 1 } });

    await write("rejected.jsonl", []);
    await write("pairs.jsonl", [pair(1, { evidence: undefined })]);
    const before = await hashDecisions(run);
    const verified = join(run, "verified");
    await write("pairs.jsonl", [first], verified);
    await write("rejected.jsonl", [refused(second)], verified);
    await writeFile(join(verified, "stages.json"), JSON.stringify({ synthesize: { key: "v", outputs: {} } }));
    const found = await calibrate(run);
    expect(found).toMatchObject({ of: verified, accepted: 1, rejected: 1, reviewed: { goodAccepted: 1 } });
    expect(await calibrate(verified)).toEqual(found);
    // What shows it is made again.
    expect(await hashDecisions(run)).not.toBe(before);
    await write(reviewsFile, [review(second, "rejected", { reviewer: "bo" })], verified);
    expect(await calibrate(verified)).toMatchObject({ reviewed: { goodAccepted: 1, badRejected: 1 } });
  });

  it("counts pairs that were replaced because a person rejected them, once", async () => {
    const [gone, there] = [pair(1), pair(2)];
    await write("pairs.jsonl", [there, pair(3)]);
    await write(reviewsFile, [review(gone, "rejected"), review(there, "rejected")]);
    const replaced = [gone, there, pair(4)].map(({ id }) => ({ id, reason: "rejected-by-reviewer", detail: "" }));
    await write("replaced.jsonl", replaced);
    expect(await calibrate(run)).toMatchObject({ accepted: 3, reviewed: { badAccepted: 2 } });
  });

  it("names pairs to review next, the same for the same seed, of both verdicts", async () => {
    const accepted = Array.from({ length: 60 }, (_, n) => pair(n));
    await write("pairs.jsonl", accepted);
    await write(
      "rejected.jsonl",
      Array.from({ length: 20 }, (_, n) => refused(pair(100 + n))),
    );
    await write(reviewsFile, [review(accepted[0]!, "accepted")]);
    const { next } = await calibrate(run, { next: 12 });
    expect(next).toHaveLength(12);
    expect(next).toEqual((await calibrate(run, { next: 12 })).next);
    expect(next).not.toEqual((await calibrate(run, { next: 12, seed: 2 })).next);
    expect(new Set(next.map(({ isAccepted }) => isAccepted)).size).toBe(2);
    expect(next.map(({ id }) => id)).not.toContain("p0");
    expect((await calibrate(run, { next: 500 })).next).toHaveLength(79);
  });

  it("says what to do where no model has judged, refuses a margin that is none, and names a review that it cannot read", async () => {
    await write("pairs.jsonl", [pair(1, { evidence: undefined })]);
    expect(calibrationText(await calibrate(run, { next: 3 }))).toBe(
      `No model has judged a pair of ${run}; words alone have looked at 1. Judge them with: rag-instruct verify ${run} --level judge\n`,
    );
    await expect(calibrate(run, { margin: 5 })).rejects.toThrow("margin 5 must be between 0 and 0.5");
    await write(reviewsFile, [{ id: "p1" }]);
    await expect(calibrate(run)).rejects.toThrow(/reviews\.jsonl:1: a review needs/);
  });
});
