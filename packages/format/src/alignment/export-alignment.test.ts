import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { RagInstructError, renderInstruction, type TrainingExample } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { madeExample } from "../../test/made-set.ts";
import { exportAlignment } from "./export-alignment.ts";

const python = process.env.RAG_INSTRUCT_PYTHON;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "alignment-"));
});
afterEach(() => rm(folder, { recursive: true }));

const failure = { answer: "a tin drum", from: "no-documents", reason: "another answer", pairId: "e1" } as const;

/** A choice, a verdict, a long answer and so on; every fifth was answered wrong twice. */
const examples = Array.from({ length: 1_500 }, (_, i): TrainingExample => {
  const more: Partial<TrainingExample>[] = [
    { options: ["tin", "a crane"], answer: "B" },
    { answer: "Yes. It has been so since 1907." },
    { answer: "It is a lantern that nobody has lit since the winter." },
    { answer: "a word of no document" },
    { answer: "No", failures: [failure, { ...failure, answer: "a brass drum", from: "some-documents" }] },
  ];
  return madeExample(i, more[i % 5]);
});
const splits = { train: examples.slice(0, 1_200), test: examples.slice(1_200) };

async function lines(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(folder, path), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("exportAlignment", () => {
  it("writes what can be checked by parts, and counts what it left out by reason", async () => {
    const { files, ...report } = await exportAlignment({ splits, to: folder, formats: ["grpo", "verl", "dpo"] });
    const checked = {
      examples: 900,
      records: { choice: 300, verdict: 600 },
      leftOut: { "long-answer": 300, "not-stated": 300 },
    };
    const preferred = {
      examples: 300,
      records: { "no-documents": 300, "some-documents": 300 },
      leftOut: { "no-failure": 1200 },
    };
    expect(report).toEqual({ examples: 1_500, flawed: {}, formats: { grpo: checked, verl: checked, dpo: preferred } });
    const names = files.map(({ path }) => path.slice(folder.length + 1).replaceAll("\\", "/"));
    expect(names.toSorted()).toEqual(
      [
        ...["dpo/dataset_info.json", "dpo/test-sharegpt.jsonl", "dpo/test-standard.jsonl", "dpo/test.jsonl"],
        ...["dpo/train-sharegpt.jsonl", "dpo/train-standard.jsonl", "dpo/train.jsonl"],
        ...["grpo/reward.py", "grpo/test.jsonl", "grpo/train.jsonl"],
        ...["verl/reward.py", "verl/test.parquet", "verl/train.parquet"],
      ].toSorted(),
    );
    expect((await lines("grpo/train.jsonl")).length + (await lines("grpo/test.jsonl")).length).toBe(900);
  });

  it("shows TRL a conversation with all documents, and the reward its columns", async () => {
    await exportAlignment({ splits, to: folder, formats: ["grpo"] });
    const [choice, verdict] = await lines("grpo/train.jsonl");
    const { id, paradigm, question, options, documents } = examples[0]!;
    const prompt = [{ role: "user", content: renderInstruction({ documents, question, options }) }];
    expect(choice).toEqual({ prompt, ground_truth: "B", kind: "choice", options, question, id, paradigm });
    expect(verdict).toMatchObject({ ground_truth: "yes", kind: "verdict", options: ["yes", "no", "maybe"] });
  });

  it("prefers the answer to each wrong one, in three forms that say where it is from", async () => {
    await exportAlignment({ splits, to: folder, formats: ["dpo"] });
    const { id, question, paradigm, documents } = examples[4]!;
    const prompt = renderInstruction({ documents, question });
    const trace = { id, paradigm, rejected_from: "no-documents", rejected_reason: "another answer", rejected_id: "e1" };
    const [trl, second] = await lines("dpo/train.jsonl");
    expect(trl).toEqual({
      prompt: [{ role: "user", content: prompt }],
      chosen: [{ role: "assistant", content: "No" }],
      rejected: [{ role: "assistant", content: "a tin drum" }],
      ...trace,
    });
    expect(second).toMatchObject({ id, rejected_from: "some-documents" });
    const [standard] = await lines("dpo/train-standard.jsonl");
    expect(standard).toEqual({ prompt, chosen: "No", rejected: "a tin drum", ...trace });
    const [sharegpt] = await lines("dpo/train-sharegpt.jsonl");
    expect(sharegpt).toMatchObject({
      conversations: [{ from: "human", value: prompt }],
      chosen: { from: "gpt", value: "No" },
      rejected: { from: "gpt", value: "a tin drum" },
    });
    const text = await readFile(join(folder, "dpo/dataset_info.json"), "utf8");
    const info: Record<string, { file_name: string; ranking: boolean }> = JSON.parse(text);
    expect(Object.entries(info).map(([name, { file_name, ranking }]) => [name, file_name, ranking])).toEqual([
      ["rag_instruct_dpo_train", "train-sharegpt.jsonl", true],
      ["rag_instruct_dpo_train_alpaca", "train-standard.jsonl", true],
      ["rag_instruct_dpo_test", "test-sharegpt.jsonl", true],
      ["rag_instruct_dpo_test_alpaca", "test-standard.jsonl", true],
    ]);
  });

  it("leaves out of preferences what a person has changed and what has no sources left", async () => {
    const failed = { failures: [failure] };
    const bare = madeExample(2, failed);
    const noise = {
      ...bare,
      documents: bare.documents.map((one) => ({ ...one, role: "noise" as const })),
      sourceIds: [],
    };
    const train = [madeExample(1, { ...failed, edited: true }), noise, madeExample(3, failed)];
    const { formats } = await exportAlignment({ splits: { train }, to: folder, formats: ["dpo"] });
    expect(formats.dpo).toEqual({
      examples: 1,
      records: { "no-documents": 1 },
      leftOut: { edited: 1, "no-sources": 1 },
    });
  });

  it.skipIf(!python)(
    "writes tables that pyarrow reads with verl's columns and their types (needs RAG_INSTRUCT_PYTHON)",
    async () => {
      await exportAlignment({ splits, to: folder, formats: ["verl"] });
      const script = `
import json, pyarrow.parquet as pq
table = pq.read_table(${JSON.stringify(join(folder, "verl/train.parquet"))})
types = {field.name: str(field.type).replace(" not null", "") for field in table.schema}
rows = table.to_pylist()
print(json.dumps([types, len(rows), rows[0], rows[-1]["extra_info"]["index"]]))`;
      const { stdout } = await promisify(execFile)(python!, ["-c", script]);
      const [types, count, row, last] = JSON.parse(stdout);
      expect(types).toEqual({
        data_source: "string",
        prompt: "list<element: struct<role: string, content: string>>",
        ability: "string",
        reward_model: "struct<style: string, ground_truth: string>",
        extra_info:
          "struct<split: string, index: int64, id: string, paradigm: string, question: string, kind: string, options: list<element: string>>",
      });
      const { id, paradigm, question, options, documents } = examples[0]!;
      expect([count, last]).toEqual([720, 719]);
      expect(row).toEqual({
        data_source: `rag-instruct/${paradigm}`,
        prompt: [{ role: "user", content: renderInstruction({ documents, question, options }) }],
        ability: "rag",
        reward_model: { style: "rule", ground_truth: "B" },
        extra_info: { split: "train", index: 0, id, paradigm, question, kind: "choice", options },
      });
    },
  );

  it("writes no file without a record, and takes away what an earlier export left in its place", async () => {
    await exportAlignment({ splits, to: folder, formats: ["dpo"] });
    const train = examples.slice(0, 4);
    const again = await exportAlignment({
      splits: { train, test: splits.test },
      to: folder,
      formats: ["dpo"],
      overwrite: true,
    });
    expect(again.files.map(({ split }) => split)).toEqual(["test", "test", "test", undefined]);
    expect((await readdir(join(folder, "dpo"))).toSorted()).toEqual([
      "dataset_info.json",
      "test-sharegpt.jsonl",
      "test-standard.jsonl",
      "test.jsonl",
    ]);
    const none = await exportAlignment({ splits: { train, test: [] }, to: folder, formats: ["dpo"], overwrite: true });
    expect([none.files, none.formats.dpo?.leftOut]).toEqual([[], { "no-failure": 4 }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("prefers the answer to each other one once, and never to itself", async () => {
    const from = "some-documents" as const;
    const failed = (answer: string) => ({ answer, from, reason: "another answer", pairId: "e1" });
    const one = madeExample(1);
    const failures = [failed("Nobody."), failed(one.answer), failed("Nobody."), failed("Everybody.")];
    const itself = { ...madeExample(2), failures: [failed(madeExample(2).answer)] };
    const train = [{ ...one, failures }, itself];
    const { formats } = await exportAlignment({ splits: { train }, to: folder, formats: ["dpo"] });
    expect(formats.dpo).toEqual({ examples: 1, records: { [from]: 2 }, leftOut: { "no-failure": 1 } });
    const rows = await lines("dpo/train-standard.jsonl");
    expect(rows.map(({ rejected }) => rejected)).toEqual(["Nobody.", "Everybody."]);
  });

  it("leaves nothing behind of an export that is stopped or fails, and replaces nothing unasked", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    async function* stopping() {
      for (const [i, example] of examples.entries()) {
        if (i === 1_100) controller.abort(reason);
        yield example;
      }
    }
    const formats = ["grpo", "verl", "dpo"] as const;
    const stopped = exportAlignment({ splits: { train: stopping() }, to: folder, formats, signal: controller.signal });
    await expect(stopped).rejects.toBe(reason);
    const flawed = { ...examples[0]!, documents: examples[0]!.documents.slice(1) };
    const failing = exportAlignment({ splits: { train: [examples[1]!, flawed] }, to: folder, formats });
    await expect(failing).rejects.toSatisfy((error) => RagInstructError.is(error, "bad-record"));
    for (const format of formats) expect(await readdir(join(folder, format))).toEqual([]);
    await writeFile(join(folder, "grpo/train.jsonl"), "mine");
    await expect(exportAlignment({ splits, to: folder, formats })).rejects.toThrow(/train\.jsonl/);
    expect(await readFile(join(folder, "grpo/train.jsonl"), "utf8")).toBe("mine");
    await rm(join(folder, "grpo/train.jsonl"));
    await writeFile(join(folder, "grpo/reward.py"), "mine");
    await expect(exportAlignment({ splits, to: folder, formats })).rejects.toThrow(/reward\.py/);
    expect(await readdir(join(folder, "grpo"))).toEqual(["reward.py"]);
    expect(await readFile(join(folder, "grpo/reward.py"), "utf8")).toBe("mine");
    await expect(exportAlignment({ splits, to: folder, formats: ["ppo" as never] })).rejects.toThrow(/grpo, verl, dpo/);
  });
});
