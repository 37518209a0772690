import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashOf, RagInstructError, renderInstruction, type TrainingExample } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { madeExample } from "../test/made-set.ts";
import { exportExamples } from "./export-examples.ts";
import { exportFormats } from "./exports/formats.ts";
import { readExamples } from "./read-examples.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "export-"));
});
afterEach(() => rm(folder, { recursive: true }));

const examples = Array.from({ length: 2_345 }, (_, i) =>
  i % 5 === 0 ? madeExample(i, { options: ["tin", "a crane"], answer: "B" }) : madeExample(i),
);

async function read(file: string): Promise<TrainingExample[]> {
  return Array.fromAsync(readExamples(join(folder, file)));
}

/** What is left of an example where a format keeps texts alone. */
function asPublished({ question, answer, documents, options = [] }: TrainingExample): TrainingExample {
  const record = {
    question: [question, ...options.map((option, i) => `${"AB"[i]}. ${option}`)].join("\n"),
    answer,
    documents: documents.map(({ text }) => text),
  };
  return {
    ...record,
    id: hashOf(record),
    paradigm: "unknown",
    documents: record.documents.map((text) => ({ id: hashOf({ text }), title: "", text, role: "unknown" })),
  };
}

describe("exportExamples", () => {
  it("writes every format in one pass, and each is read back as it was", async () => {
    let passes = 0;
    const once = (function* () {
      passes++;
      yield* examples;
    })();
    const report = await exportExamples({ examples: once, to: folder, formats: exportFormats });
    expect(passes).toBe(1);
    expect(report.examples).toBe(examples.length);
    expect(report.templates).toEqual({ "rag-instruct": examples.length });
    expect(report.files.map(({ format }) => format)).toEqual(exportFormats);

    expect(await read("examples.jsonl")).toEqual(examples);
    expect(await read("examples.parquet")).toEqual(examples);
    const published = examples.map(asPublished);
    for (const file of [
      "rag-instruct.jsonl",
      "rag-instruct.json",
      "alpaca.jsonl",
      "messages.jsonl",
      "prompt-completion.jsonl",
    ]) {
      expect(await read(file), file).toEqual(published);
    }
    const ids = examples.map(({ id }) => ({ id }));
    expect(await read("sharegpt.jsonl")).toEqual(published.map((example, i) => ({ ...example, ...ids[i] })));
  });

  it("writes the method's prompt, and the records that trainers expect", async () => {
    const [example] = examples;
    await exportExamples({ examples: [example!], to: folder, formats: exportFormats });
    const prompt = renderInstruction(example!);
    const first = async (file: string) => JSON.parse((await readFile(join(folder, file), "utf8")).split("\n")[0]!);
    expect(Object.keys(await first("rag-instruct.jsonl"))).toEqual(["question", "answer", "documents"]);
    expect(await first("alpaca.jsonl")).toEqual({ instruction: prompt, input: "", output: "B" });
    expect((await first("sharegpt.jsonl")).conversations).toEqual([
      { from: "human", value: prompt },
      { from: "gpt", value: "B" },
    ]);
    const [user, assistant] = [
      { role: "user", content: prompt },
      { role: "assistant", content: "B" },
    ];
    expect(await first("messages.jsonl")).toEqual({ messages: [user, assistant] });
    expect(await first("prompt-completion.jsonl")).toEqual({ prompt: [user], completion: [assistant] });
  });

  it("writes nothing at all when one example is broken, and names it", async () => {
    const broken = madeExample(7, { documents: madeExample(7).documents.slice(1) });
    const attempt = exportExamples({ examples: [...examples, broken], to: folder, formats: exportFormats });
    await expect(attempt).rejects.toThrow(/example e7: 9 documents instead of 10/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("leaves broken examples out and counts them when asked to", async () => {
    const broken = madeExample(7, { answer: "" });
    const set = [examples[0]!, broken, examples[1]!];
    const report = await exportExamples({ examples: set, to: folder, formats: ["examples"], flawed: "leave-out" });
    expect(report).toMatchObject({ examples: 2, leftOut: { "empty-answer": 1 } });
    expect(await read("examples.jsonl")).toEqual([examples[0], examples[1]]);
  });

  it("overwrites nothing unless told", async () => {
    await writeFile(join(folder, "alpaca.jsonl"), "mine");
    const options = { examples: examples.slice(0, 3), to: folder, formats: ["messages", "alpaca"] as const };
    await expect(exportExamples(options)).rejects.toSatisfy((error) => RagInstructError.is(error, "file-exists"));
    expect(await readdir(folder)).toEqual(["alpaca.jsonl"]);
    await exportExamples({ ...options, overwrite: true });
    expect(await read("alpaca.jsonl")).toHaveLength(3);
  });

  it("leaves nothing behind when it is stopped or its source fails", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    function* stopping() {
      for (const [i, example] of examples.entries()) {
        if (i === 1_500) stop.abort(reason);
        yield example;
      }
    }
    await expect(
      exportExamples({ examples: stopping(), to: folder, formats: exportFormats, signal: stop.signal }),
    ).rejects.toBe(reason);
    function* failing() {
      yield* examples.slice(0, 1_200);
      throw reason;
    }
    await expect(exportExamples({ examples: failing(), to: folder, formats: exportFormats })).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  it("names formats and templates that it does not know", async () => {
    const options = { examples, to: folder, formats: ["alpaca"] as const };
    await expect(exportExamples({ ...options, formats: ["xml" as "alpaca"] })).rejects.toThrow(
      /no format is called xml/,
    );
    await expect(exportExamples({ ...options, formats: [] })).rejects.toThrow(/formats is empty/);
    await expect(exportExamples({ ...options, template: "nice" })).rejects.toThrow(/no template is called nice/);
  });
});
