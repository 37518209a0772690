import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  memoryPassages,
  type Passage,
  RagInstructError,
  type Retriever,
  type TrainingExample,
} from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { madeExample, madePassage } from "../../test/made-set.ts";
import { exportRetrieval, type RetrievalExportOptions } from "./export-retrieval.ts";

let to: string;
beforeEach(async () => {
  to = await mkdtemp(join(tmpdir(), "retrieval-"));
});
afterEach(() => rm(to, { recursive: true }));

/** Ranks the same passages for every question, with scores from 10 down by 0.1. */
function ranker(passages: readonly Passage[]): Retriever & { asked: string[] } {
  const asked: string[] = [];
  return {
    id: "ranker",
    asked,
    async retrieve(queries, { limit, skip = 0 }) {
      asked.push(...queries);
      return queries.map(() =>
        passages.map((passage, i) => ({ passage, score: 10 - i / 10, rank: i + 1 })).slice(skip, limit),
      );
    },
  };
}

const corpus = Array.from({ length: 60 }, (_, i) => madePassage(i));
// Its sources are p10 and p11.
const example = madeExample(1);
const source = madePassage(10);

async function lines(file: string): Promise<string[]> {
  return (await readFile(join(to, file), "utf8")).split("\n").slice(0, -1);
}
async function records(file: string): Promise<Record<string, string & string[] & number[]>[]> {
  return (await lines(file)).map((line) => JSON.parse(line));
}
function write(options: Partial<RetrievalExportOptions>) {
  return exportRetrieval({ splits: { train: [example] }, to, formats: ["triplets"], ...options });
}
const texts = (passages: readonly Passage[]) => passages.map(({ title, text }) => `${title} ${text}`);

describe("exportRetrieval", () => {
  it("takes the best of the ranks asked for as negatives, a row for each document that helps", async () => {
    const retriever = ranker([source, ...corpus.filter(({ id }) => id !== "p10")]);
    const report = await write({ retriever });
    const ranked = (await retriever.retrieve([""], { limit: 60 }))[0]!.map(({ passage }) => passage);
    // Rank 12 is the other source.
    const [n1, n2, n3, n4] = texts([ranked[10]!, ...ranked.slice(12, 15)]);
    const rows = example.documents.filter(({ role }) => role === "source");
    expect(await records("triplets/train.jsonl")).toEqual(
      texts(rows).map((positive) => ({
        anchor: example.question,
        positive,
        negative_1: n1,
        negative_2: n2,
        negative_3: n3,
        negative_4: n4,
      })),
    );
    expect(Object.keys((await records("triplets/train.jsonl"))[0]!).slice(0, 2)).toEqual(["anchor", "positive"]);
    expect(report.formats.triplets).toEqual({ questions: 1, withoutNegatives: 0, records: 2, leftOut: {} });
    expect(report.negatives).toMatchObject({ chosen: 4, refused: { source: 1, "too-near": 0 } });
  });

  it("refuses what states the answer, copies a source, or scores too near to the best source", async () => {
    const [stating, copy] = [
      { id: "s", title: "", text: `It is said that ${example.answer} stands there.` },
      { id: "c", title: "", text: `${source.text} And more.` },
    ];
    // Scores 9.9, 9.8 … of which 9.5 and less are 5% below the best.
    const near = corpus.slice(30, 34);
    const far = corpus.slice(40, 50);
    const ranked = [source, ...near, stating!, copy!, ...far];
    const report = await write({ retriever: ranker(ranked), negatives: { from: 1, to: 20, count: 1 } });
    const [row] = await records("triplets/train.jsonl");
    expect(row?.negative).toBe(texts(far)[0]);
    expect(report.negatives).toEqual({
      chosen: 1,
      refused: { source: 0, "near-copy": 1, "states-answer": 1, repeated: 0, "too-near": 5 },
    });
  });

  it.each([
    ["a share of the score", 0.1, 40],
    ["a difference", { absolute: 0.3 }, 33],
    ["none", false, 30],
  ] as const)("keeps as a margin %s", async (_, margin, first) => {
    const retriever = ranker([source, ...corpus.slice(30)]);
    await write({ retriever, negatives: { from: 2, to: 30, count: 1, margin }, overwrite: true });
    // p30 scores 9.9, p33 9.6, p39 9.0, p40 8.9: at most 9, at most 9.7 less what is shared.
    const expected = { 40: 39, 33: 32, 30: 30 }[first];
    expect((await records("triplets/train.jsonl"))[0]?.negative).toBe(texts([madePassage(expected)])[0]);
  });

  it("leaves a question out, and says why, where no source is ranked or negatives are too few", async () => {
    const unranked = await write({
      retriever: ranker(corpus.slice(30)),
      formats: ["triplets", "labelled-lists", "msmarco"],
    });
    const leftOut = { "helpful-not-ranked": 1 };
    expect(unranked.formats).toEqual({
      triplets: { questions: 0, withoutNegatives: 0, records: 0, leftOut },
      "labelled-lists": { questions: 0, withoutNegatives: 0, records: 0, leftOut },
      msmarco: { questions: 1, withoutNegatives: 1, records: 2, leftOut: {} },
    });
    const few = await write({ retriever: ranker([source, ...corpus.slice(30, 42)]), overwrite: true });
    expect(few.formats.triplets?.leftOut).toEqual({ "too-few-negatives": 1 });
    expect(await readdir(to)).not.toContain("triplets");
  });

  it("labels documents for rerankers, and has those that are of no help as negatives alone", async () => {
    const useless = madeExample(3, { paradigm: "useless-doc" });
    const formats = ["triplets", "labelled-pairs", "labelled-lists", "beir", "msmarco"] as const;
    const retriever = ranker([source, ...corpus.slice(30)]);
    const report = await write({ splits: { train: [example, useless] }, retriever, formats });
    const pairs = await records("labelled-pairs/train.jsonl");
    expect(pairs.map(({ label }) => label)).toEqual([1, 1, 0, 0, 0, 0, 0, 0]);
    const ofUseless = pairs.filter(({ query }) => query === useless.question);
    expect(ofUseless.map(({ document }) => document).sort()).toEqual(texts([madePassage(30), madePassage(31)]));
    const lists = await records("labelled-lists/train.jsonl");
    expect(lists.map(({ query, docs, labels }) => [query, docs!.length, labels])).toEqual([
      [example.question, 6, [1, 1, 0, 0, 0, 0]],
    ]);
    const leftOut = { "no-helpful-document": 1 };
    for (const format of ["triplets", "labelled-lists", "beir", "msmarco"] as const)
      expect(report.formats[format], format).toMatchObject({ questions: 1, leftOut });
    expect(report.formats["labelled-pairs"]).toEqual({ questions: 2, withoutNegatives: 1, records: 8, leftOut: {} });
  });

  it("takes what a paradigm of one's own says of its documents", async () => {
    const helps = (paradigm: string) => paradigm !== "multi-doc-answer";
    const report = await write({ retriever: ranker([source, ...corpus.slice(30)]), helps });
    expect(report.formats.triplets?.leftOut).toEqual({ "no-helpful-document": 1 });
  });

  it("has the noise of an example as its negatives where nothing ranks, best rank first", async () => {
    const noise = example.documents.filter(({ role }) => role === "noise").sort((a, b) => a.rank! - b.rank!);
    await write({ negatives: { count: 2 } });
    const [row] = await records("triplets/train.jsonl");
    expect([row?.negative_1, row?.negative_2]).toEqual(texts(noise.slice(0, 2)));
    await write({ negatives: { count: 2, from: 205, to: 207 }, overwrite: true });
    const [other] = await records("triplets/train.jsonl");
    expect([other?.negative_1, other?.negative_2]).toEqual(texts(noise.slice(3, 5)));
    expect(noise[3]!.rank).toBe(205);
  });

  it("writes the corpus of BEIR and MS MARCO whole and once, and judgements by part", async () => {
    const [second, third] = [madeExample(2), madeExample(4, { question: "Which\tquay\nis it?" })];
    const splits = { train: [example], validation: [second], test: [third] };
    const passages = memoryPassages(corpus);
    const retriever = ranker([source, madePassage(20), madePassage(40), ...corpus.slice(45)]);
    const report = await write({
      splits,
      passages,
      retriever,
      formats: ["beir", "msmarco"],
      negatives: { from: 4, margin: false },
    });
    expect(report.files.map(({ path }) => path.slice(to.length + 1)).sort()).toEqual([
      "beir/corpus.jsonl",
      "beir/qrels/dev.tsv",
      "beir/qrels/test.tsv",
      "beir/qrels/train.tsv",
      "beir/queries.jsonl",
      "msmarco/collection.tsv",
      "msmarco/passage-ids.tsv",
      "msmarco/qidpidtriples.dev.tsv",
      "msmarco/qidpidtriples.test.tsv",
      "msmarco/qidpidtriples.train.tsv",
      "msmarco/qrels.dev.tsv",
      "msmarco/qrels.test.tsv",
      "msmarco/qrels.train.tsv",
      "msmarco/queries.dev.tsv",
      "msmarco/queries.test.tsv",
      "msmarco/queries.train.tsv",
      "msmarco/query-ids.tsv",
    ]);
    const written = await records("beir/corpus.jsonl");
    expect(written.map(({ _id }) => _id).sort()).toEqual(corpus.map(({ id }) => id).sort());
    expect(written.find(({ _id }) => _id === "p7")).toEqual({ _id: "p7", ...titleAndText(7), metadata: {} });
    expect(await records("beir/queries.jsonl")).toContainEqual({ _id: "e4", text: third.question, metadata: {} });
    const [heading, ...judged] = await lines("beir/qrels/dev.tsv");
    expect(heading).toBe("query-id\tcorpus-id\tscore");
    expect(judged.sort()).toEqual(["e2\tp20\t1", "e2\tp21\t1"]);

    const ids = (await lines("msmarco/passage-ids.tsv")).map((line) => line.split("\t"));
    expect(ids.map(([number]) => Number(number))).toEqual(corpus.map((_, i) => i));
    const collection = await lines("msmarco/collection.tsv");
    const p7 = ids.find(([, id]) => id === "p7")![0];
    expect(collection[Number(p7)]).toBe(`${p7}\t${texts([madePassage(7)])[0]}`);
    expect(await lines("msmarco/queries.test.tsv")).toEqual(["2\tWhich quay is it?"]);
    const idOf = (number: string | undefined) => ids[Number(number)]![1];
    const [qrel] = (await lines("msmarco/qrels.test.tsv")).map((line) => line.split("\t"));
    expect([qrel![0], qrel![1], qrel![3]]).toEqual(["2", "0", "1"]);
    expect(["p40", "p41"]).toContain(idOf(qrel![2]));
    const triples = (await lines("msmarco/qidpidtriples.test.tsv")).map((line) => line.split("\t"));
    expect(triples.map(([, , negative]) => idOf(negative))).toEqual([
      "p45",
      "p46",
      "p47",
      "p48",
      "p45",
      "p46",
      "p47",
      "p48",
    ]);
  });

  it("keeps apart parts that have been called `dev` and `validation`", async () => {
    const splits = { dev: [example], validation: [madeExample(2)] };
    const report = await write({ splits, formats: ["beir", "msmarco"] });
    const names = report.files.map(({ path }) => path.slice(to.length + 1));
    expect(new Set(names).size).toBe(names.length);
    for (const [part, id] of [
      ["dev", "e1"],
      ["validation", "e2"],
    ]) {
      const [heading, ...judged] = await lines(`beir/qrels/${part}.tsv`);
      expect([heading, ...judged.map((row) => row.split("\t")[0])]).toEqual(["query-id\tcorpus-id\tscore", id, id]);
      expect(await lines(`msmarco/queries.${part}.tsv`)).toHaveLength(1);
    }
  });

  it("writes a line each into tables that know no quotes, whatever an id, a title or a question holds", async () => {
    const odd = 'a "b"\r\n\tc\u2028d e';
    const documents = example.documents.map((document) => ({ ...document, id: `${document.id} ${odd}`, title: odd }));
    const made = madeExample(1, { id: odd, question: odd, documents, sourceIds: undefined });
    await write({ splits: { train: [made] }, formats: ["msmarco", "beir"] });
    for (const [name, fields] of [
      ["collection", 2],
      ["passage-ids", 2],
      ["query-ids", 2],
      ["queries.train", 2],
      ["qrels.train", 4],
      ["qidpidtriples.train", 3],
    ] as const) {
      const text = await readFile(join(to, `msmarco/${name}.tsv`), "utf8");
      for (const line of text.split(/\r\n|[\r\n\u2028]/).slice(0, -1))
        expect(line.split("\t"), name).toHaveLength(fields);
    }
    expect(await lines("msmarco/queries.train.tsv")).toEqual(['0\ta "b" c d e']);
    expect((await records("beir/queries.jsonl"))[0]).toMatchObject({ _id: odd, text: odd });
  });

  it("keeps apart documents that have one id and two texts, and quotes ids that need it", async () => {
    const other = { ...madePassage(10), text: "Quite another text." };
    const odd = { id: 'a\t"b"', title: "", text: "An odd id." };
    const documents = [{ ...odd, role: "source" as const }, ...example.documents.slice(1)];
    const moved: TrainingExample = { ...example, documents, sourceIds: [] };
    const passages = memoryPassages([other, ...corpus.filter(({ id }) => id !== "p10")]);
    await write({ splits: { train: [{ ...example }], test: [{ ...moved, id: "e9" }] }, passages, formats: ["beir"] });
    const written = await records("beir/corpus.jsonl");
    expect(new Set(written.map(({ _id }) => _id)).size).toBe(written.length);
    expect(written.filter(({ _id }) => _id!.startsWith("p10")).map(({ text }) => text)).toEqual([
      source.text,
      "Quite another text.",
    ]);
    expect(await lines("beir/qrels/test.tsv")).toContain('e9\t"a\t""b"""\t1');
  });

  it("has the documents of the examples as the corpus where there is no other", async () => {
    await write({ splits: { train: [example, madeExample(1, { id: "again" })] }, formats: ["beir"] });
    const ids = (await records("beir/corpus.jsonl")).map(({ _id }) => _id).sort();
    expect(ids).toEqual(example.documents.map(({ id }) => id).sort());
  });

  it("leaves nothing behind when it fails, overwrites nothing unless told, and refuses what makes no sense", async () => {
    const flawed = madeExample(7, { answer: "" });
    await expect(write({ splits: { train: [example, flawed] }, formats: ["triplets", "beir"] })).rejects.toThrow(
      /example e7: the answer is empty/,
    );
    expect((await readdir(to, { recursive: true, withFileTypes: true })).filter((one) => one.isFile())).toEqual([]);
    const report = await write({ splits: { train: [example, flawed] }, flawed: "leave-out" });
    expect([report.examples, report.flawed]).toEqual([2, { "empty-answer": 1 }]);
    await expect(write({})).rejects.toSatisfy((error) => RagInstructError.is(error, "file-exists"));
    for (const negatives of [{ from: 20, to: 22 }, { count: 0 }, { margin: -1 }, { from: 0, to: 9 }])
      await expect(write({ negatives, overwrite: true }), JSON.stringify(negatives)).rejects.toThrow(/negatives: /);
    await expect(write({ formats: ["xml" as "beir"] })).rejects.toThrow(/no format for retrievers is called xml/);
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(write({ signal: stop.signal, overwrite: true })).rejects.toThrow("enough");
  });

  it("ranks no question for formats without negatives", async () => {
    const retriever = ranker(corpus);
    await write({ retriever, formats: ["beir"] });
    expect(retriever.asked).toEqual([]);
  });
});

function titleAndText(number: number) {
  const { title, text } = madePassage(number);
  return { title, text };
}
