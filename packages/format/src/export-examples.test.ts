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

const examples = Array.from({ length: 1_234 }, (_, i) =>
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
    expect(report.files.find(({ format }) => format === "parquet")?.examples).toBe(examples.length);
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
    const dpr = await read("dpr.json");
    expect(dpr.map(({ question, answer }) => ({ question, answer }))).toEqual(
      examples.map(({ question, answer }) => ({ question, answer })),
    );
    expect(dpr[3]!.documents.filter(({ role }) => role === "source")).toEqual(
      examples[3]!.documents.filter(({ role }) => role === "source"),
    );
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
        if (i === 1_100) stop.abort(reason);
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

  it("describes the data to LLaMA-Factory and axolotl, and writes that data with it", async () => {
    const report = await exportExamples({
      examples: examples.slice(0, 4),
      to: folder,
      formats: ["llama-factory", "axolotl"],
    });
    expect(report.files.map(({ format, examples }) => [format, examples])).toEqual([
      ["sharegpt", 4],
      ["llama-factory", 4],
      ["messages", 4],
      ["axolotl", 4],
    ]);
    const { rag_instruct: dataset } = JSON.parse(await readFile(join(folder, "dataset_info.json"), "utf8"));
    expect(await read(dataset.file_name)).toHaveLength(4);
    expect(dataset.columns.messages).toBe("conversations");
    expect(await readFile(join(folder, "axolotl-datasets.yaml"), "utf8")).toContain('path: "messages.jsonl"');
  });

  it("gives a retriever positives and hard negatives, from pairs whose sources help alone", async () => {
    const set = [madeExample(1), madeExample(2, { paradigm: "useless-doc" })];
    const report = await exportExamples({ examples: set, to: folder, formats: ["dpr", "examples"] });
    expect(report.files.map(({ examples }) => examples)).toEqual([1, 2]);
    const [record] = JSON.parse(await readFile(join(folder, "dpr.json"), "utf8"));
    expect(record.positive_ctxs.map((context: { passage_id: string }) => context.passage_id).sort()).toEqual([
      "p10",
      "p11",
    ]);
    expect(record.hard_negative_ctxs).toHaveLength(8);
    expect(record.answers).toEqual(["A crane, number 1"]);
  });

  it("cuts long passages to the token budget and counts what it cut", async () => {
    const tokenizer = { id: "words", encode: (text: string) => (text.match(/\S+/g) ?? []).map(() => 1) };
    const count = (text: string) => tokenizer.encode(text).length;
    const long = madeExample(1);
    const [first, ...rest] = long.documents;
    const documents = [{ ...first!, text: `${first!.text} ${first!.text} ${first!.text}` }, ...rest];
    const set = [{ ...long, documents }, madeExample(2)];
    const tokens = count(renderInstruction(madeExample(2))) + count(madeExample(2).answer);
    const report = await exportExamples({
      examples: set,
      to: folder,
      formats: ["prompt-completion", "examples"],
      budget: { tokenizer, tokens },
    });
    expect(report.cut).toEqual({ examples: 1, passages: 1, answers: 0 });
    const [cut, whole] = await read("examples.jsonl");
    expect(whole).toEqual(set[1]);
    expect(cut!.documents[0]!.text.length).toBeLessThan(documents[0]!.text.length);
    expect(documents[0]!.text.startsWith(cut!.documents[0]!.text)).toBe(true);
    expect(cut!.documents.slice(1)).toEqual(rest);
    expect(count(renderInstruction(cut!)) + count(cut!.answer)).toBe(tokens);
  });

  it("counts examples whose answer was cut away, and refuses a budget that nothing fits into", async () => {
    const tokenizer = { id: "words", encode: (text: string) => (text.match(/\S+/g) ?? []).map(() => 1) };
    const example = madeExample(1);
    const documents = example.documents.map((document) =>
      document.role === "source" ? { ...document, text: `${document.text} ${example.answer}.` } : document,
    );
    const options = { examples: [{ ...example, documents }], to: folder, formats: ["messages"] as const };
    const report = await exportExamples({ ...options, budget: { tokenizer, tokens: 300 } });
    expect(report.cut).toEqual({ examples: 1, passages: 10, answers: 1 });
    const attempt = exportExamples({ ...options, overwrite: true, budget: { tokenizer, tokens: 15 } });
    await expect(attempt).rejects.toThrow(/does not fit into 15 tokens/);
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
