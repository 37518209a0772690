import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonLines, readAs } from "../test/read-as.ts";
import { defineBenchmark } from "./benchmark.ts";
import type { RejectedRecord } from "./item.ts";
import { type ReadBenchmarkOptions, readBenchmark } from "./read-benchmark.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-benchmark-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("readBenchmark", () => {
  it("keeps the paper's long tail of PopQA and tells of what it leaves out", async () => {
    const records = [99, 100, 101].map((s_pop) => ({
      id: s_pop,
      question: `q${s_pop}`,
      possible_answers: '["x"]',
      s_pop,
    }));
    const leftOut: string[] = [];
    const kept = await readAs(folder, "popqa", records, { onLeftOut: ({ id }) => leftOut.push(id) });
    expect([kept.map(({ id }) => id), leftOut]).toEqual([["99"], ["100", "101"]]);
    expect(await readAs(folder, "popqa", records, { subset: false })).toHaveLength(3);
  });

  it("names records it cannot use, with file and line, or stops at the first", async () => {
    const broken = `${jsonLines({ id: "1", question: "q", answers: ["a"] }, { id: "1", question: "r", answers: ["b"] }, { id: "2", question: "s", answers: [] }, { id: "3", answers: ["c"] }, { other: 1 }, [1])}{"torn`;
    const rejected: RejectedRecord[] = [];
    const items = await readAs(folder, "nq", broken, { name: "b.jsonl", onRejected: (each) => rejected.push(each) });
    expect(items).toHaveLength(1);
    expect(rejected.map(({ line, reason }) => [line, reason])).toEqual([
      [2, "duplicate-id"],
      [3, "missing-gold"],
      [4, "missing-question"],
      [5, "unknown-layout"],
      [6, "malformed-record"],
      [7, "malformed-record"],
    ]);
    await expect(readAs(folder, "nq", broken, { name: "b.jsonl" })).rejects.toMatchObject({
      code: "bad-record",
      message: expect.stringMatching(/b\.jsonl:2: duplicate-id/),
    });
    await expect(
      Array.fromAsync(readBenchmark({ benchmark: "nq", from: join(folder, "none.jsonl") })),
    ).rejects.toMatchObject({ code: "file-missing" });
    await expect(readAs(folder, "nope", [])).rejects.toMatchObject({ code: "bad-option" });
  });

  it("gives questions without ids stable ids of their content, numbered when one comes twice", async () => {
    const twice = jsonLines({ question: "q", answers: ["a"] }, { question: "q", answers: ["a"] });
    const ids = (await readAs(folder, "nq", twice, { name: "t.jsonl" })).map(({ id }) => id);
    expect(ids[1]).toBe(`${ids[0]}#2`);
    expect((await readAs(folder, "nq", twice, { name: "u.jsonl" })).map(({ id }) => id)).toEqual(ids);
    // 2^53 + 1 comes as 2^53: ids that JSON rounds are not taken.
    const big =
      '{"id": 9007199254740993, "question": "q", "answers": ["a"]}\n{"id": 9007199254740992, "question": "r", "answers": ["a"]}\n';
    expect(await readAs(folder, "nq", big, { name: "v.jsonl" })).toHaveLength(2);
  });

  it("limits to the first questions, to a seeded sample in the order of the file, or to given ids", async () => {
    const records = Array.from({ length: 50 }, (_, i) => ({ id: `${i}`, question: `q${i}`, answers: ["a"] }));
    const ids = async (options: Partial<ReadBenchmarkOptions>) =>
      (await readAs(folder, "nq", records, options)).map(({ id }) => Number(id));
    expect(await ids({ limit: 3 })).toEqual([0, 1, 2]);
    expect(await ids({ limit: 0 })).toEqual([]);
    const sample = await ids({ limit: 10, seed: 4 });
    expect(sample).toHaveLength(10);
    expect(sample).toEqual(sample.toSorted((a, b) => a - b));
    expect(sample).toEqual(await ids({ limit: 10, seed: 4 }));
    expect(sample).not.toEqual(await ids({ limit: 10, seed: 5 }));
    expect(await ids({ only: ["7", "9"] })).toEqual([7, 9]);
  });

  it("takes of a combined file its own list alone, and stops where there is none", async () => {
    const from = join(folder, "eval_data.json");
    const question = (text: string) => ({ question: text, golds: ["x"], answers: ["x"] });
    await writeFile(
      from,
      JSON.stringify({
        popqa_longtail_w_gs: [question("p")],
        webqa_processed_retrieved: [question("w")],
        mine: [question("m")],
      }),
    );
    const questionsOf = async (benchmark: ReadBenchmarkOptions["benchmark"]) =>
      (await Array.fromAsync(readBenchmark({ benchmark, from }))).map((item) => item.question);
    expect(await questionsOf("popqa")).toEqual(["p"]);
    await expect(questionsOf("triviaqa")).rejects.toThrow(
      /lists popqa_longtail_w_gs, .* which are not triviaqa; its list is called triviaqa or/,
    );
    // Without a list of its own: never another benchmark's.
    expect(await questionsOf("nq")).toEqual(["m"]);
    expect(await questionsOf(defineBenchmark({ id: "own" }))).toEqual(["m"]);
    await writeFile(from, JSON.stringify({ popqa_longtail_w_gs: [question("p")] }));
    await expect(questionsOf("nq")).rejects.toThrow(/which are not nq/);
  });

  it("reads sets of one's own, with the paradigm as a group", async () => {
    const benchmark = defineBenchmark({ id: "tickets" });
    const record = { id: "1", question: "q", answer: "a", paradigm: "useless-doc" };
    expect(await readAs(folder, benchmark, [record])).toEqual([
      { id: "1", question: "q", golds: ["a"], groups: { paradigm: "useless-doc" } },
    ]);
  });
});
