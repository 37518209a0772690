import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashOf, RagInstructError } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { madeExample } from "../test/made-set.ts";
import { exportExamples } from "./export-examples.ts";
import { readExamples } from "./read-examples.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe("readExamples", () => {
  const record = { question: "Which year?", answer: "1907", documents: ["One text.", "Another text."] };

  it("reads the published records, with ids by content and roles unknown", async () => {
    const path = await write("RAG_Instruct.json", JSON.stringify([record, { question: "Why?", answer: "So." }]));
    expect(await Array.fromAsync(readExamples(path))).toEqual([
      {
        ...record,
        id: hashOf(record),
        paradigm: "unknown",
        documents: record.documents.map((text) => ({ id: hashOf({ text }), title: "", text, role: "unknown" })),
      },
      { id: expect.any(String), paradigm: "unknown", question: "Why?", answer: "So.", documents: [] },
    ]);
  });

  it("takes them into every format again, unchanged", async () => {
    const lines = Array.from({ length: 20 }, (_, i) => ({ ...record, question: `Which year, ${i}?` }));
    const path = await write("published.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
    const to = join(folder, "out");
    const formats = ["rag-instruct", "parquet", "messages"] as const;
    const report = await exportExamples({ examples: readExamples(path), to, formats, documents: "any" });
    expect(report.examples).toBe(20);
    const original = await Array.fromAsync(readExamples(path));
    for (const { path } of report.files) expect(await Array.fromAsync(readExamples(path)), path).toEqual(original);
  });

  it("names the line that is no example, or counts it when asked to", async () => {
    const path = await write("mixed.jsonl", `${JSON.stringify(record)}\n{"question": 3}\nnot json\n[1]\n`);
    await expect(Array.fromAsync(readExamples(path))).rejects.toThrow(
      /mixed\.jsonl:2: no training example in any known format/,
    );
    const malformed: number[] = [];
    const read = await Array.fromAsync(readExamples(path, { onMalformed: ({ line }) => malformed.push(line) }));
    expect(read).toHaveLength(1);
    expect(malformed).toEqual([2, 3, 4]);
  });

  it("says that prompts of another layout cannot be read back", async () => {
    await exportExamples({ examples: [madeExample(1)], to: folder, formats: ["alpaca"], template: "tagged" });
    await expect(Array.fromAsync(readExamples(join(folder, "alpaca.jsonl")))).rejects.toThrow(
      /alpaca\.jsonl:1: no training example/,
    );
  });

  it("holds a record to the format that was named", async () => {
    const path = await write("a.jsonl", JSON.stringify(record));
    await expect(Array.fromAsync(readExamples(path, { format: "sharegpt" }))).rejects.toThrow(/in the format sharegpt/);
    expect(await Array.fromAsync(readExamples(path, { format: "rag-instruct" }))).toHaveLength(1);
  });

  it("names the row where a Parquet file of another shape was called ours", async () => {
    const path = await write("a.jsonl", JSON.stringify(record));
    await expect(Array.fromAsync(readExamples(path, { format: "parquet" }))).rejects.toThrow(
      /a\.jsonl:1: no training example in the format parquet/,
    );
  });

  it("says when a file is missing or no Parquet", async () => {
    for (const name of ["none.jsonl", "none.parquet"]) {
      const read = Array.fromAsync(readExamples(join(folder, name)));
      await expect(read).rejects.toSatisfy((error) => RagInstructError.is(error, "file-missing"));
    }
    const path = await write("torn.parquet", "PAR1 and then nothing");
    await expect(Array.fromAsync(readExamples(path))).rejects.toSatisfy((error) =>
      RagInstructError.is(error, "file-corrupt"),
    );
  });
});

const python = process.env.RAG_INSTRUCT_PYTHON;

describe("Parquet in Python", () => {
  it.skipIf(!python)("opens in pyarrow with every field where RAG_INSTRUCT_PYTHON names a Python", async () => {
    const examples = Array.from({ length: 1_500 }, (_, i) => madeExample(i));
    const history = [{ id: "before", question: "Which light is it?", answer: "That of Skaw." }];
    examples[1_499] = { ...examples[1_499]!, history, standalone: "What of the light of Skaw?" };
    await exportExamples({ examples, to: folder, formats: ["parquet"] });
    const script = `
import json, sys
import pyarrow.parquet as parquet
table = parquet.read_table(sys.argv[1])
print(json.dumps([table.num_rows, table.schema.names, table.slice(1499, 1).to_pylist()[0]]))
`;
    const { stdout, stderr } = spawnSync(python!, ["-c", script, join(folder, "examples.parquet")], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const [rows, columns, last] = JSON.parse(stdout);
    expect(rows).toBe(1_500);
    expect(columns).toEqual([
      "id",
      "paradigm",
      "question",
      "answer",
      "options",
      "documents",
      "source_ids",
      "model",
      "cites",
      "history",
      "standalone",
    ]);
    const { sourceIds, documents, ...rest } = examples[1_499]!;
    expect(last).toEqual({
      ...rest,
      options: null,
      source_ids: sourceIds,
      cites: null,
      documents: documents.map((document) => ({ ...document, relaxed: null, rank: document.rank ?? null })),
    });
  });

  it.skipIf(!python)("opens in datasets where RAG_INSTRUCT_PYTHON has it", async ({ skip }) => {
    const probe = spawnSync(python!, ["-c", "import datasets"]);
    if (probe.status !== 0) return skip("datasets is not installed there");
    const examples = Array.from({ length: 50 }, (_, i) => madeExample(i));
    await exportExamples({ examples, to: folder, formats: ["parquet", "prompt-completion"] });
    const script = `
import sys
from datasets import load_dataset
rows = load_dataset("parquet", data_files=sys.argv[1] + "/examples.parquet", split="train", cache_dir=sys.argv[1] + "/cache")
chat = load_dataset("json", data_files=sys.argv[1] + "/prompt-completion.jsonl", split="train", cache_dir=sys.argv[1] + "/cache")
print(len(rows), len(rows[49]["documents"]), rows[49]["documents"][0]["role"], len(chat), chat[0]["prompt"][0]["role"])
`;
    const { stdout } = spawnSync(python!, ["-c", script, folder], {
      encoding: "utf8",
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
    });
    expect(stdout.trim()).toBe(`50 10 ${examples[49]!.documents[0]!.role} 50 user`);
  });
});
