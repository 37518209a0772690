import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pair, type Review, seenHash } from "@rag-instruct/core";
import { readReviews, reviewsFile } from "@rag-instruct/core/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunIndex } from "../app/run-index.ts";
import { exportReviews, importReviews, type ReviewFormat } from "./exchange.ts";

let folder: string;
let run: string;
let other: string;
const pairs = [1, 2, 3].map(
  (n): Pair => ({
    id: `p${n}`,
    paradigm: "single-doc-answer",
    exemplarId: "e",
    model: "m",
    question: `Which, "${n}"?`,
    answer: `Line one,\nline ${n}`,
    documents: [{ id: `d${n}`, title: "T", text: "text" }],
  }),
);
const lines = (records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("");

function review(n: number, decision: Review["decision"], more: Partial<Review> = {}): Review {
  const pair = pairs[n - 1]!;
  const { id, paradigm } = pair;
  return { id, paradigm, seen: seenHash(pair), decision, reviewer: "ada", time: "2026-01-02T03:04:05Z", ...more };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "exchange-"));
  run = join(folder, "run");
  other = join(folder, "other");
  for (const each of [run, other]) {
    await mkdir(each);
    await writeFile(join(each, "pairs.jsonl"), lines(pairs));
  }
  const edit = { question: "Better, “now”?", answer: "Yes,\nindeed" };
  const reviews = [review(1, "rejected", { reason: 'a, "b"' }), review(2, "edited", { edit }), review(3, "accepted")];
  await writeFile(join(run, reviewsFile), lines(reviews));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("reviews given to other tools and taken back", () => {
  it.each<[ReviewFormat, string, number]>([
    ["jsonl", "r.jsonl", 3],
    ["csv", "r.csv", 3],
    ["argilla", "argilla.json", 3],
    ["label-studio", "studio.json", 3],
  ])("as %s lose nothing", async (format, name, count) => {
    const file = join(folder, name);
    expect(await exportReviews({ run, to: file, format })).toBe(count);
    expect(await importReviews({ run: other, from: file })).toEqual({ added: 3, known: 0, unknown: 0 });
    const [before, after] = [await readReviews(run), await readReviews(other)];
    for (const pair of pairs) {
      const { decision, reason, edit, reviewer, seen } = before.of(pair)!;
      expect(after.of(pair)).toMatchObject(JSON.parse(JSON.stringify({ decision, reason, edit, reviewer, seen })));
    }
    expect(await importReviews({ run: other, from: file })).toEqual({ added: 0, known: 3, unknown: 0 });
  });

  it("adds nothing of a file of which one line is no decision, and says where", async () => {
    const file = join(folder, "bad.jsonl");
    await writeFile(file, lines([review(1, "accepted"), { id: "p2", decision: "maybe", reviewer: "x" }]));
    await expect(importReviews({ run: other, from: file })).rejects.toThrow(/bad\.jsonl:2: "decision" must be/);
    expect((await readReviews(other)).size).toBe(0);
  });

  it("knows a decision on what the checks had refused from one on a pair of the set", async () => {
    const [first] = pairs as [Pair];
    const refused = { ...first, id: "task", exemplar: { id: "e" } };
    await writeFile(
      join(other, "rejected.jsonl"),
      lines([{ status: "rejected", id: "task", input: refused, reason: "answer-not-in-documents", detail: "none" }]),
    );
    const file = join(folder, "both.jsonl");
    await writeFile(
      file,
      lines([
        { id: "p1", decision: "accepted", reviewer: "bo" },
        { id: "task", decision: "rejected", reviewer: "bo" },
      ]),
    );
    expect(await importReviews({ run: other, from: file })).toEqual({ added: 2, known: 0, unknown: 0 });
    const index = new RunIndex(other);
    await index.refresh();
    await index.decide({ id: "task", seen: seenHash(refused), decision: "rejected", reviewer: "cy" });
    const reviews = await readReviews(other);
    expect(reviews.byEach(refused).map(({ reviewer, refused }) => [reviewer, refused])).toEqual([
      ["bo", true],
      ["cy", true],
    ]);
    expect(reviews.figures()).toMatchObject({ reviewed: 1, accepted: 1, rejected: 0, good: { share: 1 } });
  });

  it("takes a decision without a hash for the pair as it is now, and counts those about other runs", async () => {
    const file = join(folder, "own.csv");
    await writeFile(file, "id,decision,reviewer\np1,rejected,bo\nq9,rejected,bo\n");
    expect(await importReviews({ run: other, from: file })).toEqual({ added: 1, known: 0, unknown: 1 });
    expect((await readReviews(other)).of(pairs[0]!)).toMatchObject({ decision: "rejected", reviewer: "bo" });
    expect(await readFile(join(other, reviewsFile), "utf8")).toContain(seenHash(pairs[0]!));
  });
});
