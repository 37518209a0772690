import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ReadPairsOptions, readPairs } from "./given-pairs.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-pairs-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function read(content: unknown, options: ReadPairsOptions = {}) {
  const path = join(folder, `${files++}.${typeof content === "string" ? "jsonl" : "json"}`);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return Array.fromAsync(readPairs(path, options));
}

const passage = { id: "8621", title: "Bridge", text: "It was painted in 1803." };

it("reads what the published generator writes: a record a file, its scenario, its misspelt score, without the example's options", async () => {
  const record = {
    context: [
      { ...passage, id: 8621, socre: 1.5 },
      { ...passage, id: 8621, socre: 1.5 },
    ],
    source: "slimOcar",
    example_question: "Which is it?",
    Options: ["red", "green"],
    task: "Single-Doc Useless",
    "q*": "When was it painted?",
    "a*": 1803,
    prompt: "…",
  };
  await mkdir(join(folder, "out"));
  for (const i of [0, 1]) await writeFile(join(folder, `out/output_${i}.json`), JSON.stringify(record, null, 4));
  const pairs = await Array.fromAsync(
    readPairs([join(folder, "out/output_0.json"), join(folder, "out/output_1.json")]),
  );
  expect(pairs).toHaveLength(2);
  expect(pairs[0]).toEqual({
    id: pairs[1]!.id,
    paradigm: "useless-doc",
    exemplarId: "",
    question: "When was it painted?",
    answer: "1803",
    documents: [passage],
    model: "unknown",
  });
});

it.each([
  ["documents as texts", { question: "Q?", answer: "A.", documents: ["One.", "Two."] }, ["One.", "Two."]],
  ["a context of title and text", { "q*": "Q?", "a*": "A.", context: ["Bridge", "One."] }, ["One."]],
  ["a context of texts", { question: "Q?", answer: "A.", context: ["One.", "Two."] }, ["One.", "Two."]],
  [
    "an example, without its noise",
    {
      question: "Q?",
      answer: "A.",
      documents: [
        { ...passage, role: "source" },
        { text: "No.", role: "noise" },
      ],
    },
    [passage.text],
  ],
  ["an id of no text", { question: "Q?", answer: "A.", documents: [{ ...passage, id: null }] }, [passage.text]],
])("reads %s", async (_, record, texts) => {
  const [pair] = await read([record], { paradigm: "mine" });
  expect([pair!.paradigm, pair!.documents.map(({ text }) => text)]).toEqual(["mine", texts]);
  expect(pair!.documents.every(({ id }) => id.length > 3)).toBe(true);
});

it.each([
  [{ "q*": "Q?", "a*": null, context: [passage] }, /:2: a pair needs a `a\*` with text/],
  [{ "q*": "", "a*": "A.", context: [passage] }, /:2: a pair needs a `q\*` with text/],
  [{ question: "Q?", answer: "A." }, /:2: a pair needs `documents`/],
  [{ question: "Q?", answer: "A.", context: [{ title: "T" }] }, /:2: a document needs a `text`/],
  [
    { question: "Q?", answer: "A.", documents: ["x"], options: [1], paradigm: "p" },
    /:2: `options` must be a list of texts/,
  ],
  [{ question: "Q?", answer: "A.", documents: ["x"], task: "trivia" }, /:2: a pair must name its `paradigm`/],
  ["plain", /:2: a pair must be an object/],
])("says of %j what is wrong, with file and line", async (record, message) => {
  const good = { question: "Q?", answer: "A.", documents: [passage], task: "Multi-Doc Answer" };
  await expect(read([good, record].map((each) => JSON.stringify(each)).join("\n"))).rejects.toThrow(message);
});
