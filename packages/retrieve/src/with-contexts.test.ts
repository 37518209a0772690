import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Passage, Retriever } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filledRetriever } from "./fusion.ts";
import { readQuestions } from "./with-contexts.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "questions-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(name: string, content: unknown) {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return Array.fromAsync(readQuestions(path));
}
const questionsOf = async (name: string, content: unknown) =>
  (await read(name, content)).map(({ question }) => question);

describe("readQuestions", () => {
  it("takes a record's question from what question sets and the original's generator call it", async () => {
    const records = [
      { question: "a" },
      { Question: "b" },
      { instruction: "c" },
      { query: "d" },
      { _id: "7", text: "e", metadata: {} },
      {
        context: [{ id: "1", title: "T", text: "long" }],
        example_question: "x",
        task: "normal1_1_v1",
        "q*": "f",
        "a*": "y",
      },
      { Question: "g", Options: { A: "one", B: "two" } },
      { question: "unused", "q*": "h", Options: ["one", 2] },
    ];
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join("");
    const expected = ["a", "b", "c", "d", "e", "f", "g one two", "h one 2"];
    expect(await questionsOf("q.jsonl", lines)).toEqual(expected);
    expect(await questionsOf("q.json", records)).toEqual(expected);
    expect((await read("q.json", records))[4]!.record).toEqual(records[4]);
  });

  it("takes the lists of an object by source, and each record says which", async () => {
    const found = await read("by-source.json", {
      popqa: [{ question: "a", id: 1 }, { Question: "b" }],
      webqa: [{ query: "c" }],
    });
    expect(found.map(({ question, record }) => [question, record.source])).toEqual([
      ["a", "popqa"],
      ["b", "popqa"],
      ["c", "webqa"],
    ]);
  });

  it("reads TREC's topics, MS MARCO's tables without a header, tables with one, and lines", async () => {
    const topics = `<top>
<num> Number: 301
<title> International Organized Crime

<desc> Description:
Identify organizations that
take part.

<narr> Narrative:
Any.
</top>
<top><!-- odd -->
<num>302</num>
<title>
Poliomyelitis and
Post-Polio
</title>
<desc>x</desc>
</top>
`;
    const found = await read("topics.txt", topics);
    expect(found.map(({ question }) => question)).toEqual([
      "International Organized Crime",
      "Poliomyelitis and Post-Polio",
    ]);
    expect(found[0]!.record).toEqual({
      id: "301",
      question: "International Organized Crime",
      description: "Identify organizations that take part.",
      narrative: "Any.",
    });
    expect(found[1]!.record.id).toBe("302");
    expect(await questionsOf("queries.tsv", '1048585\twhat is paula deen\'s brother\n2\tSome "quoted" one\n')).toEqual([
      "what is paula deen's brother",
      'Some "quoted" one',
    ]);
    expect(await questionsOf("named.tsv", "qid\tquery\n1\tfirst\n")).toEqual(["first"]);
    expect(await questionsOf("plain.csv", "id,question\n1,first\n")).toEqual(["first"]);
    expect(await questionsOf("plain.txt", "\uFEFFWho?\n\n  When? \n")).toEqual(["Who?", "When?"]);
  });

  it.each([
    ["odd.jsonl", '{"question":"a"}\n{"topic":"x"}\n', /odd\.jsonl:2: a record needs a question with text: `q\*`/],
    ["blank.jsonl", '{"question":"  "}\n', /blank\.jsonl:1/],
    ["list.json", { popqa: [{ question: "a" }, { no: 1 }] }, /list\.json: popqa, 2/],
  ])("names the place of a record without a question in %s", async (name, content, message) => {
    await expect(read(name, content)).rejects.toThrow(message);
  });
});

describe("filledRetriever", () => {
  const passage = (id: string): Passage => ({ id, title: "", text: id });
  const ranking = (ids: Record<string, string>): Retriever => ({
    id: "r",
    retrieve: async (queries, { limit, skip = 0 }) =>
      queries.map((query) =>
        [...(ids[query] ?? "")]
          .slice(0, limit)
          .map((id, i) => ({ passage: passage(id), rank: i + 1, score: 9 - i }))
          .slice(skip),
      ),
  });
  const shown = (list: readonly { passage: Passage; rank: number; score: number }[]) =>
    list.map(({ passage: { id }, rank, score }) => `${id}${rank}:${score}`).join(" ");

  it("goes on with the second ranking where the first finds too few, each passage once", async () => {
    let opened = 0;
    const filled = filledRetriever(ranking({ full: "abcde", some: "cb" }), async () => {
      opened++;
      return ranking({ full: "xyz", some: "abcdef", none: "fg" });
    });
    expect((await filled.retrieve(["full"], { limit: 5 })).map(shown)).toEqual(["a1:9 b2:8 c3:7 d4:6 e5:5"]);
    expect(opened).toBe(0);
    expect((await filled.retrieve(["full", "some", "none"], { limit: 5 })).map(shown)).toEqual([
      "a1:9 b2:8 c3:7 d4:6 e5:5",
      "c1:9 b2:8 a3:0 d4:0 e5:0",
      "f1:0 g2:0",
    ]);
    expect((await filled.retrieve(["some"], { limit: 5, skip: 3 })).map(shown)).toEqual(["d4:0 e5:0"]);
    expect(opened).toBe(1);
  });

  it("stays short where there is no second one", async () => {
    const filled = filledRetriever(ranking({ some: "cb" }), async () => undefined);
    expect((await filled.retrieve(["some"], { limit: 5 })).map(shown)).toEqual(["c1:9 b2:8"]);
  });
});
