import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filterExemplars } from "./filter-exemplars.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "filter-exemplars-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("filterExemplars", () => {
  it("keeps an exemplar that brings its documents, whatever it asks, and the order of the file", async () => {
    const context = [{ id: "1", title: "T", text: "A text." }];
    const code = "Write a Python function that reverses a list.";
    const rows = [
      { context, example_question: code, task: "Single-Doc Useless", source: "s" },
      { example_question: `${code} Explain it.`, task: "Single-Doc Useless", source: "s" },
      { context, example_question: "Sort these words: b, a.", task: "Single-Doc Answer", source: "s" },
      { example_question: "Who founded the city of Kyiv?", source: "s" },
      { context, example_question: "Translate this to French: hello.", source: "s" },
    ];
    const path = join(folder, "data.json");
    await writeFile(path, JSON.stringify(rows.map((row) => ({ context: [], ...row }))));
    const outcomes = await Array.fromAsync(filterExemplars(path));
    expect(outcomes.map(({ status }) => status)).toEqual(["accepted", "rejected", "accepted", "accepted", "accepted"]);
    const asked = outcomes.map((outcome) => (outcome.status === "accepted" ? outcome.value.question : outcome.id));
    expect([asked[0], asked[2], asked[4]]).toEqual([rows[0], rows[2], rows[4]].map((row) => row!.example_question));
  });
});
