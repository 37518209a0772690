import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { breakDown } from "./accuracy.ts";
import { findBenchmark } from "./benchmarks.ts";
import { renderBenchmarkPrompt } from "./prompt.ts";
import { readBenchmark } from "./read-benchmark.ts";
import { scoreAnswer } from "./score-answers.ts";

const documents = [{ id: "d", title: "", text: "The light of Skaw was lit in 1828.", role: "source" }];
const first = {
  id: "a",
  paradigm: "single-doc-answer",
  question: "When was the light of Skaw lit?",
  answer: "1828",
  documents,
};
const second = {
  ...first,
  id: "b",
  question: "How high is its tower?",
  answer: "31 metres",
  history: [{ question: first.question, answer: first.answer }],
};
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "turns-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function itemsOf(examples: readonly object[]) {
  const file = join(folder, "test.jsonl");
  await writeFile(file, examples.map((example) => `${JSON.stringify(example)}\n`).join(""));
  return Array.fromAsync(readBenchmark({ benchmark: "held-out", from: file }));
}

it("held-out examples of conversations are asked after the turns before them, and broken down by turn", async () => {
  const [one, other] = await itemsOf([first, second]);
  expect(renderBenchmarkPrompt("held-out", one!)).toMatch(/### Instruction:\nWhen was the light of Skaw lit\?\n$/);
  expect(renderBenchmarkPrompt("held-out", other!)).toMatch(
    /### Instruction:\nWhen was the light of Skaw lit\?\n1828\nHow high is its tower\?\n$/,
  );
  const scored = [one!, other!].map((item) => scoreAnswer(findBenchmark("held-out"), item, { output: "In 1828" }));
  const byTurn = breakDown(scored).find(({ by }) => by === "turn");
  expect(byTurn?.parts.map(({ name, mean }) => [name, mean])).toEqual([
    ["1", 1],
    ["2", 0],
  ]);
});

it("a set without conversations says nothing of turns", async () => {
  const [one] = await itemsOf([first]);
  const scored = scoreAnswer(findBenchmark("held-out"), one!, { output: "In 1828" });
  expect(breakDown([scored]).map(({ by }) => by)).toEqual(["paradigm"]);
});
